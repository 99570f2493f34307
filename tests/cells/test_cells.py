"""Every cell is compared with its formulas written out node by node, with finite differences, and
over chains with torch's recurrent nets."""

import functools

import numpy as np
import pytest
import torch
from graphs import assert_close, edges_of, random_tree, structure_of, structures
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.cells import CELLS, GRU, LSTM, RNTN, ChildSumLSTM, Elman, MatrixVector
from treernn.engine import run
from treernn.structure import chain, compile_plan

INPUT, HIDDEN = 3, 2
VARIANTS = {
    **CELLS,
    "elman unary": functools.partial(Elman, arity=1),
    "elman relu": functools.partial(Elman, arity=3, nonlinearity="relu"),
    "elman child-sum": functools.partial(Elman, arity=None),
    "gru unary": functools.partial(GRU, arity=1),
    "gru ternary": functools.partial(GRU, arity=3),
    "gru child-sum": functools.partial(GRU, arity=None),
    "lstm unary": functools.partial(LSTM, arity=1),
    "lstm ternary": functools.partial(LSTM, arity=3),
}


def cell_of(name):
    cell = VARIANTS[name](INPUT, HIDDEN).double()
    with torch.no_grad():
        for weight in cell.parameters():
            weight.normal_(std=0.7)
    return cell


def by_recursion(cell, batch, x):
    """h and c of all nodes in batch order, as is ``x``, which has a row for each node."""
    empty = x.new_zeros(cell.hidden_size), x.new_zeros(cell.memory_size)
    results: list[tuple[torch.Tensor, torch.Tensor]] = []
    for structure in batch:
        first = len(results)
        children_of = {node: {} for node in range(structure.num_nodes)}
        for child, parent, slot in edges_of(structure):
            children_of[parent][slot] = child

        @functools.cache
        def state(node, children_of=children_of, first=first):
            children = {slot: state(child) for slot, child in children_of[node].items()}
            if cell.arity is not None:
                children = {slot: children.get(slot, empty) for slot in range(cell.arity)}
            return merge(cell, x[first + node], list(children.values()))

        results += [state(node) for node in range(structure.num_nodes)]
    return tuple(torch.stack(column) for column in zip(*results, strict=True))


def merge(cell, x, children):
    """h and c of one node, from its input and h and c of its children."""
    zero = x.new_zeros(cell.hidden_size)
    hs = [h for h, _ in children]
    total = sum(hs, zero)
    joined = total if cell.arity is None else torch.cat(hs)
    W, U, b = tuple(cell.parameters())[:3]
    wx = (W @ x + b).split(cell.hidden_size)
    uh = (U @ joined).split(cell.hidden_size)
    if isinstance(cell, Elman):
        pre_activation = wx[0] + uh[0]
        if isinstance(cell, RNTN):
            products = torch.stack([joined @ V_k @ joined for V_k in cell.weight_tensor])
            pre_activation = pre_activation + products / len(joined)
        return getattr(torch, cell.nonlinearity)(pre_activation), zero
    if isinstance(cell, MatrixVector):
        size = cell.hidden_size
        (a, A), (b, B) = ((h, c.view(size, size).t()) for h, c in children)
        W_M, U_M, b_M = tuple(cell.parameters())[3:]
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
        forget = U[3 * cell.hidden_size :] @ h_k if cell.arity is None else uh[3 + k]
        c = c + torch.sigmoid(wx[3] + forget) * c_k
    return o * torch.tanh(c), c


def gradients(cell, x, states):
    """Of a sum in which every number of every state has a weight of its own."""
    loss = sum(
        (state * torch.linspace(-1, 1, state.numel(), dtype=state.dtype).view_as(state)).sum()
        for state in states
    )
    wanted = [x, *cell.parameters()]
    grads = torch.autograd.grad(loss, wanted, allow_unused=True)
    return [
        torch.zeros_like(tensor) if grad is None else grad
        for tensor, grad in zip(wanted, grads, strict=True)
    ]


@pytest.mark.parametrize("name", VARIANTS)
@settings(max_examples=25)
@given(data=st.data())
def test_recursion(name, data):
    cell = cell_of(name)
    batch = data.draw(st.lists(structures(cell.arity or 4), min_size=1, max_size=3))
    plan = compile_plan(batch, "arrays")
    num_inputs = data.draw(st.sampled_from([0, 1, plan.num_leaves, plan.num_nodes]))
    inputs = torch.randn(num_inputs, INPUT, dtype=torch.double, requires_grad=True)
    no_inputs = inputs.new_zeros(plan.num_nodes - num_inputs, INPUT)
    expected = by_recursion(cell, batch, torch.cat([inputs, no_inputs])[plan.rank])
    states = [state[plan.rank] for state in run(cell, plan, inputs) if state is not None]
    expected = expected[: len(states)]
    for state, other in zip(states, expected, strict=True):
        assert_close(state, other)
    grads, others = gradients(cell, inputs, states), gradients(cell, inputs, expected)
    for grad, other in zip(grads, others, strict=True):
        assert_close(grad, other)


