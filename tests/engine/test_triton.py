"""The kernels of the triton backend, in triton's interpreter, and compiled for a GPU."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from graphs import assert_close, needs_triton, random_tree, structure_of, structures
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.cells import GRU, LSTM, ChildSumLSTM, Elman, MatrixVector, States
from treernn.engine import run
from treernn.engine.triton.available import why_not_on
from treernn.errors import InputError
from treernn.structure import chain, compile_chains, compile_plan, tree
from treernn.types import Tree

pytestmark = needs_triton

INPUT, HIDDEN = 3, 2
COMPILER = Path(__file__).parents[1] / "helpers" / "kernel_compiler.py"
CELLS = {
    "lstm": LSTM,
    "lstm unary": functools.partial(LSTM, arity=1),
    "lstm ternary": functools.partial(LSTM, arity=3),
    "child-sum-lstm": ChildSumLSTM,
    "gru": GRU,
    "gru unary": functools.partial(GRU, arity=1),
    "gru child-sum": functools.partial(GRU, arity=None),
    "elman": Elman,
    "elman unary": functools.partial(Elman, arity=1),
    "elman relu child-sum": functools.partial(Elman, arity=None, nonlinearity="relu"),
}
every_cell = pytest.mark.parametrize("name", CELLS)
DAG = structure_of(8, [(0, 4, 0), (1, 4, 1), (2, 5, 0), (4, 6, 0), (5, 6, 1), (4, 7, 1)])


def cell_of(name, dtype=torch.double, hidden=HIDDEN):
    torch.manual_seed(0)
    cell = CELLS[name](INPUT, hidden).to(dtype)
    with torch.no_grad():
        for weight in cell.parameters():
            weight.normal_(std=0.7)
    return cell


def inputs_of(count, dtype=torch.double):
    generator = torch.Generator().manual_seed(count)
    return torch.randn(count, INPUT, generator=generator, dtype=dtype).requires_grad_()


def results(cell, plan, x, backend, initial=None):
    """States, and the gradients of a sum in which every number has a weight of its own."""
    states = [state for state in run(cell, plan, x, backend, initial) if state is not None]
    loss = sum(
        (state * torch.linspace(-1, 1, state.numel(), dtype=state.dtype).view_as(state)).sum()
        for state in states
    )
    wanted = [x, *(state for state in initial or () if state is not None), *cell.parameters()]
    grads = torch.autograd.grad(loss, wanted, allow_unused=True)
    return [*states, *(grad for grad in grads if grad is not None)]


def assert_equal_to_levels(cell, plan, x, tolerance=1e-9, initial=None):
    expected = results(cell, plan, x, "levels", initial)
    for result, other in zip(results(cell, plan, x, "triton", initial), expected, strict=True):
        assert_close(result, other, tolerance)


@every_cell
@settings(max_examples=4)
@given(data=st.data())
def test_random_structures(name, data):
    cell = cell_of(name)
    batch = data.draw(st.lists(structures(cell.arity or 4), min_size=1, max_size=2))
    plan = compile_plan(batch, "arrays")
    count = data.draw(st.sampled_from([0, 1, plan.num_leaves, plan.num_nodes]))
    assert_equal_to_levels(cell, plan, inputs_of(count))


@every_cell
@pytest.mark.parametrize("hidden", [17, 40])  # more than a block of columns; than one of the depth
def test_sizes_that_fill_no_block(name, hidden):
    cell = cell_of(name, torch.float, hidden)
    rng = np.random.default_rng(1)
    arity = cell.arity or 3
    batch = [random_tree(rng, 3, arity) if arity > 1 else chain(2) for _ in range(17)]
    plan = compile_plan(batch, "arrays")
    assert_equal_to_levels(cell, plan, inputs_of(plan.num_leaves, torch.float), 1e-4)


def test_large_blocks(monkeypatch):
    from treernn.engine.triton import blocks

    monkeypatch.setattr(blocks, "_FEW_ROWS", 1)
    rng = np.random.default_rng(2)
    plan = compile_plan([random_tree(rng, 3) for _ in range(40)], "arrays")
    assert_equal_to_levels(cell_of("lstm", hidden=34), plan, inputs_of(plan.num_leaves))


@pytest.mark.parametrize("name", [name for name in CELLS if "ary" not in name])
def test_gradcheck(name):
    cell = cell_of(name)
    batch = [chain(3), chain(2)] if cell.arity == 1 else [DAG, chain(1)]
    plan = compile_plan(batch, "arrays")

    class Rerun(torch.autograd.Function):
        """The engine, with its forward pass repeated before each backward pass."""

        @staticmethod
        def forward(ctx, *tensors):
            ctx.save_for_backward(*tensors)
            return tuple(s for s in run(cell, plan, tensors[0], "triton") if s is not None)

        @staticmethod
        def backward(ctx, *grads):
            with torch.enable_grad():
                x = ctx.saved_tensors[0].detach().requires_grad_()
                states = [s for s in run(cell, plan, x, "triton") if s is not None]
            return torch.autograd.grad(states, [x, *cell.parameters()], grads)

    tensors = inputs_of(plan.num_nodes), *cell.parameters()
    assert torch.autograd.gradcheck(Rerun.apply, tensors, fast_mode=True)


@every_cell
def test_the_definition(name):
    """``Cell.forward``, node by node, from initial states at the leaves; without gradients."""
    cell = cell_of(name)
    rng = np.random.default_rng(4)
    batch = [chain(4)] if cell.arity == 1 else [random_tree(rng, 5, cell.arity or 3)]
    plan = compile_plan(batch, "arrays")
    sizes = (HIDDEN, cell.memory_size)[: 1 + cell.has_memory]
    tables = [list(torch.randn(plan.num_leaves, size).double()) for size in sizes]
    initial = States(*[torch.stack(table) for table in tables], *[None] * (2 - len(tables)))
    x = inputs_of(plan.num_inner)
    with torch.no_grad():
        h = run(cell, plan, x, "triton", initial).h
        offsets = plan.offsets.tolist()
        for node in range(plan.num_inner):
            edges = slice(offsets[node], offsets[node + 1])
            slots = range(len(plan.children[edges])) if cell.arity is None else plan.slots[edges]
            given_states = []
            for table in tables:
                states = torch.zeros(1, cell.arity or len(slots), HIDDEN).double()
                for slot, child in zip(slots, plan.children[edges].tolist(), strict=True):
                    states[0, slot] = table[child]
                given_states.append(states)
            for table, state in zip(tables, cell(x[node][None], *given_states), strict=False):
                table.append(state[0])
    assert_close(h, torch.stack(tables[0]))


@every_cell
def test_initial_states(name):
    cell = cell_of(name)
    batch = [chain(4), chain(2)] if cell.arity == 1 else [DAG]
    plan = compile_plan(batch, "arrays")
    h, c = (torch.randn(plan.num_leaves, HIDDEN).double().requires_grad_() for _ in range(2))
    initial = States(h, c if cell.has_memory else None)
    assert_equal_to_levels(cell, plan, inputs_of(plan.num_inner), initial=initial)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", [name for name in CELLS if name.endswith("unary")])
def test_chains_of_different_lengths(name, reverse):
    """Chains whose children are slices, and the same from the last step to the first."""
    plan = compile_chains([3, 1, 5], reverse)
    assert plan.child_slices is not None
    assert_equal_to_levels(cell_of(name), plan, inputs_of(plan.num_nodes))


@pytest.mark.parametrize("name", [name for name in CELLS if not name.endswith("unary")])
def test_from_the_roots_to_the_leaves(name):
    rng = np.random.default_rng(5)
    plan = compile_plan([random_tree(rng, 5), random_tree(rng, 1)], "arrays").top_down
    assert_equal_to_levels(cell_of(name), plan, inputs_of(plan.num_nodes))


@pytest.mark.parametrize("name", [name for name in CELLS if name in ("lstm", "child-sum-lstm")])
def test_recurrent_dropout(name):
    cell = cell_of(name).train()
    cell.recurrent_dropout = 0.4
    plan, x = compile_plan([DAG], "arrays"), inputs_of(8)
    both = []
    for backend in "levels", "triton":
        torch.manual_seed(1)
        both.append(results(cell, plan, x, backend))
    for result, expected in zip(*both, strict=True):
        assert_close(result, expected)


@pytest.mark.parametrize("used", ["h", "c"])
def test_losses_on_one_kind_of_state(used):
    cell, plan, x = cell_of("lstm"), compile_plan([DAG], "arrays"), inputs_of(8)
    grads = [
        torch.autograd.grad(getattr(run(cell, plan, x, backend), used).sum(), [x])
        for backend in ("levels", "triton")
    ]
    assert_close(*grads)


@every_cell
def test_leaves_only(name):
    plan = compile_plan([chain(1)] * 2, "arrays")
    for count in 0, 1, 2:
        assert_equal_to_levels(cell_of(name), plan, inputs_of(count))


def test_a_cell_without_kernels():
    plan = compile_plan([chain(3)], "arrays")
    cell = MatrixVector(INPUT, HIDDEN)
    expected = r"^the triton backend has no kernels for the cell matrix-vector; use the levels"
    with pytest.raises(InputError, match=expected):
        run(cell, plan, torch.zeros(3, INPUT), "triton")


def test_children_that_do_not_fit():
    plan = compile_plan([tree(Tree(("a", "b", "c"), ((0, 1, 2),)))], "arrays")
    with pytest.raises(InputError, match=r"^a node has 3 children, the cell takes 2: binarise"):
        run(cell_of("lstm"), plan, inputs_of(3), "triton")


def test_on_a_cpu_the_default_is_levels(monkeypatch):
    monkeypatch.setattr("treernn.engine.triton.available.kernels_of", None)
    plan = compile_plan([chain(3)], "arrays")
    run(cell_of("lstm"), plan, inputs_of(3))


def python(program, *args, **environment):
    """Output of a program, in whose process triton is not in its interpreter."""
    process = subprocess.run(
        [sys.executable, *program, *args],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TRITON_INTERPRET": "0", **environment},
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()


PROGRAM = """
import torch
from treernn.cells import LSTM
from treernn.engine import run
from treernn.errors import InputError
from treernn.structure import chain, compile_plan

