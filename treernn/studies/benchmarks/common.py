"""Compare the speed of several implementations of one step.

A step is one of a sentiment classifier on the Stanford Sentiment Treebank: collate a batch, look up
word vectors, run a recurrent or recursive net, classify; in training also cross entropy, the
backward pass (with the gradient of the inputs) and Adagrad for all weights but the word vectors.
Implementations alternate on the same batches, so that other load on the machine affects all alike.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.errors import InputError, TreernnError
from treernn.studies.machine import seconds
from treernn.transfer import to_device
from treernn.types import LABELS

INPUT_SIZE, HIDDEN_SIZE = 300, 150
BATCH_SIZES = (25, 256)
WARM_UP = 1000  # examples, until buffers and kernels exist for most sizes of levels
Mode = Literal["train", "inference"]


@dataclass(frozen=True, slots=True)
class Row:
    """The speed of a cell in one mode at one batch size.

    Attributes:
        cell: its name.
        hidden_size: of its states.
        mode: ``"train"`` or ``"inference"``.
        batch_size: trees or sentences per step.
        examples_per_s: trees or sentences per second of the engine.
        reference_per_s: those of the other library, if measured.
        speedup: the engine's divided by the other library's.
        matmul_fraction: if measured, the time of the step's matrix products alone divided by the
            engine's time.
    """

    cell: str
    hidden_size: int
    mode: Mode
    batch_size: int
    examples_per_s: float
    reference_per_s: float | None = None
    speedup: float | None = None
    matmul_fraction: float | None = None


class Implementation(Protocol):
    """One of the implementations to compare."""

    def prepare(self, batch: Sequence[Any]) -> Any:
        """What ``step`` takes; not measured."""

    def step(self, prepared: Any, mode: Mode) -> None:
        """One step of training or inference."""


class Classifier(nn.Module):
    """Fixed word vectors, ``layers``, and a softmax over classes.

    Args:
        vectors: ``[words, INPUT_SIZE]``.
        layers: the net of the implementation.
        hidden_size: of its states.
    """

    def __init__(self, vectors: Tensor, layers: Any, hidden_size: int) -> None:
        super().__init__()
        self.vectors, self.layers = vectors, layers
        self.classify = nn.Linear(hidden_size, len(LABELS))
        self.to(vectors.device)
        # On a GPU torch chooses; not all versions have this one fused there.
        fused = True if vectors.device.type == "cpu" else None
        self.optimizer = torch.optim.Adagrad(self.parameters(), lr=0.05, fused=fused)

    def collate(self, batch: Sequence[Any]) -> tuple[Any, Tensor]:
        """What ``states`` takes, and the labels ``[n]`` of its states; on the CPU."""
        raise NotImplementedError

    def states(self, inputs: Any, train: bool) -> Tensor:
        """States ``[n, hidden_size]``, in any order."""
        raise NotImplementedError

    def prepare(self, batch: Sequence[Any]) -> Sequence[Any]:
        """See ``Implementation``: nothing, since collating is measured."""
        return batch

    def collated(self, batch: Sequence[Any]) -> tuple[Any, Tensor]:
        """A batch on the device."""
        return to_device(self.collate(batch), self.vectors.device)

    def step(self, prepared: Sequence[Any], mode: Mode) -> None:
        """See ``Implementation``."""
        self.run(self.collated(prepared), mode)

    def run(self, collated: tuple[Any, Tensor], mode: Mode) -> None:
        """One step of a batch on the device."""
        inputs, labels = collated
        if mode == "inference":
            with torch.inference_mode():
                self.classify(self.states(inputs, False))
            return
        states = self.states(inputs, True)
        loss = F.cross_entropy(self.classify(states), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


def medians(
    implementations: Sequence[Implementation],
    examples: Sequence[Any],
    repeats: int,
    device: torch.device | str = "cpu",
    batch_sizes: Sequence[int] | None = None,
) -> Iterator[tuple[Mode, int, list[float]]]:
    """The mode, the batch size and the median seconds per step of each implementation; by default
    at ``BATCH_SIZES``."""
    modes: tuple[Mode, ...] = get_args(Mode)
    for mode in modes:
        for batch_size in batch_sizes or BATCH_SIZES:
            rng = np.random.default_rng(1)
            times = []
            warm_up = -(-WARM_UP // batch_size)
            for _ in range(warm_up + repeats):
                indices = rng.choice(len(examples), batch_size, replace=False)
                batch = [examples[index] for index in indices]
                steps = [partial(each.step, each.prepare(batch), mode) for each in implementations]
                times.append([seconds(step, device) for step in steps])
            yield mode, batch_size, [*map(statistics.median, zip(*times[warm_up:], strict=True))]


def check_repeats(repeats: int) -> None:
    """Raise InputError unless there is at least one."""
    if repeats < 1:
        raise InputError(f"{repeats} repeats: at least one is needed")


def check_equal(engine: Sequence[Tensor], reference: Sequence[Tensor], library: str) -> None:
    """Raise TreernnError unless both have the same states and labels.

    Args:
        engine, reference: states and labels of each.
        library: that of the reference.
    """
    pairs = zip(engine, reference, strict=True)
    difference = max(float((ours - theirs).abs().max()) for ours, theirs in pairs)
    if difference > 1e-4:
        raise TreernnError(f"the engine and {library} differ by {difference}; nothing was measured")
