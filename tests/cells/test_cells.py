"""Every cell against its formulas written out node by node, against torch's recurrent nets, and
against finite differences."""

import functools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.cells import GRU, LSTM, RNTN, ChildSumLSTM, Elman, MatrixVector
from treernn.engine import run
from treernn.structure import Structure, chain, compile_plan

INPUT, HIDDEN = 3, 2
CELLS = {
    "elman": Elman,
    "elman unary": functools.partial(Elman, arity=1),
    "elman relu": functools.partial(Elman, arity=3, nonlinearity="relu"),
    "elman child-sum": functools.partial(Elman, arity=None),
    "gru": GRU,
    "gru unary": functools.partial(GRU, arity=1),
    "gru ternary": functools.partial(GRU, arity=3),
    "gru child-sum": functools.partial(GRU, arity=None),
    "lstm": LSTM,
    "lstm unary": functools.partial(LSTM, arity=1),
    "lstm ternary": functools.partial(LSTM, arity=3),
    "lstm child-sum": ChildSumLSTM,
    "rntn": RNTN,
    "matrix-vector": MatrixVector,
}


def cell_of(name, input_size=INPUT, hidden_size=HIDDEN):
    cell = CELLS[name](input_size, hidden_size).double()
    with torch.no_grad():
        for weight in cell.weights():
            weight.normal_(std=0.7)
    return cell


def plan_of(structures):
    return compile_plan(structures, "arrays")


@st.composite
def structures(draw, arity):
    """Any directed acyclic structure a cell can take: forests, several parents, empty slots."""
    num_nodes = draw(st.integers(1, 10))
    numbers = draw(st.permutations(range(num_nodes)))
    edges = []
    for parent in range(1, num_nodes):
        slots = draw(st.lists(st.integers(0, (arity or 4) - 1), unique=True))
        edges += [
            (numbers[draw(st.integers(0, parent - 1))], numbers[parent], slot) for slot in slots
        ]
    columns = zip(*edges, strict=True) if edges else ((), (), ())
    return Structure(num_nodes, *(np.array(column, dtype=np.int64) for column in columns))


def written_out(cell, structures, x):
    """States and memories of all nodes in the order of the batch, by recursion. ``x`` has a row
    for each node."""
    nothing = (
        torch.zeros(cell.hidden_size, dtype=x.dtype),
        torch.zeros(cell.memory_size, dtype=x.dtype),
    )
    results: list[tuple[torch.Tensor, torch.Tensor]] = []
    for structure in structures:
        first = len(results)
        below = {node: {} for node in range(structure.num_nodes)}
        for child, parent, slot in zip(
            structure.children.tolist(),
            structure.parents.tolist(),
            structure.slots.tolist(),
            strict=True,
        ):
            below[parent][slot] = child

        @functools.cache
        def state(node, below=below, first=first):
            children = {slot: state(child) for slot, child in below[node].items()}
            if cell.arity is not None:
                children = [children.get(slot, nothing) for slot in range(cell.arity)]
                return merge(cell, x[first + node], children)
            return merge(cell, x[first + node], list(children.values()))

        results += [state(node) for node in range(structure.num_nodes)]
    return tuple(torch.stack(column) for column in zip(*results, strict=True))


