"""What the benchmarks have in common: a report, and two sides that take turns at the same steps.

A step is one of a classifier on the Stanford Sentiment Treebank, whole: batch, look up the words,
merge the states, classify, and in training also cross entropy, backward pass (with the gradient of
the inputs) and Adagrad for all but the word vectors. All sides run in turn on the same batches, so
that what else the machine does hits all alike; figures are medians.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, get_args

import numpy as np
import torch
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.errors import InputError, TreernnError
from treernn.studies.machine import seconds
from treernn.types import LABELS

INPUT, HIDDEN = 300, 150
BATCHES = (25, 256)
WARM_UP = 1000  # examples; by then all sides have met most sizes of levels
Mode = Literal["train", "inference"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark found.

    Attributes:
        values: plain, for JSON.
        table: for the terminal.
    """

    values: dict[str, Any]
    table: Table


def table(about: Mapping[str, Any], titles: Sequence[str], names: int = 1, **style: Any) -> Table:
    """A table without rows yet.

    Args:
        about: what it was measured on, which stands below.
        titles: of the columns.
        names: how many of them, the first, hold names; the others hold figures.
        style: see ``rich.table.Table``.
    """
    empty = Table(caption="  ".join(f"{key} {value}" for key, value in about.items()), **style)
    for number, title in enumerate(titles):
        empty.add_column(title, justify="left" if number < names else "right")
    return empty


class Side(Protocol):
    """What takes turns."""

    def prepare(self, batch: Sequence[Any]) -> Any:
        """What a step needs; this takes no time."""

    def step(self, prepared: Any, mode: Mode) -> None:
        """One step of training or inference."""


class Classifier(nn.Module):
    """What both sides train: word vectors as they are, ``layers``, a softmax on their states."""

    def __init__(self, vectors: Tensor, layers: Any, hidden: int) -> None:
        super().__init__()
        self.vectors, self.layers = vectors, layers
        self.classify = nn.Linear(hidden, len(LABELS))
        self.optimizer = torch.optim.Adagrad(self.parameters(), lr=0.05, fused=True)

    def states(self, batch: Sequence[Any], train: bool) -> tuple[Tensor, Tensor]:
        """States ``[n, hidden]`` and labels ``[n]``, in an order of the side's own."""
        raise NotImplementedError

    def prepare(self, batch: Sequence[Any]) -> Sequence[Any]:
        """The batch as it is: all else is part of the step."""
        return batch

    def step(self, prepared: Sequence[Any], mode: Mode) -> None:
        """See ``Side.step``."""
        if mode == "inference":
            with torch.inference_mode():
                self.classify(self.states(prepared, False)[0])
            return
        states, labels = self.states(prepared, True)
        loss = F.cross_entropy(self.classify(states), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


def medians(
    sides: Sequence[Side], examples: Sequence[Any], repeats: int
) -> Iterator[tuple[Mode, int, list[float]]]:
    """For each mode and size of batch: both, and the seconds of a step of each side."""
    modes: tuple[Mode, ...] = get_args(Mode)
    for mode in modes:
        for size in BATCHES:
            generator = np.random.default_rng(1)
            times = []
            warm_up = -(-WARM_UP // size)
            for _ in range(warm_up + repeats):
                chosen = generator.choice(len(examples), size, replace=False)
                batch = [examples[number] for number in chosen]
                steps = [partial(side.step, side.prepare(batch), mode) for side in sides]
                times.append([seconds(step) for step in steps])
            yield mode, size, [*map(statistics.median, zip(*times[warm_up:], strict=True))]


def check_repeats(repeats: int) -> None:
    """Raise an InputError unless there is something to measure."""
    if repeats < 1:
        raise InputError(f"{repeats} repeats: at least one is needed")


def check_alike(ours: Sequence[Tensor], theirs: Sequence[Tensor], library: str) -> None:
    """Raise an error unless both sides come to the same states and labels."""
    difference = max(
        float((mine - other).abs().max()) for mine, other in zip(ours, theirs, strict=True)
    )
    if difference > 1e-4:
        raise TreernnError(
            f"the engine and {library} disagree by {difference}; nothing was measured"
        )
