import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

from treernn.cells import States
from treernn.errors import InputError
from treernn.models.recurrent import Recurrent
from treernn.models.recurrent import compile_sequences as chains

TORCH = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
# torch's order of the gates, in terms of ours: i, f, g, o and r, z, n.
INPUT_GATES = {"elman": [0], "gru": [1, 2, 0], "lstm": [2, 3, 0, 1]}
BELOW_GATES = {"elman": [0], "gru": [0, 1, 2], "lstm": [2, 3, 0, 1]}


def torch_twin(ours: Recurrent, cell: str) -> nn.RNNBase:
    """torch's layers with the same weights."""
    bidirectional = ours.output_size > ours.hidden_size
    theirs = TORCH[cell](
        ours.input_size, ours.hidden_size, len(ours.layers), bidirectional=bidirectional
    ).double()
    with torch.no_grad():
        for layer, cells in enumerate(ours.layers):
            for at, mine in enumerate(cells):
                name = f"l{layer}" + ("_reverse" if at else "")
                for of_torch, weight, gates in (
                    ("weight_ih", mine.weight_input, INPUT_GATES),
                    ("weight_hh", mine.weight_children, BELOW_GATES),
                    ("bias_ih", mine.bias, INPUT_GATES),
                ):
                    getattr(theirs, f"{of_torch}_{name}").copy_(in_torch_order(weight, gates[cell]))
                bias = getattr(theirs, f"bias_hh_{name}").zero_()
                if cell == "gru":
                    bias[2 * ours.hidden_size :] = mine.bias_children
    return theirs


def in_torch_order(weight: torch.Tensor, gates: list[int]) -> torch.Tensor:
    blocks = weight.chunk(len(gates))
    return torch.cat([blocks[gate] for gate in gates])


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["elman", "gru", "lstm"]),
    st.lists(st.integers(1, 7), min_size=1, max_size=5),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)
def test_states_and_input_gradients_equal_torch(
    cell, lengths, layers, bidirectional, has_start, seed
):
    torch.manual_seed(seed)
    ours = Recurrent(cell, 3, 4, layers, bidirectional).double()
    for weight in ours.parameters():
        nn.init.uniform_(weight, -0.5, 0.5)
    theirs = torch_twin(ours, cell)
    sequences = [torch.randn(n, 3, dtype=torch.double) for n in lengths]
    x = torch.cat(sequences).requires_grad_()
    start, torch_start, starts = None, None, []
    if has_start:
        shape = (layers, len(lengths), ours.output_size)
        starts = [torch.randn(shape, dtype=torch.double, requires_grad=True) for _ in range(2)]
        start = [States(h, c if cell == "lstm" else None) for h, c in zip(*starts, strict=True)]
        torch_start = [by_direction(state, bidirectional) for state in starts]
        torch_start = tuple(torch_start) if cell == "lstm" else torch_start[0]

    actual = ours(
        chains(lengths, bidirectional=bidirectional, initial_states=has_start),
        x,
        start,
    )
    packed = pack_sequence(list(x.split(lengths)), enforce_sorted=False)
    packed_out, last = theirs(packed, torch_start)
    assert isinstance(packed_out, PackedSequence)
    padded = pad_packed_sequence(packed_out, batch_first=True)[0]
    expected = torch.cat([padded[i, :n] for i, n in enumerate(lengths)])
    torch.testing.assert_close(actual.h, expected, rtol=0, atol=1e-10)
    last = last if cell == "lstm" else (last,)
    for name, of_torch in zip("hc", last, strict=False):
        mine = torch.stack([getattr(states, name) for states in actual.last])
        torch.testing.assert_close(by_direction(mine, bidirectional), of_torch, rtol=0, atol=1e-10)

    weight = torch.randn_like(expected)
    inputs = [x] + (starts if cell == "lstm" else starts[:1])
    mine = torch.autograd.grad((actual.h * weight).sum() + actual.last[0].h.sum(), inputs)
    first = by_direction(last[0], bidirectional, back=True)[0]
    other = torch.autograd.grad((expected * weight).sum() + first.sum(), inputs)
    for ours_, theirs_ in zip(mine, other, strict=True):
        torch.testing.assert_close(ours_, theirs_, rtol=0, atol=1e-9)