def merge(cell, x, children):
    """One node: its input and its children's states and memories."""
    zero = torch.zeros(cell.hidden_size, dtype=x.dtype)
    hs = [h for h, _ in children]
    total = sum(hs, zero)
    side_by_side = total if cell.arity is None else torch.cat(hs)
    W, U, b = cell.weights()[:3]
    wx = (W @ x + b).split(cell.hidden_size)
    uh = (U @ side_by_side).split(cell.hidden_size)
    if isinstance(cell, Elman):
        before = wx[0] + uh[0]
        if isinstance(cell, RNTN):
            z, V = side_by_side, cell.weight_tensor
            before = before + torch.stack([z @ V_k @ z for V_k in V]) / len(z)
        return (torch.tanh(before) if cell.nonlinearity == "tanh" else torch.relu(before)), zero
    if isinstance(cell, MatrixVector):
        size = cell.hidden_size
        (a, A), (b, B) = ((h, c.view(size, size).t()) for h, c in children)
        W_M, U_M, b_M = cell.weights()[3:]
        identity = torch.eye(size, dtype=x.dtype)
        own = identity / 2 + (b_M + W_M @ x / len(x)).view(size, size).t()
        matrix = own + (A + B) / 4 + U_M @ torch.cat([A, B]) / (2 * size)
        return torch.tanh(wx[0] + U @ torch.cat([B @ a, A @ b])), matrix.t().flatten()
    if isinstance(cell, GRU):
        r = torch.sigmoid(wx[1] + uh[0])
        z = torch.sigmoid(wx[2] + uh[1])
        n = torch.tanh(wx[0] + r * (uh[2] + cell.bias_children))
        return (1 - z) * n + z * total, zero
    u, o, i = torch.tanh(wx[0] + uh[0]), torch.sigmoid(wx[1] + uh[1]), torch.sigmoid(wx[2] + uh[2])
    c = i * u
    for k, (h_k, c_k) in enumerate(children):
        to_forget = U[3 * cell.hidden_size :] @ h_k if cell.arity is None else uh[3 + k]
        c = c + torch.sigmoid(wx[3] + to_forget) * c_k
    return o * torch.tanh(c), c


def gradients(cell, x, states):
    """Of a sum that every number of every state enters with a weight of its own."""
    loss = sum(
        (state * torch.linspace(-1, 1, state.numel(), dtype=state.dtype).view_as(state)).sum()
        for state in states
    )
    return torch.autograd.grad(loss, [x, *cell.weights()], allow_unused=True)


@pytest.mark.parametrize("name", CELLS)
@settings(max_examples=25)
@given(data=st.data())
def test_as_written_out(name, data):
    cell = cell_of(name)
    batch = data.draw(st.lists(structures(cell.arity), min_size=1, max_size=3))
    plan = plan_of(batch)
    seen = data.draw(st.sampled_from([0, 1, plan.num_leaves, plan.num_nodes]))
    inputs = torch.randn(seen, INPUT, dtype=torch.double, requires_grad=True)
    nothing = torch.zeros(plan.num_nodes - seen, INPUT, dtype=torch.double)
    expected = written_out(cell, batch, torch.cat([inputs, nothing])[plan.rank])
    states = [state for state in run(cell, plan, inputs) if state is not None]
    expected = expected[: len(states)]
    for mine, other in zip(states, expected, strict=True):
        torch.testing.assert_close(mine[plan.rank], other, rtol=1e-9, atol=1e-9)
    mine = gradients(cell, inputs, [state[plan.rank] for state in states])
    for one, other in zip(mine, gradients(cell, inputs, expected), strict=True):
        other = torch.zeros_like(one) if other is None else other
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


class Afresh(torch.autograd.Function):
    """The engine, with the forward pass repeated before each backward pass: gradcheck goes back
    through one forward pass many times."""

    @staticmethod
    def forward(ctx, cell, plan, *tensors):
        ctx.cell, ctx.plan = cell, plan
        ctx.save_for_backward(*tensors)
        return run(cell, plan, tensors[0])[: 2 if cell.has_memory else 1]

    @staticmethod
    def backward(ctx, *grads):
        with torch.enable_grad():
            x = ctx.saved_tensors[0].detach().requires_grad_()
            states = run(ctx.cell, ctx.plan, x)[: len(grads)]
        return (None, None, *torch.autograd.grad(states, [x, *ctx.cell.weights()], grads))


