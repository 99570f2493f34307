"""How fast chains are: beside torch's own LSTM, GRU and RNN on packed sequences.

One step of a sentence classifier on the Stanford Sentiment Treebank, whole: batch the sentences,
look up the words, run the chain, classify the last states, and in training also cross entropy,
backward pass (with the gradient of the inputs) and Adagrad for all but the word vectors. Both run
in turn on the same batches, so that what else the machine does hits both alike; figures are
medians.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_sequence

from treernn.corpora import sst
from treernn.errors import InputError, TreernnError
from treernn.models.recurrent import CELLS, Recurrent, chains
from treernn.reports.bench_engine import BATCHES, HIDDEN, INPUT, WARM_UP, Mode
from treernn.reports.machine import machine, seconds
from treernn.types import LABELS, Tree

TORCH: dict[str, Any] = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}
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
class Report:
    """All rows, and what they were measured on."""

    rows: tuple[Row, ...]
    machine: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def to_table(self) -> Table:
        """A table for the terminal."""
        table = Table(caption="  ".join(f"{key} {value}" for key, value in self.machine.items()))
        for title in ("mode", "batch", "sentences/s", "torch sentences/s", "× torch"):
            table.add_column(title, justify="left" if title == "mode" else "right")
        for row in self.rows:
            table.add_row(
                row.mode,
                f"{row.batch}",
                f"{row.sentences_per_s:,.0f}",
                f"{row.torch_sentences_per_s:,.0f}",
                f"{row.ratio_to_torch:.2f}",
            )
        return table


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
    if cell not in CELLS:
        raise InputError(f"no cell {cell!r}, expected one of {', '.join(CELLS)}")
    if repeats < 1:
        raise InputError(f"{repeats} repeats: at least one is needed")
    words: dict[str, int] = {}
    examples = [_example(tree, words) for tree in sst.load("train", source)]
    torch.manual_seed(1)
    vectors = torch.randn(len(words), INPUT) / 10
    ours = Ours(vectors, Recurrent(cell, INPUT, HIDDEN))
    theirs = Torch(vectors, TORCH[cell](INPUT, HIDDEN))
    _same_weights(ours, theirs, cell)
    _check_alike(ours, theirs, examples[: max(BATCHES)])
    modes: tuple[Mode, ...] = ("train", "inference")
    rows = [
        _measure(mode, batch, ours, theirs, examples, repeats)
        for mode in modes
        for batch in BATCHES
    ]
    return Report(tuple(rows), machine(cell=cell, repeats=repeats))


class Classifier(nn.Module):
    """What both sides train: word vectors as they are, a chain, a softmax on its last state."""

    def __init__(self, vectors: Tensor, layers: nn.Module) -> None:
        super().__init__()
        self.vectors, self.layers = vectors, layers
        self.classify = nn.Linear(HIDDEN, len(LABELS))
        self.optimizer = torch.optim.Adagrad(self.parameters(), lr=0.05, fused=True)

    def last(self, batch: Sequence[Example], train: bool) -> Tensor:
        """``[B, HIDDEN]`` the state after each sentence."""
        raise NotImplementedError

    def step(self, batch: Sequence[Example], mode: Mode) -> None:
        """One step of training or inference."""
        if mode == "inference":
            with torch.inference_mode():
                self.classify(self.last(batch, False))
            return
        labels = torch.tensor([example.label for example in batch])
        loss = F.cross_entropy(self.classify(self.last(batch, True)), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


class Ours(Classifier):
    """The engine; the plan is compiled inside the step."""

    def last(self, batch: Sequence[Example], train: bool) -> Tensor:
        """See ``Classifier.last``."""
        lengths = [len(example.words) for example in batch]
        x = self.vectors[torch.cat([example.words for example in batch])].requires_grad_(train)
        return self.layers(chains(lengths), x).last[-1].h


class Torch(Classifier):
    """torch's layers on packed sequences."""

    def last(self, batch: Sequence[Example], train: bool) -> Tensor:
        """See ``Classifier.last``."""
        packed = pack_sequence([example.words for example in batch], enforce_sorted=False)
        x = self.vectors[packed.data].requires_grad_(train)
        last = self.layers(packed._replace(data=x))[1]
        return (last[0] if isinstance(last, tuple) else last)[0]


def _measure(
    mode: Mode,
    batch: int,
    ours: Ours,
    theirs: Torch,
    examples: Sequence[Example],
    repeats: int,
) -> Row:
    generator = np.random.default_rng(1)
    times: list[tuple[float, float]] = []
    warm_up = -(-WARM_UP // batch)
    for _ in range(warm_up + repeats):
        chosen = [examples[i] for i in generator.choice(len(examples), batch, replace=False)]
        times.append(
            (
                seconds(lambda chosen=chosen: ours.step(chosen, mode)),  # type: ignore[misc]
                seconds(lambda chosen=chosen: theirs.step(chosen, mode)),  # type: ignore[misc]
            )
        )
    us, them = (statistics.median(column) for column in zip(*times[warm_up:], strict=True))
    return Row(mode, batch, batch / us, batch / them, them / us)


def _example(tree: Tree, words: dict[str, int]) -> Example:
    numbers = [words.setdefault(word, len(words)) for word in tree.words]
    return Example(torch.tensor(numbers), tree.labels[-1])


def _same_weights(ours: Ours, theirs: Torch, name: str) -> None:
    cell: Any = ours.layers.layers[0][0]  # type: ignore[index]
    state = dict(theirs.layers.named_parameters())
    below = (0, 1, 2) if name == "gru" else _INPUT_GATES[name]
    with torch.no_grad():
        for to, weight, gates in (
            ("weight_ih_l0", cell.weight_input, _INPUT_GATES[name]),
            ("weight_hh_l0", cell.weight_below, below),
            ("bias_ih_l0", cell.bias, _INPUT_GATES[name]),
        ):
            blocks = weight.chunk(len(gates))
            state[to].copy_(torch.cat([blocks[gate] for gate in gates]))
        state["bias_hh_l0"].zero_()
    theirs.classify.load_state_dict(ours.classify.state_dict())


def _check_alike(ours: Ours, theirs: Torch, batch: Sequence[Example]) -> None:
    """Raise an error unless both sides come to the same last states."""
    with torch.inference_mode():
        difference = float((ours.last(batch, False) - theirs.last(batch, False)).abs().max())
    if difference > 1e-4:
        raise TreernnError(f"the engine and torch disagree by {difference}; nothing was measured")
