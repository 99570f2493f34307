import importlib.util
import threading
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.cells import GRU, LSTM, RNTN, ChildSumLSTM, Elman, MatrixVector, States
from treernn.engine import run
from treernn.errors import InputError
from treernn.structure import Structure, chain, compile_plan, tree
from treernn.types import Tree

INPUT, HIDDEN = 5, 4
CELLS = {
    "elman": Elman,
    "elman relu child-sum": partial(Elman, arity=None, nonlinearity="relu"),
    "gru": GRU,
    "gru child-sum": partial(GRU, arity=None),
    "lstm": LSTM,
    "lstm child-sum": ChildSumLSTM,
    "rntn": RNTN,
    "matrix-vector": MatrixVector,
}
every_cell = pytest.mark.parametrize("name", CELLS)
needs_dgl = pytest.mark.skipif(
    importlib.util.find_spec("dgl") is None, reason="dgl has no wheel for this Python"
)


def cell_of(name, dtype=torch.double, hidden=HIDDEN):
    torch.manual_seed(0)
    return CELLS[name](INPUT, hidden).to(dtype)


def plan_of(structures):
    return compile_plan(structures, "arrays")


def inputs_of(plan, seed=0, dtype=torch.double, count=None):
    generator = torch.Generator().manual_seed(seed)
    count = plan.num_nodes if count is None else count
    return torch.randn(count, INPUT, generator=generator, dtype=dtype).requires_grad_()


def random_tree(rng, num_words, arity=2):
    """Merges two, or up to ``arity``, neighbours at a time."""
    live, children = list(range(num_words)), []
    while len(live) > 1:
        width = int(rng.integers(2, min(arity, len(live)) + 1))
        at = int(rng.integers(0, len(live) - width + 1))
        children.append(tuple(live[at : at + width]))
        live[at : at + width] = [num_words + len(children) - 1]
    return tree(Tree(("w",) * num_words, tuple(children)))


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
    return Structure(num_nodes, *np.array(edges, dtype=np.int64).reshape(-1, 3).T.copy())


def close(mine, other, tolerance=1e-9):
    torch.testing.assert_close(mine, other, rtol=tolerance, atol=tolerance)


def results(cell, plan, x, backend="levels"):
    """States, and gradients of a sum in which every number counts."""
    states = [state for state in run(cell, plan, x, backend) if state is not None]
    loss = sum(
        (state * torch.sin(torch.arange(state.numel())).view_as(state)).sum() for state in states
    )
    return [*states, *torch.autograd.grad(loss, [x, *cell.weights()])]


@needs_dgl
@every_cell
@settings(max_examples=10)
@given(seed=st.integers(0, 2**31), share=st.sampled_from([0.0, 0.5, 1.0, None]))
def test_backends_agree(name, seed, share):
    rng = np.random.default_rng(seed)
    cell = cell_of(name)
    slots = cell.arity or 4
    plan = plan_of([random_dag(rng, slots), *random_trees(seed, 2, slots)])
    count = plan.num_leaves if share is None else int(share * plan.num_nodes)
    for dtype, tolerance in ((torch.double, 1e-9), (torch.float, 1e-5)):
        cell, x = cell.to(dtype), inputs_of(plan, seed, dtype, count)
        for mine, other in zip(results(cell, plan, x), results(cell, plan, x, "dgl"), strict=True):
            close(mine, other, tolerance)


@needs_dgl
@pytest.mark.parametrize("dtype", [torch.double, torch.float])
@every_cell
def test_backends_agree_on_a_treebank(name, dtype, sst_dev):
    plan = plan_of([tree(tree_) for tree_ in sst_dev[:40]])
    cell = cell_of(name, dtype, hidden=20)
    x = inputs_of(plan, 0, dtype, plan.num_leaves)
    states, others = (run(cell, plan, x, backend) for backend in ("levels", "dgl"))
    tolerance = 1e-9 if dtype == torch.double else 1e-5
    close(states.h, others.h, tolerance)
    # a mean, as in training, so that gradients are of the size of one
    grads, expected = (
        torch.autograd.grad(side.h.square().mean(), [x, *cell.weights()])
        for side in (states, others)
    )
    for mine, other in zip(grads, expected, strict=True):
        close(mine, other, tolerance)


