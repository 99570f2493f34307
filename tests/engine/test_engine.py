import functools
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from graphs import assert_close, needs_dgl, needs_triton, random_tree, structure_of
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.cells import CELLS, GRU, LSTM, Elman, States
from treernn.cells.tape import borrow, give_back
from treernn.engine import run
from treernn.errors import InputError
from treernn.structure import chain, compile_plan, tree
from treernn.types import Tree

INPUT, HIDDEN = 5, 4
VARIANTS = {
    **CELLS,
    "elman relu child-sum": functools.partial(Elman, arity=None, nonlinearity="relu"),
    "gru child-sum": functools.partial(GRU, arity=None),
}
every_cell = pytest.mark.parametrize("name", VARIANTS)
TRITON = pytest.param("triton", marks=needs_triton)
BACKENDS = ["levels", pytest.param("dgl", marks=needs_dgl)]


def cell_of(name, dtype=torch.double, hidden=HIDDEN):
    torch.manual_seed(0)
    return VARIANTS[name](INPUT, hidden).to(dtype)


def plan_of(structures):
    return compile_plan(structures, "arrays")


def inputs_of(plan, seed=0, dtype=torch.double, count=None):
    generator = torch.Generator().manual_seed(seed)
    count = plan.num_nodes if count is None else count
    return torch.randn(count, INPUT, generator=generator, dtype=dtype).requires_grad_()


def random_trees(seed, count, arity=2):
    rng = np.random.default_rng(seed)
    return [random_tree(rng, int(rng.integers(1, 15)), arity) for _ in range(count)]


def random_dag(rng, slots):
    num_nodes = int(rng.integers(1, 12))
    edges = [
        (int(rng.integers(0, parent)), parent, slot)
        for parent in range(1, num_nodes)
        for slot in range(slots)
        if rng.random() < 0.6
    ]
    return structure_of(num_nodes, edges)


def results(cell, plan, x, backend="levels"):
    """States, and the gradients of a sum in which every number has a weight of its own."""
    states = [state for state in run(cell, plan, x, backend) if state is not None]
    loss = sum(
        (state * torch.sin(torch.arange(state.numel())).view_as(state)).sum() for state in states
    )
    return [*states, *torch.autograd.grad(loss, [x, *cell.parameters()])]


def assert_all_close(results, expected, tolerance=1e-9):
    for result, other in zip(results, expected, strict=True):
        assert_close(result, other, tolerance)


@needs_dgl
@every_cell
@settings(max_examples=10)
@given(seed=st.integers(0, 2**31), fraction=st.sampled_from([0.0, 0.5, 1.0, None]))
def test_backends_agree(name, seed, fraction):
    rng = np.random.default_rng(seed)
    cell = cell_of(name)
    slots = cell.arity or 4
    plan = plan_of([random_dag(rng, slots), *random_trees(seed, 2, slots)])
    count = plan.num_leaves if fraction is None else int(fraction * plan.num_nodes)
    for dtype, tolerance in ((torch.double, 1e-9), (torch.float, 1e-5)):
        cell, x = cell.to(dtype), inputs_of(plan, seed, dtype, count)
        assert_all_close(results(cell, plan, x), results(cell, plan, x, "dgl"), tolerance)


@needs_dgl
@pytest.mark.parametrize("dtype", [torch.double, torch.float])
@every_cell
def test_backends_agree_on_a_treebank(name, dtype, sst_dev):
    plan = plan_of([tree(parsed) for parsed in sst_dev[:40]])
    cell = cell_of(name, dtype, hidden=20)
    x = inputs_of(plan, 0, dtype, plan.num_leaves)
    states, others = (run(cell, plan, x, backend) for backend in ("levels", "dgl"))
    tolerance = 1e-9 if dtype == torch.double else 1e-5
    assert_close(states.h, others.h, tolerance)
    # a mean, as in training, so that gradients are of the order of one
    grads, expected = (
        torch.autograd.grad(either.h.square().mean(), [x, *cell.parameters()])
        for either in (states, others)
    )
    assert_all_close(grads, expected, tolerance)


