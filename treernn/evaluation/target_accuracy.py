"""Accuracy of the sentiment toward targets: negative, neutral, positive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from treernn.classes import sums
from treernn.evaluation.accuracy import percentage
from treernn.evaluation.classes import class_accuracies, confusion_of, macro_f1
from treernn.evaluation.targets import recall
from treernn.models.target_classifier import TargetClassifier
from treernn.scoring.target_trees import TargetTree
from treernn.types import Tree

TOWARD, PHRASE, SENTENCE = "toward the target", "smallest phrase", "sentence"
SIDES = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class TargetAccuracy:
    """How well the sentiment toward targets is known.

    Attributes:
        accuracy: of three classes, in %.
        macro_f1: mean of the F1 of the classes that occur, in %.
        recall: of each class that occurs, in %, by name.
        counts: of each class, in the order of ``SIDES``.
        most_frequent: accuracy of the most frequent class, in %.
    """

    accuracy: float
    macro_f1: float
    recall: dict[str, float]
    counts: tuple[int, ...]
    most_frequent: float

    @property
    def macro_recall(self) -> float:
        """Mean recall of the classes that occur, in %."""
        return float(np.mean([*self.recall.values()]))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, in % with two digits."""
        return {
            "targets": sum(self.counts),
            "accuracy": round(self.accuracy, 2),
            "macro_f1": round(self.macro_f1, 2),
            "macro_recall": round(self.macro_recall, 2),
            "recall": {name: round(value, 2) for name, value in self.recall.items()},
            "most_frequent": round(self.most_frequent, 2),
        }


def target_accuracy(distributions: np.ndarray, targets: np.ndarray) -> TargetAccuracy:
    """Compare predictions with labels.

    Args:
        distributions: ``[n, 5]``, n at least 1.
        targets: ``[n, 5]``, none of them zeros; see ``treernn.corpora.targets``.
    """
    gold, found = sums(targets, 3).argmax(1), sums(distributions, 3).argmax(1)
    confusion = confusion_of(gold, found, len(SIDES))
    counts = confusion.sum(1)
    return TargetAccuracy(
        accuracy=percentage(gold == found),
        macro_f1=macro_f1(class_accuracies(confusion)),
        recall={SIDES[side]: value for side, value in recall(distributions, targets).items()},
        counts=tuple(counts.tolist()),
        most_frequent=100 * float(counts.max() / counts.sum()),
    )


def compare_targets(
    model: Any, classifier: TargetClassifier, trees: Sequence[TargetTree]
) -> dict[str, TargetAccuracy]:
    """The accuracy of a target classifier, and of what the sentiment model says without it.

    Args:
        model: the sentiment model.
        classifier: trained for it.
        trees: sentences with targets.

    Returns:
        By name: ``TOWARD``; ``PHRASE``, the sentiment of the smallest phrase that is more than the
        target's own; ``SENTENCE``, that of the sentence.
    """
    parsed = [each.tree for each in trees]
    targets = np.concatenate([each.targets for each in trees])
    of_nodes = model.distributions(parsed)
    beyond = [
        rows[[_parent(each.tree, place.node) for place in each.places]]
        for each, rows in zip(trees, of_nodes, strict=True)
    ]
    roots = [rows[[-1] * len(each.places)] for each, rows in zip(trees, of_nodes, strict=True)]
    rows = {
        TOWARD: classifier.distributions(parsed, [each.places for each in trees]),
        PHRASE: beyond,
        SENTENCE: roots,
    }
    return {name: target_accuracy(np.concatenate(each), targets) for name, each in rows.items()}


def _parent(tree: Tree, node: int) -> int:
    """The phrase around a phrase; the root around itself."""
    inner = enumerate(tree.children, len(tree.words))
    return next((parent for parent, children in inner if node in children), tree.root)