@pytest.mark.parametrize("seen", ["all", "leaves"])
@pytest.mark.parametrize("name", CELLS)
def test_gradcheck(name, seen):
    torch.manual_seed(1)
    cell = cell_of(name)
    if cell.arity == 1:
        batch = [chain(4), chain(2)]
    else:  # a node with two parents, empty slots, a node on its own
        edges = np.array([[0, 4, 0], [1, 4, 1], [2, 5, 0], [4, 6, 0], [5, 6, 1], [4, 7, 1]])
        batch = [Structure(8, *edges.T.copy()), chain(1)]
    plan = plan_of(batch)
    count = plan.num_nodes if seen == "all" else plan.num_leaves
    x = torch.randn(count, INPUT, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda *tensors: Afresh.apply(cell, plan, *tensors), (x, *cell.weights())
    )


def mask(seed, plan, share):
    """What is kept of ``i ∘ u``, as a run begins to draw it, in plan order."""
    torch.manual_seed(seed)
    kept = torch.empty(plan.num_nodes, HIDDEN, dtype=torch.double).uniform_()
    return kept.ge_(share).div_(1 - share)


@pytest.mark.parametrize("name", ["lstm", "lstm unary", "lstm ternary", "lstm child-sum"])
def test_recurrent_dropout_leaves_out_what_is_added_to_the_memory(name):
    """By the cell's definition, node by node with the same numbers left out, gradients too."""
    cell = cell_of(name).train()
    cell.recurrent_dropout = 0.4
    whole = chain(4)
    if cell.arity != 1:
        whole = Structure(4, *np.array([(0, 2, 0), (1, 2, 1), (2, 3, 0)]).T.copy())
    plan = plan_of([whole, chain(1)])
    x = torch.randn(plan.num_nodes, INPUT, dtype=torch.double, requires_grad=True)
    kept = mask(8, plan, 0.4)
    assert 0 < (kept == 0).sum() < kept.numel()
    torch.manual_seed(8)
    found = run(cell, plan, x)

    update = cell.update
    states = []
    for node in range(plan.num_nodes):
        cell.update = lambda u, i, node=node: i * u * kept[node]
        below = [torch.zeros(1, cell.arity or 0, HIDDEN, dtype=torch.double) for _ in range(2)]
        if node >= plan.num_leaves:
            first, last = plan.offsets[node - plan.num_leaves :][:2].tolist()
            children, at = plan.children[first:last].tolist(), plan.slots[first:last].tolist()
            for kind in range(2):
                rows = [states[child][kind][0] for child in children]
                if cell.arity is not None:
                    empty = torch.zeros(HIDDEN, dtype=torch.double)
                    rows = [
                        rows[at.index(slot)] if slot in at else empty for slot in range(cell.arity)
                    ]
                below[kind] = torch.stack(rows)[None]
        states.append(cell(x[node : node + 1], *below))
    cell.update = update
    for mine, other in zip(found, zip(*states, strict=True), strict=True):
        torch.testing.assert_close(mine, torch.cat(other), rtol=1e-9, atol=1e-9)
    mine = gradients(cell, x, list(found))
    other = gradients(cell, x, [torch.cat(column) for column in zip(*states, strict=True)])
    for one, two in zip(mine, other, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-9)


def test_recurrent_dropout_is_for_training_alone():
    cell = cell_of("lstm")
    plan, x = plan_of([chain(3)]), torch.randn(3, INPUT, dtype=torch.double)
    usual = run(cell.eval(), plan, x).h
    cell.recurrent_dropout = 0.5
    assert torch.equal(run(cell, plan, x).h, usual)
    cell.train()
    assert not torch.equal(run(cell, plan, x).h, run(cell, plan, x).h)
    zeros = torch.zeros(1, 2, HIDDEN, dtype=torch.double)
    assert not torch.equal(*(cell(x[:1], zeros, zeros)[1] for _ in range(2)))


def blocks(weight, order):
    """Blocks of rows in another order."""
    return torch.cat([weight.chunk(len(order))[i] for i in order])


