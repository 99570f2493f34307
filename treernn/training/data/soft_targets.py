"""Targets of parsers that are probabilities of spans, such as those of a teacher, and the trees of
an epoch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from treernn.errors import InputError
from treernn.training.data.corpus import Stored
from treernn.training.data.pools import block_order
from treernn.training.data.sequences import Chain


@dataclass(frozen=True)
class SoftTargets:
    """Target probabilities for the spans of trees.

    Attributes:
        targets: for each tree float32 ``[spans, 3]``: start, end and probability.
        always: the first trees, this many, are in every epoch.
        resample: fraction of the other trees that each epoch samples.
    """

    targets: Sequence[np.ndarray]
    always: int
    resample: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.resample <= 1:
            raise InputError(f"resample is {self.resample}, expected more than 0 and at most 1")

    @property
    def epoch_size(self) -> int:
        """Number of trees in an epoch."""
        return self.always + round(self.resample * (len(self.targets) - self.always))

    def sample(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the trees of an epoch: those of all epochs, and the sampled ones in the order
        of ``block_order``."""
        others = block_order(len(self.targets) - self.always, rng) + self.always
        return np.arange(self.always), others[: self.epoch_size - self.always]

    def provenance(self) -> dict[str, Any]:
        """Plain values that identify these targets."""
        members = self.targets.members if isinstance(self.targets, Chain) else [self.targets]
        digest = hashlib.sha256()
        for member in members:
            if isinstance(member, Stored):
                digest.update(member.digest.encode())
                continue
            for rows in member:
                digest.update(rows.tobytes())
        return {"sha256": digest.hexdigest(), "always": self.always, "resample": self.resample}


def check_label_weight(label_weight: float) -> None:
    """Raise ``InputError`` unless ``label_weight`` is between 0 and 1."""
    if not 0 <= label_weight <= 1:
        raise InputError(f"label_weight is {label_weight}, expected 0 to 1")