@every_cell
@settings(max_examples=20)
@given(seed=st.integers(0, 2**31))
def test_a_batch_is_its_structures_one_by_one(name, seed):
    cell = cell_of(name)
    structures = random_trees(seed, 5, cell.arity or 4)
    plan = plan_of(structures)
    together = inputs_of(plan, seed)
    h = run(cell, plan, together).h[plan.rank]
    h.square().sum().backward()
    grads = [weight.grad.clone() for weight in cell.weights()]
    d_x = together.grad[plan.rank]

    cell.zero_grad()
    first = 0
    for structure in structures:
        mine = slice(first, first + structure.num_nodes)
        first = mine.stop
        single = plan_of([structure])
        x = together.detach()[plan.rank][mine][single.order].requires_grad_()
        alone = run(cell, single, x).h[single.rank]
        close(alone, h[mine])
        alone.square().sum().backward()
        close(x.grad[single.rank], d_x[mine])
    for weight, grad in zip(cell.weights(), grads, strict=True):
        close(weight.grad, grad)


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
def test_forward_alone_gives_the_same(name):
    cell = cell_of(name)
    plan = plan_of(random_trees(1, 6))
    x = inputs_of(plan)
    expected = run(cell, plan, x).h
    with torch.no_grad():
        close(run(cell, plan, x).h, expected)
    with torch.inference_mode():
        close(run(cell, plan, x).h, expected)
    assert not run(cell.requires_grad_(False), plan, x.detach()).h.requires_grad


@every_cell
def test_results_stay_when_the_engine_runs_again(name):
    cell = cell_of(name)
    plan, other = plan_of(random_trees(1, 6)), plan_of(random_trees(2, 9))
    with torch.no_grad():
        h = run(cell, plan, inputs_of(plan)).h
        kept = h.clone()
        run(cell, other, inputs_of(other))
    assert torch.equal(h, kept)


@every_cell
def test_several_forward_passes_before_one_backward_pass(name):
    cell = cell_of(name)
    plans = [plan_of(random_trees(seed, 6)) for seed in range(3)]
    inputs = [inputs_of(plan, seed) for seed, plan in enumerate(plans)]
    expected = [results(cell, plan, x)[-3:] for plan, x in zip(plans, inputs, strict=True)]
    for _ in range(2):  # the second time with buffers that are there already
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
        grads = torch.autograd.grad(loss, cell.weights())[-3:]
        for grad, parts in zip(grads, zip(*expected, strict=True), strict=True):
            close(grad, sum(parts))


@every_cell
def test_only_some_gradients_wanted(name):
    cell = cell_of(name)
    plan = plan_of(random_trees(3, 6))
    x = inputs_of(plan)
    full = torch.autograd.grad(run(cell, plan, x).h.sum(), [x, *cell.weights()])
    (d_x,) = torch.autograd.grad(run(cell, plan, x).h.sum(), [x])
    close(d_x, full[0])
    cell.weight_input.requires_grad_(False)
    (d_U,) = torch.autograd.grad(run(cell, plan, x.detach()).h.sum(), [cell.weight_children])
    close(d_U, full[2])


@pytest.mark.parametrize("used", ["h", "c", "bidirectional"])
@pytest.mark.parametrize("name", ["lstm", "lstm child-sum", "matrix-vector"])
def test_losses_on_states_or_memories(name, used):
    cell = cell_of(name)
    plan = plan_of(random_trees(3, 6))
    x = inputs_of(plan)

    def grads(take_h, take_c):
        h, c = run(cell, plan, x)
        loss = take_h * h.square().sum() if take_h else 0
        loss = loss + take_c * c.square().sum() if take_c else loss
        return torch.autograd.grad(loss, [x, *cell.weights()])

    tiny = 1e-300  # as good as not used, and yet used
    expected = grads(1 if used != "c" else tiny, 1 if used != "h" else tiny)
    for mine, other in zip(grads(used != "c", used != "h"), expected, strict=True):
        close(mine, other)


def test_a_second_backward_pass():
    plan = plan_of(random_trees(1, 3))
    loss = run(cell_of("lstm"), plan, inputs_of(plan)).h.sum()
    loss.backward(retain_graph=True)
    with pytest.raises(InputError, match=r"^a second backward pass over one run of the engine"):
        loss.backward()