def in_torch(cell):
    """The recurrent net of torch that a unary cell is, and in which order it has its blocks."""
    W, U, b = cell.weights()[:3]
    if isinstance(cell, Elman):
        net = torch.nn.RNN(INPUT, HIDDEN, nonlinearity=cell.nonlinearity)
        input_order = below_order = [0]
    elif isinstance(cell, GRU):  # torch: r, z, n
        net, input_order, below_order = torch.nn.GRU(INPUT, HIDDEN), [1, 2, 0], [0, 1, 2]
    else:  # torch: i, f, u, o
        net = torch.nn.LSTM(INPUT, HIDDEN)
        input_order = below_order = [2, 3, 0, 1]
    net = net.to(W.dtype)
    with torch.no_grad():
        net.weight_ih_l0.copy_(blocks(W, input_order))
        net.weight_hh_l0.copy_(blocks(U, below_order))
        net.bias_ih_l0.copy_(blocks(b, input_order))
        net.bias_hh_l0.zero_()
        if isinstance(cell, GRU):
            net.bias_hh_l0[2 * HIDDEN :] = cell.bias_children
    return net, input_order, below_order


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("dtype", [torch.double, torch.float])
@pytest.mark.parametrize("name", ["tanh", "relu", "gru", "lstm"])
def test_chain_is_torchs_recurrent_net(name, dtype, reverse):
    torch.manual_seed(2)
    if name in ("tanh", "relu"):
        cell = Elman(INPUT, HIDDEN, 1, name).to(dtype)
    else:
        cell = cell_of(f"{name} unary").to(dtype)
    net, input_order, below_order = in_torch(cell)
    length = 7
    x = torch.randn(length, INPUT, dtype=dtype, requires_grad=True)
    plan = plan_of([chain(length, reverse)])
    states = run(cell, plan, x[plan.order])
    mine = states.h[plan.rank]
    other = net(x.flip(0))[0].flip(0) if reverse else net(x)[0]
    close = functools.partial(
        torch.testing.assert_close, **dict.fromkeys(("rtol", "atol"), _tolerance(dtype))
    )
    close(mine, other)

    weight = torch.randn_like(mine)
    d_x, d_W, d_U, d_b, *d_below = torch.autograd.grad((mine * weight).sum(), [x, *cell.weights()])
    d_x2, d_W2, d_U2, d_b2, d_b3 = torch.autograd.grad(
        (other * weight).sum(), [x, *net.parameters()]
    )
    close(d_x, d_x2)
    close(blocks(d_W, input_order), d_W2)
    close(blocks(d_U, below_order), d_U2)
    close(blocks(d_b, input_order), d_b2)
    for found in d_below:
        close(found, d_b3[2 * HIDDEN :])


def _tolerance(dtype):
    return 1e-9 if dtype == torch.double else 1e-5


def test_chains_of_unequal_length_are_torchs_packed_sequences():
    torch.manual_seed(3)
    cell = cell_of("lstm unary")
    net, *_ = in_torch(cell)
    lengths = [3, 6, 1, 4]
    sequences = [torch.randn(length, INPUT, dtype=torch.double) for length in lengths]
    plan = plan_of([chain(length) for length in lengths])
    states = run(cell, plan, torch.cat(sequences)[plan.order])
    packed = torch.nn.utils.rnn.pack_sequence(sequences, enforce_sorted=False)
    out, (h, c) = net(packed)
    padded, _ = torch.nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
    expected = torch.cat([padded[i, :length] for i, length in enumerate(lengths)])
    torch.testing.assert_close(states.h[plan.rank], expected, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(states.h[plan.roots], h[0], rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(states.c[plan.roots], c[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["lstm", "lstm ternary", "lstm child-sum"])
def test_forget_biases_begin_at_one(name):
    cell = CELLS[name](INPUT, HIDDEN)
    assert cell.bias.tolist() == [0] * 3 * HIDDEN + [1] * HIDDEN


def test_repr():
    assert repr(LSTM(300, 150)) == "LSTM(300, 150, 2-ary)"
    assert repr(ChildSumLSTM(300, 150)) == "ChildSumLSTM(300, 150, Child-Sum)"
