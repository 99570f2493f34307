"""Targets that are distributions, such as a teacher's, mixed with gold labels.

Distillation: Hinton, Vinyals and Dean (2015). The cross-entropy with a mixture of two targets is
the mixture of both cross-entropies, so that there is one loss.
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
    """What each phrase of each tree should be given, or what spans it should have.

    Attributes:
        targets: for each tree float32 ``[nodes, 5]``, rows sum to one; or ``[spans, 3]``, start,
            end and how probable.
        always: how many trees, the first, are in every epoch.
        anew: share of the others that an epoch sees, drawn anew.
    """

    targets: Sequence[np.ndarray]
    always: int
    anew: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.anew <= 1:
            raise InputError(f"anew is {self.anew}, expected more than 0 and at most 1")

    @property
    def per_epoch(self) -> int:
        """How many trees an epoch sees."""
        return self.always + round(self.anew * (len(self.targets) - self.always))

    def drawn(self, random: np.random.Generator) -> list[int]:
        """Numbers of the trees of an epoch."""
        others = random.permutation(len(self.targets) - self.always) + self.always
        return [*range(self.always), *others[: self.per_epoch - self.always].tolist()]

    def described(self) -> dict[str, Any]:
        """What tells these targets from others."""
        digest = hashlib.sha256()
        for rows in self.targets:
            digest.update(rows.tobytes())
        return {"sha256": digest.hexdigest(), "always": self.always, "anew": self.anew}


def mixed(
    trees: Sequence[AnyTree],
    distributions: Sequence[np.ndarray],
    gold: float,
    temperature: float = 1.0,
) -> list[np.ndarray]:
    """A teacher's distributions, softened, and gold labels where there are any.

    Args:
        trees: with labels or without.
        distributions: for each tree ``[nodes, 5]``.
        gold: share of the label of a phrase that has one.
        temperature: above 1 the teacher's distributions come nearer to each other: each
            probability to the power of its inverse, rows summing to one again.

    Raises:
        InputError: a share or a temperature that cannot be.
    """
    if not 0 <= gold <= 1:
        raise InputError(f"gold is {gold}, expected 0 to 1")
    if not temperature > 0:
        raise InputError(f"temperature is {temperature}, expected more than 0")
    one_hot = np.eye(len(LABELS), dtype=np.float32)
    found = []
    for tree, rows in zip(trees, distributions, strict=True):
        soft = rows.astype(np.float32) ** np.float32(1 / temperature)
        soft /= soft.sum(1, keepdims=True)
        if tree.labels:
            labels = np.array(tree.labels)
            known = labels != UNLABELLED
            soft[known] = gold * one_hot[labels[known]] + (1 - gold) * soft[known]
        found.append(soft)
    return found