def by_direction(states: torch.Tensor, bidirectional: bool, back: bool = False) -> torch.Tensor:
    """``[layers, B, directions * hidden]`` as torch's ``[layers * directions, B, hidden]``."""
    if back:
        pairs = states.unflatten(0, (-1, 1 + bidirectional))
        return pairs.transpose(1, 2).flatten(2)
    return states.unflatten(2, (1 + bidirectional, -1)).transpose(1, 2).flatten(0, 1)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_weight_gradients_equal_torch(cell):
    torch.manual_seed(2)
    ours = Recurrent(cell, 3, 4, 2, bidirectional=True).double()
    theirs = torch_twin(ours, cell)
    x = torch.randn(9, 3, dtype=torch.double)
    ours(chains([5, 1, 3], bidirectional=True), x).h.pow(2).sum().backward()
    packed = pack_sequence(list(x.split([5, 1, 3])), enforce_sorted=False)
    theirs(packed)[0].data.pow(2).sum().backward()
    for layer, cells in enumerate(ours.layers):
        for at, mine in enumerate(cells):
            name = f"l{layer}" + ("_reverse" if at else "")
            for of_torch, weight, gates in (
                ("weight_ih", mine.weight_input, INPUT_GATES),
                ("weight_hh", mine.weight_children, BELOW_GATES),
                ("bias_ih", mine.bias, INPUT_GATES),
            ):
                expected = getattr(theirs, f"{of_torch}_{name}").grad
                actual = in_torch_order(weight.grad, gates[cell])
                torch.testing.assert_close(actual, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_single_steps_equal_one_plan(cell):
    torch.manual_seed(3)
    layers = Recurrent(cell, 3, 4, 2)
    x = torch.randn(2, 6, 3)
    start = [
        States(torch.randn(2, 4), torch.randn(2, 4) if cell == "lstm" else None) for _ in range(2)
    ]
    with torch.no_grad():
        one_plan = layers(chains([6, 6], initial_states=True), x.flatten(0, 1), start)
        states, steps = start, []
        for t in range(6):
            actual = layers(chains([1, 1], initial_states=True), x[:, t], states)
            states = actual.last
            steps.append(actual.h)
    torch.testing.assert_close(torch.stack(steps, 1).flatten(0, 1), one_plan.h, rtol=0, atol=1e-6)
    for stepped, once in zip(states, one_plan.last, strict=True):
        torch.testing.assert_close(stepped.h, once.h, rtol=0, atol=1e-6)


def test_both_backends_are_equal():
    pytest.importorskip("dgl")
    torch.manual_seed(4)
    layers = Recurrent("lstm", 3, 4, 2, bidirectional=True)
    start = [States(torch.randn(3, 8), torch.randn(3, 8)) for _ in range(2)]
    batch, x = (
        chains([2, 4, 1], bidirectional=True, initial_states=True),
        torch.randn(7, 3),
    )
    actual = layers(batch, x, start)
    expected = layers(batch, x, start, backend="dgl")
    torch.testing.assert_close(actual.h, expected.h, rtol=0, atol=1e-6)


def test_chains_are_compiled_without_gathering():
    for side in chains([2, 5, 1, 5], bidirectional=True, initial_states=True).directions:
        assert side.plan.child_slices is not None


def test_dropout_between_layers_in_training():
    torch.manual_seed(5)
    layers = Recurrent("gru", 3, 4, 2, dropout=0.5)
    batch, x = chains([4]), torch.randn(4, 3)
    first, second = layers(batch, x).h, layers(batch, x).h
    assert not torch.equal(first, second)
    layers.eval()
    torch.testing.assert_close(layers(batch, x).h, layers(batch, x).h, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: chains([]), "at least one sequence"),
        (lambda: chains([2, 0]), "at least one step"),
        (lambda: Recurrent("rnn", 3, 4), "cell is 'rnn', expected one of elman, gru, lstm"),
        (lambda: Recurrent("gru", 3, 4, 0), "0 layers"),
        (
            lambda: Recurrent("gru", 3, 4)(chains([2], bidirectional=True), torch.zeros(2, 3)),
            "direction",
        ),
        (
            lambda: Recurrent("gru", 3, 4)(chains([2]), torch.zeros(3, 3)),
            "3 inputs for the 2",
        ),
        (
            lambda: Recurrent("gru", 3, 4)(chains([2], initial_states=True), torch.zeros(2, 3)),
            "there are none",
        ),
        (
            lambda: Recurrent("gru", 3, 4)(
                chains([2], initial_states=True),
                torch.zeros(2, 3),
                [States(torch.zeros(1, 5), None)],
            ),
            r"shapes \[\[1, 5\]\], expected \[1, 4\]",
        ),
        (
            lambda: Recurrent("lstm", 3, 4)(
                chains([2], initial_states=True),
                torch.zeros(2, 3),
                [States(torch.zeros(1, 4), None)],
            ),
            "initial states have no c",
        ),
    ],
)
def test_arguments_that_do_not_fit(make, message):
    with pytest.raises(InputError, match=message):
        make()
