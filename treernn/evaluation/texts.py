"""Accuracy on whole texts with a class each, which are read as ``treernn score`` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from treernn.classes import PLACES, label_places, names
from treernn.errors import InputError
from treernn.evaluation.accuracy import NEUTRAL, percentage
from treernn.evaluation.classes import ClassAccuracy, class_accuracies, confusion_of, macro_f1
from treernn.evaluation.plain import to_plain
from treernn.scoring.result import Result

BATCH = 512
"""Texts scored at once: results have their trees, which take memory."""

NOTHING = (0.0, 0.0, 1.0, 0.0, 0.0)
"""The distribution of a text in which there is nothing to score, such as a link: neutral."""


class TextScorer(Protocol):
    """What is needed of a ``Scorer``."""

    def score_many(self, texts: Sequence[str], /) -> Sequence[Result]:
        """A result for each text."""
        ...


@dataclass(frozen=True)
class TextAccuracy:
    """How well the classes of texts are found.

    Attributes:
        count: number of texts.
        accuracy: of as many classes as the labels have, in %.
        macro_f1: mean F1 of the classes that occur, in %.
        count_binary: number of texts that are not neutral.
        binary: accuracy of negative against positive among them, in %; NaN if there are none.
        classes: how well each is found, by name, negative ones first.
        confusion: number of texts, ``confusion[gold][predicted]``, in the same order.
    """

    count: int
    accuracy: float
    macro_f1: float
    count_binary: int
    binary: float
    classes: dict[str, ClassAccuracy]
    confusion: tuple[tuple[int, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Values for JSON: rounded to 0.01 %, None instead of NaN; see docs/evaluate.md."""
        classes = {name: to_plain(each, ".2f") for name, each in self.classes.items()}
        return {**to_plain(self, ".2f"), "classes": classes}


def text_distributions(scorer: TextScorer, texts: Sequence[str]) -> np.ndarray:
    """The distributions of texts ``[n, 5]``; a text that occurs several times is scored once.

    Args:
        scorer: such as ``treernn.load`` returns.
        texts: as they were written.
    """
    from tqdm import tqdm

    found = dict.fromkeys(texts, NOTHING)
    different = [*found]
    for start in tqdm(range(0, len(different), BATCH), leave=False, disable=None):
        batch = different[start : start + BATCH]
        for text, result in zip(batch, scorer.score_many(batch), strict=True):
            found[text] = result.distribution or NOTHING
    return np.array([found[text] for text in texts]).reshape(-1, len(NOTHING))


def text_accuracy(gold: Sequence[int], distributions: np.ndarray, classes: int) -> TextAccuracy:
    """Compare distributions with labels.

    Args:
        gold: a class of each text, its place in ``LABELS``.
        distributions: ``[n, 5]``.
        classes: how many the labels have, 5, 3 or 2; see ``treernn.classes``.

    Raises:
        InputError: there are no texts.
    """
    if not len(gold):
        raise InputError("no texts to evaluate on")
    places = np.array(PLACES[classes])
    labels, predicted = np.asarray(gold), label_places(distributions, classes)
    rows, columns = places.searchsorted(labels), places.searchsorted(predicted)
    confusion = confusion_of(rows, columns, classes)
    found = class_accuracies(confusion)
    polar = labels != NEUTRAL
    positive = label_places(distributions[polar], 2) > NEUTRAL
    return TextAccuracy(
        count=len(labels),
        accuracy=percentage(predicted == labels),
        macro_f1=macro_f1(found),
        count_binary=int(polar.sum()),
        binary=percentage(positive == (labels[polar] > NEUTRAL)),
        classes=dict(zip(names(classes), found, strict=True)),
        confusion=tuple(map(tuple, confusion.tolist())),
    )