class Rerun(torch.autograd.Function):
    """The engine, with the forward pass repeated before each backward pass, because gradcheck
    calls backward several times."""

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
        return (None, None, *torch.autograd.grad(states, [x, *ctx.cell.parameters()], grads))


@pytest.mark.parametrize("inputs", ["all", "leaves"])
@pytest.mark.parametrize("name", VARIANTS)
def test_gradcheck(name, inputs):
    torch.manual_seed(1)
    cell = cell_of(name)
    if cell.arity == 1:
        batch = [chain(4), chain(2)]
    else:  # a node with two parents, empty slots, an isolated node
        edges = [(0, 4, 0), (1, 4, 1), (2, 5, 0), (4, 6, 0), (5, 6, 1), (4, 7, 1)]
        batch = [structure_of(8, edges), chain(1)]
    plan = compile_plan(batch, "arrays")
    count = plan.num_nodes if inputs == "all" else plan.num_leaves
    x = torch.randn(count, INPUT, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda *tensors: Rerun.apply(cell, plan, *tensors), (x, *cell.parameters())
    )


@pytest.mark.parametrize("name", ["lstm", "lstm unary", "lstm ternary", "child-sum-lstm"])
def test_recurrent_dropout(name):
    """The definition node by node with the same dropout mask, and its gradients."""
    cell = cell_of(name).train()
    cell.recurrent_dropout = 0.4
    if cell.arity == 1:
        batch = [chain(4), chain(1)]
    else:
        batch = [structure_of(4, [(0, 2, 0), (1, 2, 1), (2, 3, 0)]), chain(1)]
    plan = compile_plan(batch, "arrays")
    x = torch.randn(plan.num_nodes, INPUT, dtype=torch.double, requires_grad=True)
    torch.manual_seed(8)  # the mask is drawn in plan order
    mask = torch.empty(plan.num_nodes, HIDDEN, dtype=torch.double).uniform_().ge_(0.4).div_(0.6)
    assert 0 < (mask == 0).sum() < mask.numel()
    torch.manual_seed(8)
    states = run(cell, plan, x)

    expected = []
    for node in range(plan.num_nodes):
        cell.update = lambda u, i, node=node: i * u * mask[node]
        children = [x.new_zeros(1, cell.arity or 0, HIDDEN) for _ in range(2)]
        if node >= plan.num_leaves:
            first, last = plan.offsets[node - plan.num_leaves :][:2].tolist()
            child_at = dict(
                zip(plan.slots[first:last].tolist(), plan.children[first:last], strict=True)
            )
            slots = child_at if cell.arity is None else range(cell.arity)
            for kind in range(2):
                rows = [
                    expected[child_at[slot]][kind][0] if slot in child_at else x.new_zeros(HIDDEN)
                    for slot in slots
                ]
                children[kind] = torch.stack(rows)[None]
        expected.append(cell(x[node : node + 1], *children))
    expected = [torch.cat(column) for column in zip(*expected, strict=True)]
    for state, other in zip(states, expected, strict=True):
        assert_close(state, other)
    grads, others = gradients(cell, x, list(states)), gradients(cell, x, expected)
    for grad, other in zip(grads, others, strict=True):
        assert_close(grad, other)


def test_recurrent_dropout_is_for_training_only():
    cell = cell_of("lstm")
    plan, x = compile_plan([chain(3)], "arrays"), torch.randn(3, INPUT, dtype=torch.double)
    expected = run(cell.eval(), plan, x).h
    cell.recurrent_dropout = 0.5
    assert torch.equal(run(cell, plan, x).h, expected)
    cell.train()
    assert not torch.equal(run(cell, plan, x).h, run(cell, plan, x).h)
    zeros = torch.zeros(1, 2, HIDDEN, dtype=torch.double)
    assert not torch.equal(*(cell(x[:1], zeros, zeros)[1] for _ in range(2)))


def blocks(weight, order):
    """Blocks of rows in another order."""
    return torch.cat([weight.chunk(len(order))[i] for i in order])


