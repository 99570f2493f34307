"""Texts with targets: labels of any kind on a text or on parts of it.

A target is five numbers, not negative, for the classes very negative to very positive:

- zeros: no label;
- a row that sums to one is a distribution: a class, one-hot; a graded score, shared between the two
  nearest classes; probabilities of a teacher;
- several ones are a set of classes, of which one is right: a label that says only negative or
  positive.

>>> target_of_class(3), target_of_classes(POSITIVE)
((0.0, 0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0, 1.0))
>>> target_of_score(2.5, 0, 4)
(0.0, 0.0, 0.5, 0.5, 0.0)
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from treernn.corpora.labelled import find_scale
from treernn.errors import InputError
from treernn.types import LABELS

Target = tuple[float, float, float, float, float]

NO_TARGET: Target = (0.0, 0.0, 0.0, 0.0, 0.0)
NEGATIVE, NEUTRAL, POSITIVE = (0, 1), (2,), (3, 4)
"""The classes that a label on a scale of three stands for."""

SIDES = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE}
_SIDES = {1: NEGATIVE, 2: NEUTRAL, 3: POSITIVE}

NEGATIVE_SHARES: Target = (0.33, 0.67, 0.0, 0.0, 0.0)
POSITIVE_SHARES: Target = (0.0, 0.0, 0.0, 0.64, 0.36)
"""The shares of the two classes of a side in the Stanford Sentiment Treebank."""

SET_SUM = 1.5
"""The sum of a target that is a set of several classes is more; that of a distribution is one."""

SUM_TOLERANCE = 0.026
"""How far from one the sum of a distribution may be: five numbers with two digits are up to 0.025
from it."""


@dataclass(frozen=True, slots=True)
class SpanTarget:
    """The target of a part of a text.

    Attributes:
        start, end: its half-open character range.
        target: of the five classes, see the module.
    """

    start: int
    end: int
    target: Target


@dataclass(frozen=True, slots=True)
class TargetText:
    """A text with targets.

    Attributes:
        text: as a person writes it.
        targets: of parts of the text; the range ``(0, len(text))`` is the whole text.
    """

    text: str
    targets: tuple[SpanTarget, ...]

    @classmethod
    def whole(cls, text: str, target: Target) -> TargetText:
        """A text with one target for all of it."""
        return cls(text, (SpanTarget(0, len(text), target),))

    @property
    def target(self) -> Target:
        """That of the whole text; zeros if it has none."""
        ends = (0, len(self.text))
        found = (each.target for each in self.targets if (each.start, each.end) == ends)
        return next(found, NO_TARGET)


def target_of_class(label: int) -> Target:
    """The target of a class.

    Args:
        label: 0 to 4.

    Raises:
        InputError: it is another number.
    """
    return target_of_classes((label,))


def target_of_classes(labels: Collection[int]) -> Target:
    """The target of a set of classes, of which one is right.

    Args:
        labels: classes 0 to 4, at least one.

    Raises:
        InputError: there is none, or one is another number.
    """
    if not labels or not {*labels} <= {*range(len(LABELS))}:
        raise InputError(f"the classes {[*labels]}, expected some of 0 to {len(LABELS) - 1}")
    return _target(float(label in labels) for label in range(len(LABELS)))


def target_of_side(name: str) -> Target:
    """The target of a class of three, as a set of classes.

    Args:
        name: negative, neutral or positive, in any case.

    Raises:
        InputError: it is another word.
    """
    classes = SIDES.get(name.strip().lower())
    if classes is None:
        raise InputError(f"label {name[:40]!r}, expected {', '.join(SIDES)}")
    return target_of_classes(classes)


def target_of_score(score: float, low: float, high: float) -> Target:
    """The target of a graded score, shared linearly between the two nearest classes.

    Args:
        score: from ``low`` to ``high``.
        low: the score of very negative texts.
        high: the score of very positive texts.

    Raises:
        InputError: the score is not between them, or they are no scale.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"a scale from {low} to {high}, expected a lower and a higher number")
    if not low <= score <= high:
        raise InputError(f"score {score}, expected {low} to {high}")
    if math.isinf(high - low):
        score, low, high = score / 2, low / 2, high / 2
    place = (score - low) / (high - low) * (len(LABELS) - 1)
    return _target(max(0.0, 1 - abs(place - label)) for label in range(len(LABELS)))


def target_of_distribution(probabilities: Sequence[float]) -> Target:
    """The target of a distribution over the five classes, divided by its sum.

    Args:
        probabilities: five numbers, not negative, with the sum one but for rounding.

    Raises:
        InputError: they are not.
    """
    if len(probabilities) != len(LABELS):
        raise InputError(f"{len(probabilities)} probabilities, expected {len(LABELS)}")
    if not all(0 <= value <= 1 + SUM_TOLERANCE for value in probabilities):
        raise InputError(f"probabilities {[*probabilities]}, expected numbers from 0 to 1")
    total = math.fsum(probabilities)
    if abs(total - 1) > SUM_TOLERANCE:
        raise InputError(f"probabilities with the sum {total:.6g}, expected 1")
    return _target(value / total for value in probabilities)


def mean_target(targets: Sequence[Target]) -> Target:
    """The target of a part that several people labelled.

    Where all say the same, that is it. Otherwise it is the mean distribution, in which a side of
    three or two classes has the shares of its two in the Stanford Sentiment Treebank.

    Args:
        targets: at least one, none of zeros.

    >>> mean_target([target_of_class(3), target_of_class(4)])
    (0.0, 0.0, 0.0, 0.5, 0.5)
    >>> mean_target([target_of_side("negative"), target_of_side("neutral")])
    (0.165, 0.335, 0.5, 0.0, 0.0)
    """
    if len({*targets}) == 1:
        return targets[0]
    rows = [_as_distribution(target) for target in targets]
    return _target(math.fsum(column) / len(rows) for column in zip(*rows, strict=True))


def _as_distribution(target: Target) -> Target:
    shares = {
        target_of_classes(NEGATIVE): NEGATIVE_SHARES,
        target_of_classes(POSITIVE): POSITIVE_SHARES,
    }
    total = math.fsum(target)
    return shares.get(target) or _target(value / total for value in target)


def targets_of_labels(labels: Iterable[str]) -> Mapping[str, Target]:
    """The target of each label that is used in some data, by what is used beside it.

    Labels are classes 0 to 4, by number or by name, unless all of them are on a scale of two or
    three classes, as 0 and 1 are, ``pos`` and ``neg``, or negative, neutral and positive without a
    very negative or very positive anywhere: those are sets of classes.

    Args:
        labels: all labels of the data as they are written; others change what one means.

    Returns:
        Targets by label as written; labels that are no class are left out.

    >>> targets_of_labels(["negative", "neutral"])["negative"]
    (1.0, 1.0, 0.0, 0.0, 0.0)
    >>> targets_of_labels(["negative", "very negative"])["negative"]
    (0.0, 1.0, 0.0, 0.0, 0.0)
    """
    written = {*labels}
    scale = find_scale(written)
    classes = {name: label for name in written if (label := scale.class_of(name)) is not None}
    names = {" ".join(name.lower().split()) for name in classes}
    if scale.coarse or names <= {*SIDES}:
        return {name: target_of_classes(_SIDES[label]) for name, label in classes.items()}
    return {name: target_of_class(label) for name, label in classes.items()}


def _target(values: Iterable[float]) -> Target:
    a, b, c, d, e = values
    return a, b, c, d, e