@pytest.mark.parametrize("changed", ["inputs", "weights", "states"])
def test_a_change_between_the_passes_is_noticed(changed):
    cell, plan = cell_of("lstm"), plan_of(random_trees(1, 3))
    x = inputs_of(plan)
    h = run(cell, plan, x).h
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
    found = [[], []]
    start = threading.Barrier(2)

    def work(which):
        start.wait()
        for _ in range(15):
            found[which].append(results(cell, plans[which], inputs[which]))

    threads = [threading.Thread(target=work, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for runs, right in zip(found, expected, strict=True):
        assert len(runs) == 15
        for got in runs:
            for mine, other in zip(got, right, strict=True):
                close(mine, other)


@pytest.mark.parametrize("backend", ["levels", pytest.param("dgl", marks=needs_dgl)])
@pytest.mark.parametrize("name", ["elman", "gru", "lstm", "matrix-vector"])
def test_children_that_do_not_fit(name, backend):
    plan = plan_of([tree(Tree(("a", "b", "c"), ((0, 1, 2),)))])
    with pytest.raises(InputError, match=r"^a node has 3 children, the cell takes 2: binarise"):
        run(cell_of(name), plan, inputs_of(plan), backend)
    edges = np.array([[0, 2, 0], [1, 2, 0]]).T.copy()
    plan = plan_of([Structure(3, *edges)])
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
    with pytest.raises(InputError, match=r"^no backend 'jax', expected levels or dgl$"):
        run(cell_of("lstm"), plan, inputs_of(plan), "jax")


# States that are given


def random_states(plan, cell, seed=3):
    generator = torch.Generator().manual_seed(seed)
    h, c = (
        torch.randn(plan.num_leaves, size, generator=generator).double().requires_grad_()
        for size in (HIDDEN, cell.memory_size)
    )
    return States(h, c if cell.has_memory else None)


@every_cell
@given(seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_given_leaves_are_what_the_definition_starts_from(name, seed):
    """Against node by node recursion, with gradients; trees, whose leaves are given."""
    cell, plan = cell_of(name), plan_of(random_trees(seed, 3))
    inner = plan.num_inner
    states = random_states(plan, cell)
    x = inputs_of(plan, seed, count=inner)
    found = run(cell, plan, x, initial_states=states)
    h, c = list(states.h), None if states.c is None else list(states.c)
    slots = plan.offsets.tolist()
    for number in range(inner):
        below = plan.children[slots[number] : slots[number + 1]].tolist()
        tables = [torch.stack([table[i] for i in below])[None] for table in (h, c) if table]
        new = cell(x[number][None], *tables)
        for table, state in zip((h, c), new, strict=False):
            if table is not None:
                table.append(state[0])
    expected = torch.stack(h)
    close(found.h, expected)
    wanted = [x, *(state for state in states if state is not None), *cell.weights()]
    weight = torch.randn(expected.shape, dtype=torch.double)
    mine = torch.autograd.grad((found.h * weight).sum(), wanted, allow_unused=True)
    other = torch.autograd.grad((expected * weight).sum(), wanted, allow_unused=True)
    for one, two in zip(mine, other, strict=True):
        assert (one is None) == (two is None)
        if one is not None:
            close(one, two)


@needs_dgl
@every_cell
def test_the_dgl_backend_takes_given_leaves_too(name):
    cell, plan = cell_of(name), plan_of(random_trees(1, 4))
    states, x = random_states(plan, cell), inputs_of(plan, count=plan.num_inner)
    close(run(cell, plan, x, initial_states=states).h, run(cell, plan, x, "dgl", states).h)


@pytest.mark.parametrize(
    ("states", "message"),
    [
        (lambda h: States(h, None), "initial states have no c"),
        (lambda h: States(h[:1], h), "initial h has shape"),
        (lambda h: States(h, h.float()), "initial c is torch.float32"),
    ],
)
def test_given_states_that_do_not_fit(states, message):
    cell, plan = cell_of("lstm"), plan_of([chain(3), chain(2)])
    h = torch.zeros(2, HIDDEN, dtype=torch.double)
    with pytest.raises(InputError, match=message):
        run(cell, plan, torch.zeros(3, INPUT, dtype=torch.double), initial_states=states(h))
    with pytest.raises(InputError, match=r"m at most 3, the plan's inner nodes"):
        run(cell, plan, torch.zeros(4, INPUT, dtype=torch.double), initial_states=States(h, h))


def test_given_memories_of_a_width_of_their_own():
    cell, plan = cell_of("matrix-vector"), plan_of([chain(3), chain(2)])
    h, x = torch.zeros(2, HIDDEN).double(), torch.zeros(3, INPUT).double()
    with pytest.raises(InputError, match=r"initial c has shape \[2, 4\], expected \[2, 16\]"):
        run(cell, plan, x, initial_states=States(h, h))


def test_matrices_stay_bounded():
    """As they begin, in a tree of any depth."""
    torch.manual_seed(0)
    for size in 5, 25:
        cell = MatrixVector(100, size)
        words = 1000
        leaning = [(0, 1), *((words + k, k + 2) for k in range(words - 2))]
        plan = plan_of([tree(Tree(("w",) * words, tuple(leaning))), *random_trees(1, 20)])
        words = torch.randn(plan.num_leaves, 100) * 0.4  # as those of GloVe are
        matrices = run(cell, plan, words).c.view(-1, size, size)
        norms = torch.linalg.matrix_norm(matrices, ord=2)
        assert 0.4 < norms.min() < norms.max() < 1.5