@every_cell
@settings(max_examples=20)
@given(seed=st.integers(0, 2**31))
def test_a_batch_equals_its_structures_one_by_one(name, seed):
    cell = cell_of(name)
    structures = random_trees(seed, 5, cell.arity or 4)
    plan = plan_of(structures)
    x = inputs_of(plan, seed)
    h = run(cell, plan, x).h[plan.rank]
    h.square().sum().backward()
    grads = [weight.grad.clone() for weight in cell.parameters()]
    d_x = x.grad[plan.rank]

    cell.zero_grad()
    first = 0
    for structure in structures:
        nodes = slice(first, first + structure.num_nodes)
        first = nodes.stop
        single = plan_of([structure])
        x_single = x.detach()[plan.rank][nodes][single.order].requires_grad_()
        h_single = run(cell, single, x_single).h[single.rank]
        assert_close(h_single, h[nodes])
        h_single.square().sum().backward()
        assert_close(x_single.grad[single.rank], d_x[nodes])
    assert_all_close([weight.grad for weight in cell.parameters()], grads)


@pytest.mark.parametrize("shape", ["tree", "reversed chain"])
@every_cell
def test_ten_thousand_deep(name, shape):
    depth = 10_000
    if shape == "tree":  # leans to the left
        pairs = [(0, 1), *((depth + k, k + 2) for k in range(depth - 2))]
        structure = tree(Tree(("w",) * depth, tuple(pairs)))
    else:
        structure = chain(depth, reverse=True)
    plan = plan_of([structure])
    assert len(plan.levels) == depth - 1
    cell = cell_of(name)
    x = inputs_of(plan)
    h = run(cell, plan, x).h
    h[plan.roots].sum().backward()
    assert torch.isfinite(h).all()
    assert torch.isfinite(x.grad).all()
    assert x.grad[plan.roots].abs().sum() > 0


@every_cell
def test_forward_pass_without_gradients(name):
    cell = cell_of(name)
    plan = plan_of(random_trees(1, 6))
    x = inputs_of(plan)
    expected = run(cell, plan, x).h
    with torch.no_grad():
        assert_close(run(cell, plan, x).h, expected)
    with torch.inference_mode():
        assert_close(run(cell, plan, x).h, expected)
    assert not run(cell.requires_grad_(False), plan, x.detach()).h.requires_grad


@every_cell
def test_results_do_not_change_when_the_engine_runs_again(name):
    cell = cell_of(name)
    plan, other = plan_of(random_trees(1, 6)), plan_of(random_trees(2, 9))
    with torch.no_grad():
        h = run(cell, plan, inputs_of(plan)).h
        copy = h.clone()
        run(cell, other, inputs_of(other))
    assert torch.equal(h, copy)


@every_cell
def test_several_forward_passes_before_one_backward_pass(name):
    cell = cell_of(name)
    plans = [plan_of(random_trees(seed, 6)) for seed in range(3)]
    inputs = [inputs_of(plan, seed) for seed, plan in enumerate(plans)]
    expected = [results(cell, plan, x)[-3:] for plan, x in zip(plans, inputs, strict=True)]
    for _ in range(2):  # the second time with existing buffers
        cell.zero_grad()
        states = [run(cell, plan, x) for plan, x in zip(plans, inputs, strict=True)]
        with torch.no_grad():
            run(cell, plans[0], inputs[0])
        loss = sum(
            (state * torch.sin(torch.arange(state.numel())).view_as(state)).sum()
            for pair in states
            for state in pair
            if state is not None
        )
        grads = torch.autograd.grad(loss, tuple(cell.parameters()))[-3:]
        assert_all_close(grads, map(sum, zip(*expected, strict=True)))


@every_cell
def test_gradients_of_some_inputs_only(name):
    cell = cell_of(name)
    plan = plan_of(random_trees(3, 6))
    x = inputs_of(plan)
    full = torch.autograd.grad(run(cell, plan, x).h.sum(), [x, *cell.parameters()])
    (d_x,) = torch.autograd.grad(run(cell, plan, x).h.sum(), [x])
    assert_close(d_x, full[0])
    cell.weight_input.requires_grad_(False)
    (d_U,) = torch.autograd.grad(run(cell, plan, x.detach()).h.sum(), [cell.weight_children])
    assert_close(d_U, full[2])


