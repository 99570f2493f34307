"""What a training task defines; ``treernn.training.loop.trainer`` owns everything else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from treernn.encoders.encoder import Encoder
from treernn.models.stored_model import StoredModel
from treernn.training.data.provenance import weights_fingerprint
from treernn.training.loop.settings import Settings
from treernn.transfer import to_device
from treernn.types import Splits

Model = TypeVar("Model", bound=StoredModel)

_POOL = 16


class Prepared(NamedTuple):
    """A batch that is ready for a step.

    Attributes:
        inputs: what the model takes.
        targets: what the loss needs besides.
    """

    inputs: Any
    targets: Any


class Task(ABC, Generic[Model, Settings]):
    """A model, its data, its loss and its evaluation.

    Attributes:
        model: trained in place.
        settings: how it is trained.
        data: train and dev examples.
        optimizers: of all trainable weights, each weight in one.
    """

    optimizers: Sequence[torch.optim.Optimizer]

    def __init__(self, model: Model, data: Splits[Any], settings: Settings) -> None:
        self.model, self.data, self.settings = model, data, settings

    @abstractmethod
    def batches(self, rng: np.random.Generator) -> Sequence[Sequence[int]]:
        """The batches of one epoch, as indices of examples."""

    @abstractmethod
    def sizes(self, examples: Sequence[int]) -> list[int]:
        """How much there is to compute of examples, relative to others: their nodes, or steps.

        A batch is cut by these sizes, so that processes that share it finish together.
        """

    def divisor(self, batch: Sequence[int]) -> int:
        """The count by which the loss of a batch is divided before the backward pass."""
        return len(batch)

    @abstractmethod
    def prepare(self, batch: Sequence[int]) -> Prepared:
        """Collate a batch, on the CPU.

        Runs ahead of the training, in another thread: it draws no random numbers and changes
        nothing that the model reads.
        """

    def scores(self, inputs: Any) -> Tensor:
        """The model's scores for the inputs of ``prepare``, on its device.

        Nothing here or in ``total_loss`` may wait for a GPU: no value of a tensor is read, and no
        shape depends on one.
        """
        scores: Tensor = self.model(inputs)
        return scores

    @abstractmethod
    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        """The loss summed over a batch, in nats.

        Args:
            scores: those of ``scores``, in float32.
            prepared: the batch, on their device.
        """

    def loss(self, batch: Sequence[int]) -> tuple[Tensor, int]:
        """The loss of a batch.

        Returns:
            The loss summed over the batch, in nats, and the count by which it is divided before
            the backward pass.
        """
        prepared = to_device(self.prepare(batch), self.model.device)
        return self.total_loss(self.scores(prepared.inputs), prepared), self.divisor(batch)

    @property
    def prepares_ahead(self) -> bool:
        """Whether batches can be prepared in another thread, which they cannot where the first use
        of a sentence runs the frozen layers of an encoder."""
        encoders = (each for each in self.model.modules() if isinstance(each, Encoder))
        return not any(encoder.tuning.frozen_layers for encoder in encoders)

    def sums(self) -> Sequence[Tensor]:
        """What the steps of an epoch have added up for ``evaluate``; several processes add these
        too."""
        return ()

    @abstractmethod
    def evaluate(self, model: Model) -> dict[str, float | None]:
        """Metrics of ``model``, the averaged weights, on the dev data; None where undefined."""

    @abstractmethod
    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """The epoch with the greatest key is the best."""

    @staticmethod
    @abstractmethod
    def summary(examples: Sequence[Any]) -> dict[str, Any]:
        """Counts and checksum of examples of ``data``, at least one."""

    def provenance(self) -> dict[str, Any]:
        """Plain values that identify the run: settings, data and initial weights."""
        return {
            "settings": asdict(self.settings),
            "data": {name: self.summary(getattr(self.data, name)) for name in ("train", "dev")},
            "untrained": {"sha256": weights_fingerprint(self.model)},
        }

    def save(self, out: Path, **metadata: Any) -> None:
        """Write ``model`` as a model folder, with ``metadata`` in its ``config.json``."""
        self.model.save(out, **metadata)


def shuffled(count: int, size: int, rng: np.random.Generator) -> list[list[int]]:
    """The indices 0 to ``count`` - 1 in random order, in batches of ``size``."""
    order = rng.permutation(count).tolist()
    return [order[start : start + size] for start in range(0, count, size)]


def shuffled_by_length(
    sizes: Sequence[int], batch_size: int, rng: np.random.Generator
) -> list[list[int]]:
    """Random batches of items of similar size, in random order.

    Only items that are drawn together, ``_POOL`` batches at a time, are sorted, so that batches
    differ from epoch to epoch.
    """
    batches = []
    for pool in shuffled(len(sizes), _POOL * batch_size, rng):
        pool.sort(key=lambda index: sizes[index])
        batches += [pool[start : start + batch_size] for start in range(0, len(pool), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]
