"""Data to train on: trees with labels of any kind, as targets (``treernn.corpora.targets``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from treernn.checks import brief, check_non_negative, check_sizes
from treernn.classes import sums
from treernn.corpora.targets import (
    NEGATIVE,
    NEGATIVE_SHARES,
    POSITIVE,
    POSITIVE_SHARES,
    SET_SUM,
    target_of_classes,
)
from treernn.errors import InputError
from treernn.evaluation.calibration import fit_temperature_to_targets
from treernn.evaluation.targets import root_rows
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.training.data.corpus import Stored
from treernn.training.data.pools import block_order
from treernn.training.data.provenance import fingerprint
from treernn.training.data.sequences import Mapped
from treernn.training.data.soft_targets import check_label_weight
from treernn.types import LABELS, UNLABELLED, Tree

_NAME = re.compile(r"(?!dev)[\w-]+", re.ASCII)
_SIDES = {1: target_of_classes(NEGATIVE), 3: target_of_classes(POSITIVE)}
_SHARES = {1: NEGATIVE_SHARES, 3: POSITIVE_SHARES}

_SMALLEST = 1e-38
_LARGEST_WEIGHT = 1_000_000
_GRADED = "distributions"


@dataclass(frozen=True, eq=False)
class Part:
    """Trees with targets.

    Attributes:
        trees: their labels are used for the accuracy of treebanks only.
        targets: for each tree float32 ``[nodes, 5]``.
        left_out: labels that are on no phrase of a tree.
        stored: checksum of the targets, where they are not in memory.
    """

    trees: Sequence[Tree] = ()
    targets: Sequence[np.ndarray] = ()
    left_out: int = 0
    stored: str = ""

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the targets."""
        return self.stored or fingerprint(rows.tolist() for rows in self.targets)

    def has_targets(self) -> bool:
        """Whether a phrase has a target."""
        return any(rows.any() for rows in self.targets)

    def kinds(self) -> set[tuple[float, ...]]:
        """The different targets; of distributions, which may be many, one."""
        found: set[tuple[float, ...]] = set()
        graded: tuple[float, ...] | None = None
        for rows in self.targets:
            for row in {*map(tuple, rows[rows.any(1)].tolist())} - found:
                if 0 < max(row) < 1:
                    graded = graded or row
                else:
                    found.add(row)
        return found if graded is None else {*found, graded}