@pytest.mark.parametrize("used", ["h", "c", "both"])
@pytest.mark.parametrize("name", ["lstm", "child-sum-lstm", "matrix-vector"])
def test_losses_on_hidden_states_or_memory_cells(name, used):
    cell = cell_of(name)
    plan = plan_of(random_trees(3, 6))
    x = inputs_of(plan)

    def grads(take_h, take_c):
        h, c = run(cell, plan, x)
        loss = take_h * h.square().sum() if take_h else 0
        loss = loss + take_c * c.square().sum() if take_c else loss
        return torch.autograd.grad(loss, [x, *cell.parameters()])

    tiny = 1e-300  # used, but without effect
    expected = grads(1 if used != "c" else tiny, 1 if used != "h" else tiny)
    assert_all_close(grads(used != "c", used != "h"), expected)


@pytest.mark.parametrize("backend", ["levels", TRITON])
def test_a_second_backward_pass(backend):
    plan = plan_of(random_trees(1, 3))
    loss = run(cell_of("lstm"), plan, inputs_of(plan), backend).h.sum()
    loss.backward(retain_graph=True)
    with pytest.raises(InputError, match=r"^a second backward pass over one run of the engine"):
        loss.backward()


@pytest.mark.parametrize("backend", ["levels", TRITON])
@pytest.mark.parametrize("changed", ["inputs", "weights", "states"])
def test_a_modification_between_the_passes_raises(changed, backend):
    cell, plan = cell_of("lstm"), plan_of(random_trees(1, 3))
    x = inputs_of(plan)
    h = run(cell, plan, x, backend).h
    with torch.no_grad():
        {"inputs": x, "weights": cell.weight_children, "states": h}[changed].mul_(2)
    with pytest.raises(RuntimeError, match=r"modified (by an )?inplace"):
        h.sum().backward()


@every_cell
def test_threads(name):
    cell = cell_of(name)
    plans = [plan_of(random_trees(seed, 20)) for seed in range(2)]
    inputs = [inputs_of(plan, seed) for seed, plan in enumerate(plans)]
    expected = [results(cell, plan, x) for plan, x in zip(plans, inputs, strict=True)]
    barrier = threading.Barrier(2)

    def work(which):
        barrier.wait()
        return [results(cell, plans[which], inputs[which]) for _ in range(15)]

    with ThreadPoolExecutor(2) as pool:
        for runs, right in zip(pool.map(work, range(2)), expected, strict=True):
            for actual in runs:
                assert_all_close(actual, right)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["elman", "gru", "lstm", "matrix-vector"])
def test_children_that_do_not_fit(name, backend):
    plan = plan_of([tree(Tree(("a", "b", "c"), ((0, 1, 2),)))])
    with pytest.raises(InputError, match=r"^a node has 3 children, the cell takes 2: binarise"):
        run(cell_of(name), plan, inputs_of(plan), backend)
    plan = plan_of([structure_of(3, [(0, 2, 0), (1, 2, 0)])])
    with pytest.raises(InputError, match=r"^a node has two children in one slot$"):
        run(cell_of(name), plan, inputs_of(plan), backend)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(4, INPUT), r"shape \[4, 5\], expected \[m, 5\]: m at most 3, the plan"),
        (torch.zeros(3, 4), r"shape \[3, 4\], expected \[m, 5\]"),
        (torch.zeros(3), r"shape \[3\], expected"),
        (torch.zeros(3, INPUT).double(), "inputs are torch.float64, the cell is torch.float32"),
        (torch.zeros(3, INPUT, device="meta"), "inputs on meta, the cell on cpu"),
    ],
)
def test_wrong_inputs(x, message):
    with pytest.raises(InputError, match=message):
        run(cell_of("lstm", torch.float), plan_of([chain(3)]), x)