cell, plan, x = LSTM(3, 2, 1), compile_plan([chain(4)]), torch.zeros(4, 3)
run(cell, plan, x).h.sum().backward()
try:
    run(cell, plan, x, "triton")
except InputError as error:
    print(error)
"""
PREVENT_IMPORT = {
    "missing": "import sys; sys.modules['triton'] = None\n",
    "without interpreter": "",
}
REASONS = {
    "missing": "triton cannot be imported here (import of triton halted; None in sys.modules)",
    "without interpreter": "the triton backend is for CUDA devices, the cell is on cpu",
}


@pytest.mark.parametrize("reason", PREVENT_IMPORT)
def test_where_triton_cannot_run(reason):
    (line,) = python(["-c", PREVENT_IMPORT[reason] + PROGRAM])
    assert line == f"{REASONS[reason]}; use the levels backend"


@pytest.mark.parametrize(
    "size", [[], pytest.param(["--large"], marks=pytest.mark.slow)], ids=["small", "large"]
)
def test_compiling_for_a_gpu(size, tmp_path):
    """A GPU refuses much that the interpreter computes; this compiles to its machine code."""
    names = {name.split()[0] for name in CELLS}
    lines = python([COMPILER], *sorted(names), *size, TRITON_CACHE_DIR=str(tmp_path))
    assert len(lines) > 4 * len(names)
    stacks = [int(re.search(r"(\d+) bytes of stack", line)[1]) for line in lines]
    assert max(stacks) < 64, lines  # hardly a register is spilled


def test_the_interpreter_is_on():
    assert why_not_on(torch.device("cpu")) is None


ON_A_GPU = """
import numpy as np
import torch
from graphs import assert_close, random_tree
from treernn.cells import GRU, LSTM, ChildSumLSTM, Elman
from treernn.engine import engine, run
from treernn.structure import compile_chains, compile_plan