def in_torch(cell):
    """torch's net with the weights of a unary cell, and the order of its blocks of W and of U."""
    W, U, b = tuple(cell.parameters())[:3]
    options = {"nonlinearity": cell.nonlinearity} if isinstance(cell, Elman) else {}
    net = cell.torch_counterpart(INPUT, HIDDEN, **options).to(W.dtype)
    order, children_order = {
        "elman": ([0], [0]),
        "gru": ([1, 2, 0], [0, 1, 2]),  # torch: r, z, n
        "lstm": ([2, 3, 0, 1], [2, 3, 0, 1]),  # torch: i, f, u, o
    }[cell.name]
    with torch.no_grad():
        net.weight_ih_l0.copy_(blocks(W, order))
        net.weight_hh_l0.copy_(blocks(U, children_order))
        net.bias_ih_l0.copy_(blocks(b, order))
        net.bias_hh_l0.zero_()
        if isinstance(cell, GRU):
            net.bias_hh_l0[2 * HIDDEN :] = cell.bias_children
    return net, order, children_order


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("dtype", [torch.double, torch.float])
@pytest.mark.parametrize("name", ["tanh", "relu", "gru unary", "lstm unary"])
def test_a_chain_is_torchs_recurrent_net(name, dtype, reverse):
    torch.manual_seed(2)
    cell = cell_of(name) if name in VARIANTS else Elman(INPUT, HIDDEN, 1, name)
    net, order, children_order = in_torch(cell.to(dtype))
    length, tolerance = 7, 1e-9 if dtype == torch.double else 1e-5
    x = torch.randn(length, INPUT, dtype=dtype, requires_grad=True)
    plan = compile_plan([chain(length, reverse)], "arrays")
    h = run(cell, plan, x[plan.order]).h[plan.rank]
    expected = net(x.flip(0))[0].flip(0) if reverse else net(x)[0]
    assert_close(h, expected, tolerance)

    factors = torch.randn_like(h)
    d_x, d_W, d_U, d_b, *d_bias_children = torch.autograd.grad(
        (h * factors).sum(), [x, *cell.parameters()]
    )
    d_x2, d_W2, d_U2, d_b2, d_b3 = torch.autograd.grad(
        (expected * factors).sum(), [x, *net.parameters()]
    )
    assert_close(d_x, d_x2, tolerance)
    assert_close(blocks(d_W, order), d_W2, tolerance)
    assert_close(blocks(d_U, children_order), d_U2, tolerance)
    assert_close(blocks(d_b, order), d_b2, tolerance)
    for grad in d_bias_children:
        assert_close(grad, d_b3[2 * HIDDEN :], tolerance)


def test_chains_of_different_lengths_are_torchs_packed_sequences():
    torch.manual_seed(3)
    cell = cell_of("lstm unary")
    net, *_ = in_torch(cell)
    lengths = [3, 6, 1, 4]
    sequences = [torch.randn(length, INPUT, dtype=torch.double) for length in lengths]
    plan = compile_plan([chain(length) for length in lengths], "arrays")
    states = run(cell, plan, torch.cat(sequences)[plan.order])
    packed = torch.nn.utils.rnn.pack_sequence(sequences, enforce_sorted=False)
    out, (h, c) = net(packed)
    padded, _ = torch.nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
    expected = torch.cat([padded[i, :length] for i, length in enumerate(lengths)])
    assert_close(states.h[plan.rank], expected)
    assert_close(states.h[plan.roots], h[0])
    assert_close(states.c[plan.roots], c[0])


@pytest.mark.parametrize("name", ["lstm", "lstm ternary", "child-sum-lstm"])
def test_forget_biases_are_initialized_to_one(name):
    assert VARIANTS[name](INPUT, HIDDEN).bias.tolist() == [0] * 3 * HIDDEN + [1] * HIDDEN


def test_repr():
    assert repr(LSTM(300, 150)) == "LSTM(300, 150, 2-ary)"
    assert repr(ChildSumLSTM(300, 150)) == "ChildSumLSTM(300, 150, Child-Sum)"


def test_matrices_of_an_untrained_cell_stay_bounded():
    """In a tree of any depth, with word vectors of the size of GloVe's."""
    torch.manual_seed(0)
    for size in 5, 25:
        words = 1000
        edges = [(0, words, 0), (1, words, 1)]
        for node in range(words + 1, 2 * words - 1):
            edges += [(node - 1, node, 0), (node - words + 1, node, 1)]
        rng = np.random.default_rng(1)
        batch = [structure_of(2 * words - 1, edges), *(random_tree(rng, n) for n in range(1, 15))]
        plan = compile_plan(batch, "arrays")
        x = torch.randn(plan.num_leaves, 100) * 0.4
        matrices = run(MatrixVector(100, size), plan, x).c.view(-1, size, size)
        norms = torch.linalg.matrix_norm(matrices, ord=2)
        assert 0.4 < norms.min() < norms.max() < 1.5