def test_wrong_backend():
    plan = plan_of([chain(3)])
    with pytest.raises(InputError, match=r"^no backend 'jax', expected levels, triton or dgl$"):
        run(cell_of("lstm"), plan, inputs_of(plan), "jax")


def random_states(plan, cell):
    generator = torch.Generator().manual_seed(3)
    h, c = (
        torch.randn(plan.num_leaves, size, generator=generator).double().requires_grad_()
        for size in (HIDDEN, cell.memory_size)
    )
    return States(h, c if cell.has_memory else None)


@every_cell
@given(seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_initial_states(name, seed):
    """The definition node by node, and its gradients; trees, with initial states at the leaves."""
    cell, plan = cell_of(name), plan_of(random_trees(seed, 3))
    initial = random_states(plan, cell)
    x = inputs_of(plan, seed, count=plan.num_inner)
    h = run(cell, plan, x, initial_states=initial).h
    tables = [list(state) for state in initial if state is not None]
    offsets = plan.offsets.tolist()
    for node in range(plan.num_inner):
        children = plan.children[offsets[node] : offsets[node + 1]].tolist()
        child_states = [torch.stack([table[i] for i in children])[None] for table in tables]
        for table, state in zip(tables, cell(x[node][None], *child_states), strict=False):
            table.append(state[0])
    expected = torch.stack(tables[0])
    assert_close(h, expected)
    wanted = [x, *(state for state in initial if state is not None), *cell.parameters()]
    factors = torch.randn(expected.shape, dtype=torch.double)
    grads, others = (
        torch.autograd.grad((either * factors).sum(), wanted, allow_unused=True)
        for either in (h, expected)
    )
    for grad, other in zip(grads, others, strict=True):
        assert (grad is None) == (other is None)
        if grad is not None:
            assert_close(grad, other)


@needs_dgl
@every_cell
def test_initial_states_in_the_dgl_backend(name):
    cell, plan = cell_of(name), plan_of(random_trees(1, 4))
    initial, x = random_states(plan, cell), inputs_of(plan, count=plan.num_inner)
    assert_close(run(cell, plan, x, "levels", initial).h, run(cell, plan, x, "dgl", initial).h)


@pytest.mark.parametrize(
    ("name", "initial", "rows", "message"),
    [
        ("lstm", lambda h: States(h, None), 3, "initial states have no c"),
        ("gru", lambda h: States(h, h), 3, "initial states have a c"),
        ("lstm", lambda h: States(h[:1], h), 3, r"initial h has shape \[1, 4\], expected \[2, 4\]"),
        ("lstm", lambda h: States(h, h.float()), 3, "initial c is torch.float32"),
        ("lstm", lambda h: States(h, h), 4, "m at most 3, the plan's inner nodes"),
        ("matrix-vector", lambda h: States(h, h), 3, r"initial c .* expected \[2, 16\]"),
    ],
)
def test_wrong_initial_states(name, initial, rows, message):
    plan = plan_of([chain(3), chain(2)])
    h = torch.zeros(2, HIDDEN, dtype=torch.double)
    x = torch.zeros(rows, INPUT, dtype=torch.double)
    with pytest.raises(InputError, match=message):
        run(cell_of(name), plan, x, initial_states=initial(h))


def test_memory_is_reused_where_nothing_is_differentiated():
    """Parameters that could be differentiated do not keep a run in ``inference_mode`` or
    ``no_grad`` from giving its buffers back."""
    cell, plan = LSTM(3, 4), compile_plan([tree(Tree(("a", "b"), ((0, 1),)))])
    inputs = torch.randn(plan.num_leaves, 3)
    for context in (torch.inference_mode, torch.no_grad):
        with context():
            run(cell, plan, inputs)
            workspace = borrow(inputs)
            before = {name: buffer.data_ptr() for name, buffer in workspace._buffers.items()}
            assert before
            give_back(workspace)
            states = run(cell, plan, inputs)
            assert not states.h.requires_grad
        workspace = borrow(inputs)
        assert before == {name: each.data_ptr() for name, each in workspace._buffers.items()}
        give_back(workspace)
    assert run(cell, plan, inputs).h.requires_grad