rng = np.random.default_rng(0)
trees = compile_plan([random_tree(rng, int(rng.integers(1, 25))) for _ in range(300)], "arrays")
chains = compile_chains(rng.integers(1, 25, 300))
cells = (LSTM, trees, {}), (ChildSumLSTM, trees, {}), (GRU, trees, {}), (Elman, trees, {})
cells += tuple((kind, chains, {"arity": 1}) for kind in (LSTM, GRU, Elman))
for kind, plan, options in cells:
    torch.manual_seed(0)
    cell = kind(300, 150, **options)
    x = torch.randn(plan.num_leaves if plan is trees else plan.num_nodes, 300)
    both = []
    for device in "cpu", "cuda":
        own_cell, own_plan = cell.to(device), plan.to(device)
        own_x = x.to(device).requires_grad_()
        if device == "cuda":
            assert engine._steps(own_cell, "auto") is not own_cell
        h = run(own_cell, own_plan, own_x).h
        grads = torch.autograd.grad(h.square().mean(), [own_x, *own_cell.parameters()])
        both.append([h.cpu(), *(grad.cpu() for grad in grads)])
    for result, expected in zip(*both, strict=True):
        assert_close(result, expected, 1e-5)
    print(kind.name)
"""


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU")
def test_on_a_gpu():
    """The default backend there equals that of the CPU."""
    helpers = str(COMPILER.parent)
    assert len(python(["-c", ON_A_GPU], PYTHONPATH=helpers)) == 7
