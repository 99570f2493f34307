"""Targets that are distributions, such as those of a teacher, mixed with gold labels.

Knowledge distillation: Hinton, Vinyals and Dean (2015). The cross-entropy with a mixture of two
targets is the mixture of the two cross-entropies, so one loss is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from treernn.errors import InputError
from treernn.types import LABELS, UNLABELLED, AnyTree


@dataclass(frozen=True)
class SoftTargets:
    """Target distributions for the phrases, or target probabilities for the spans, of trees.

    Attributes:
        targets: for each tree float32 ``[nodes, 5]``, rows sum to one; or ``[spans, 3]``: start,
            end and probability.
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

    def sample(self, rng: np.random.Generator) -> list[int]:
        """Indices of the trees of an epoch."""
        others = rng.permutation(len(self.targets) - self.always) + self.always
        return [*range(self.always), *others[: self.epoch_size - self.always].tolist()]

    def provenance(self) -> dict[str, Any]:
        """Plain values that identify these targets."""
        digest = hashlib.sha256()
        for rows in self.targets:
            digest.update(rows.tobytes())
        return {"sha256": digest.hexdigest(), "always": self.always, "resample": self.resample}


def mix_labels(
    trees: Sequence[AnyTree],
    distributions: Sequence[np.ndarray],
    label_weight: float,
    temperature: float = 1.0,
) -> list[np.ndarray]:
    """Mix the distributions of a teacher with gold labels.

    Args:
        trees: with or without labels.
        distributions: of the teacher, for each tree ``[nodes, 5]``.
        label_weight: weight of the gold label in a labelled phrase, 0 to 1.
        temperature: softens the teacher if above 1: probabilities are raised to the power of its
            inverse and normalised.

    Raises:
        InputError: ``label_weight`` or ``temperature`` is out of range.
    """
    check_label_weight(label_weight)
    if not temperature > 0:
        raise InputError(f"temperature is {temperature}, expected more than 0")
    one_hot = np.eye(len(LABELS), dtype=np.float32)
    targets = []
    for tree, rows in zip(trees, distributions, strict=True):
        soft = rows.astype(np.float32) ** np.float32(1 / temperature)
        soft /= soft.sum(1, keepdims=True)
        if tree.labels:
            labels = np.array(tree.labels)
            known = labels != UNLABELLED
            soft[known] = label_weight * one_hot[labels[known]] + (1 - label_weight) * soft[known]
        targets.append(soft)
    return targets


def check_label_weight(label_weight: float) -> None:
    """Raise ``InputError`` unless ``label_weight`` is between 0 and 1."""
    if not 0 <= label_weight <= 1:
        raise InputError(f"label_weight is {label_weight}, expected 0 to 1")