@dataclass(frozen=True, eq=False)
class Source:
    """Examples of one kind to train on.

    Attributes:
        name: for messages and metrics.
        train: without any target only for ``with_teachers``.
        dev: may be empty.
        weight: factor of the loss of its examples.
        sample: examples that each epoch draws anew; 0: all.
        balanced: whether the sample has as many negative as neutral and positive texts, as far as
            there are so many.
        treebank: whether the trees have labels of five classes at most of their phrases. Those can
            be sentences of their own then, see ``phrase_ratio``.

    Raises:
        InputError: a value is out of range.
    """

    name: str
    train: Part
    dev: Part = Part()
    weight: float = 1.0
    sample: int = 0
    balanced: bool = False
    treebank: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            expected = "letters, digits, _ and -, and no dev at its start, as metrics have"
            raise InputError(f"name is {brief(self.name)}, expected {expected}")
        check_non_negative(self, "weight")
        if self.weight > _LARGEST_WEIGHT:
            raise InputError(f"weight is {self.weight}, expected at most {_LARGEST_WEIGHT:,}")
        check_sizes(self, "sample", minimum=0)
        if self.balanced and not self.sample:
            raise InputError(
                "balanced is true and sample is 0, which is no sample; give it a number above 0"
            )

    @property
    def epoch_size(self) -> int:
        """Number of its examples in an epoch, without phrases."""
        return min(self.sample or len(self.train.trees), len(self.train.trees))

    def describe(self) -> str:
        """Its texts and how their labels are understood, as one line."""
        parts = (self.train, self.dev)
        different = {row for part in parts for row in part.kinds()}
        found = dict.fromkeys(_meaning(row) for row in sorted(different, reverse=True))
        meanings = sorted(found, key=lambda each: each == _GRADED)
        sizes = f"{len(self.train.trees):,} trees, {len(self.dev.trees):,} for dev"
        line = f"{self.name}: {sizes}; labels: {'; '.join(meanings) or 'none'}"
        count = sum(part.left_out for part in parts)
        return f"{line}; {count:,} more are on no phrase of a tree" if count else line

    @cached_property
    def _sides(self) -> np.ndarray:
        """The side of each train text, 0 to 2; another number if it has no target."""
        roots = root_rows(self.train.targets)
        return np.where(roots.any(1), sums(roots, 3).argmax(1), len(LABELS)).astype(np.int8)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Positions of its examples of an epoch, in the order of ``block_order``."""
        order = block_order(len(self.train.trees), rng)
        if self.balanced:  # the first of each side, then the second of each, and so on
            side = self._sides[order]
            turns = np.empty(len(order), np.int64)
            for each in np.unique(side):
                turns[side == each] = np.arange((side == each).sum())
            order = order[np.argsort(turns, kind="stable")]
        return order[: self.epoch_size]


def _meaning(target: tuple[float, ...]) -> str:
    if 0 < max(target) < 1:
        return _GRADED
    return " or ".join(name for name, share in zip(LABELS, target, strict=True) if share)


def label_targets(trees: Sequence[Tree]) -> Part:
    """Labelled trees as trees with targets."""
    one_hot = np.eye(len(LABELS) + 1, len(LABELS), dtype=np.float32)  # the last row is zero
    targets = [one_hot[[*tree.labels] or [UNLABELLED] * tree.num_nodes] for tree in trees]
    return Part(trees, targets)


def with_teachers(
    source: Source,
    distributions: Sequence[np.ndarray],
    label_weight: float = 0.5,
    temperature: float = 1.0,
) -> Source:
    """A source whose train trees have the distributions of teachers, mixed with the labels.

    Knowledge distillation: Hinton, Vinyals and Dean (2015). The cross-entropy with a mixture of two
    targets is the mixture of the two cross-entropies, so one loss is enough. Of a set of classes
    the label part is the distribution of the teachers within the set.

    Args:
        source: with or without labels.
        distributions: of the teachers, for each train tree ``[nodes, 5]``.
        label_weight: weight of the label in a labelled phrase, 0 to 1.
        temperature: softens the teachers if above 1: probabilities are raised to the power of its
            inverse and normalised.

    Raises:
        InputError: ``label_weight`` or ``temperature`` is out of range.
    """
    check_mixture(label_weight, temperature)
    mixture = partial(_mixture, label_weight, temperature)
    mixed = Mapped(mixture, distributions, source.train.targets)
    if isinstance(distributions, Stored):
        values = source.train.checksum, distributions.digest, label_weight, temperature
        train = replace(source.train, targets=mixed, stored=fingerprint(values))
    else:
        train = replace(source.train, targets=[*mixed], stored="")
    return replace(source, train=train)


def _mixture(
    label_weight: float, temperature: float, rows: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """The targets of a tree, see ``with_teachers``."""
    logits = np.log(np.maximum(rows.astype(np.float64), _SMALLEST))
    logits -= logits.max(1, keepdims=True)  # so that a low temperature leaves the largest
    soft = np.exp(logits / max(temperature, _SMALLEST)).astype(np.float32)
    soft /= soft.sum(1, keepdims=True)
    if not labels.any():
        return soft
    gold = np.where(labels.sum(1, keepdims=True) > SET_SUM, labels * (soft + 1e-6), labels)
    gold /= np.maximum(gold.sum(1, keepdims=True), np.float32(1e-12))
    weight = np.where(labels.any(1, keepdims=True), np.float32(label_weight), np.float32(0))
    return weight * gold + (1 - weight) * soft


def root_sides(trees: Sequence[Tree], known_strength: bool = False) -> Part:
    """Trees whose roots are labelled 1 or 3, negative or positive of any strength.

    Args:
        trees: labelled trees.
        known_strength: for a new model, which would find all texts of a side equally strong: the
            targets have the shares of the two classes in the Stanford Sentiment Treebank.
    """
    sides = _SHARES if known_strength else _SIDES
    targets = []
    for tree in trees:
        rows = np.zeros((tree.num_nodes, len(LABELS)), np.float32)
        rows[-1] = sides[tree.labels[-1]]
        targets.append(rows)
    return Part(trees, targets)


def check_mixture(label_weight: float, temperature: float) -> None:
    """Raise ``InputError`` unless ``with_teachers`` takes these values."""
    check_label_weight(label_weight)
    if not temperature > 0:
        raise InputError(f"temperature is {temperature}, expected more than 0")


def fitted_temperature(model: PhraseClassifier, dev_sets: Sequence[Part]) -> float:
    """The temperature that fits some dev sets best, each of which counts the same.

    Raises:
        InputError: none of them has a label.
    """
    parts = [
        (np.concatenate(model.distributions(part.trees)), np.concatenate(part.targets))
        for part in dev_sets
        if any(rows.any() for rows in part.targets)
    ]
    if not parts:
        raise InputError("no source has labelled dev texts to fit a temperature to")
    return fit_temperature_to_targets(parts, model.config.temperature)
