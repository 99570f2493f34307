"""How well each class is found: precision, recall and F1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ClassAccuracy:
    """How well one class is found, in %; NaN if undefined.

    Attributes:
        precision: the examples of this class among those that the model gives it.
        recall: the examples that the model gives this class among those of it.
        f1: harmonic mean of both.
        count: number of examples of this class.
    """

    precision: float
    recall: float
    f1: float
    count: int


def confusion_of(gold: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """The number of examples ``[classes, classes]`` by gold (row) and predicted (column) class.

    Args:
        gold, predicted: ``[n]``, from 0.
        classes: how many there are.
    """
    confusion = np.zeros((classes, classes), int)
    np.add.at(confusion, (gold, predicted), 1)
    return confusion


def class_accuracies(confusion: np.ndarray) -> list[ClassAccuracy]:
    """How well each class is found, of ``confusion_of``."""
    counts = zip(confusion.diagonal(), confusion.sum(1), confusion.sum(0), strict=True)
    return [_class_accuracy(*map(int, each)) for each in counts]


def macro_f1(found: Iterable[ClassAccuracy]) -> float:
    """The mean F1 of the classes that occur, in %; at least one does."""
    return float(np.mean([each.f1 for each in found if each.count]))


def _class_accuracy(correct: int, gold: int, predicted: int) -> ClassAccuracy:
    """Of so many correct examples, examples of the class, examples that were given it."""

    def percent(part: int, whole: int) -> float:
        return 100 * part / whole if whole else float("nan")

    return ClassAccuracy(
        percent(correct, predicted),
        percent(correct, gold),
        percent(2 * correct, gold + predicted),
        gold,
    )
