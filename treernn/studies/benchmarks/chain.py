"""How fast chains are: beside torch's own LSTM, GRU and RNN on packed sequences.

The steps are those of ``treernn.studies.benchmarks.common``: sentences in a batch, their last
states classified.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence

from treernn.cells import CHAIN_CELLS
from treernn.corpora import sst
from treernn.errors import InputError
from treernn.models.recurrent import Recurrent, chains
from treernn.studies.benchmarks.common import (
    BATCHES,
    HIDDEN,
    INPUT,
    Classifier,
    Mode,
    Report,
    check_alike,
    check_repeats,
    medians,
    table,
)
from treernn.studies.machine import machine
from treernn.types import Tree

# torch's order of the gates, in terms of the cells'.
_INPUT_GATES = {"elman": (0,), "gru": (1, 2, 0), "lstm": (2, 3, 0, 1)}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the benchmark.

    Attributes:
        mode: ``"train"`` or ``"inference"``.
        batch: sentences in a step.
        sentences_per_s: ours.
        torch_sentences_per_s: torch's.
        ratio_to_torch: the one by the other.
    """

    mode: Mode
    batch: int
    sentences_per_s: float
    torch_sentences_per_s: float
    ratio_to_torch: float


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, ready to be batched."""

    words: Tensor  # [T]
    label: int


def bench(
    cell: str = "lstm", repeats: int = 20, source: str | os.PathLike[str] | None = None
) -> Report:
    """Measure all rows in one run.

    Args:
        cell: ``"lstm"``, ``"gru"`` or ``"elman"``.
        repeats: steps of each kind in each row.
        source: the treebank; see ``treernn.corpora.sst.load``.

    Raises:
        InputError: no such cell, or no repeats.
        MissingDataError: the treebank is not at hand.
    """
    if cell not in CHAIN_CELLS:
        raise InputError(f"no cell {cell!r}, expected one of {', '.join(CHAIN_CELLS)}")
    check_repeats(repeats)
    words: dict[str, int] = {}
    examples = [_example(tree, words) for tree in sst.load("train", source)]
    torch.manual_seed(1)
    vectors = torch.randn(len(words), INPUT) / 10
    ours = Ours(vectors, Recurrent(cell, INPUT, HIDDEN), HIDDEN)
    theirs = Torch(vectors, _torch_net(cell), HIDDEN)
    _same_weights(ours, theirs, cell)
    with torch.inference_mode():
        first = examples[: max(BATCHES)]
        check_alike(ours.states(first, False), theirs.states(first, False), "torch")
    rows = [
        Row(mode, batch, batch / us, batch / them, them / us)
        for mode, batch, (us, them) in medians([ours, theirs], examples, repeats)
    ]
    about = machine(cell=cell, repeats=repeats)
    titles = ("mode", "batch", "sentences/s", "torch sentences/s", "× torch")
    made = table(about, titles)
    for row in rows:
        made.add_row(
            row.mode,
            f"{row.batch}",
            f"{row.sentences_per_s:,.0f}",
            f"{row.torch_sentences_per_s:,.0f}",
            f"{row.ratio_to_torch:.2f}",
        )
    return Report({"rows": [asdict(row) for row in rows], "machine": about}, made)


class Ours(Classifier):
    """The engine; the plan is compiled inside the step."""

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """The last of each sentence."""
        lengths = [len(example.words) for example in batch]
        x = self.vectors[torch.cat([example.words for example in batch])].requires_grad_(train)
        return self.layers(chains(lengths), x).last[-1].h, _labels(batch)


class Torch(Classifier):
    """torch's layers on packed sequences."""

    def states(self, batch: Sequence[Example], train: bool) -> tuple[Tensor, Tensor]:
        """The last of each sentence."""
        packed = pack_sequence([example.words for example in batch], enforce_sorted=False)
        x = self.vectors[packed.data].requires_grad_(train)
        last = self.layers(packed._replace(data=x))[1]
        return (last[0] if isinstance(last, tuple) else last)[0], _labels(batch)


def _torch_net(cell: str) -> nn.RNNBase:
    net = CHAIN_CELLS[cell].torch_counterpart
    assert net is not None
    return net(INPUT, HIDDEN)


def _labels(batch: Sequence[Example]) -> Tensor:
    return torch.tensor([example.label for example in batch])


def _example(tree: Tree, words: dict[str, int]) -> Example:
    numbers = [words.setdefault(word, len(words)) for word in tree.words]
    return Example(torch.tensor(numbers), tree.labels[-1])


def _same_weights(ours: Ours, theirs: Torch, name: str) -> None:
    cell = ours.layers.layers[0][0]
    state = dict(theirs.layers.named_parameters())
    below = (0, 1, 2) if name == "gru" else _INPUT_GATES[name]
    with torch.no_grad():
        for to, weight, gates in (
            ("weight_ih_l0", cell.weight_input, _INPUT_GATES[name]),
            ("weight_hh_l0", cell.weight_children, below),
            ("bias_ih_l0", cell.bias, _INPUT_GATES[name]),
        ):
            blocks = weight.chunk(len(gates))
            state[to].copy_(torch.cat([blocks[gate] for gate in gates]))
        state["bias_hh_l0"].zero_()
    theirs.classify.load_state_dict(ours.classify.state_dict())
