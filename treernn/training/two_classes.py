"""Training on labels that say only whether a sentence is negative or positive.

The model has five classes. A label of two is a partial one: it says on which side of neutral the
class is. Its target is the distribution that the model to start from gives the sentence, restricted
to that side, as in one step of EM; so a strong opinion may stay strong. A new model knows nothing
about strength: its targets have the shares of the classes in the Stanford Sentiment Treebank.

Source: Jin and Ghahramani, Learning with multiple labels (2002).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from treernn.corpora.labelled import POSITIVE
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.training.sentiment import SentimentTask, dev_metrics
from treernn.training.soft_targets import SoftTargets
from treernn.types import AnyTree

SHARES = np.array([0.33, 0.67, 0.0, 0.64, 0.36], np.float32)
"""Of the train sentences of the SST on each side of neutral."""

_NEGATIVE_SIDE = np.array([1, 1, 0, 0, 0], np.float32)
_POSITIVE_SIDE = _NEGATIVE_SIDE[::-1]


def two_class_targets(
    trees: Sequence[AnyTree], start: PhraseClassifier | None = None
) -> SoftTargets:
    """Target distributions at the roots; all other phrases have none.

    Args:
        trees: with the labels ``NEGATIVE`` and ``POSITIVE`` at their roots.
        start: the model to start from.
    """
    known = None if start is None else start.distributions(trees)
    targets = []
    for number, tree in enumerate(trees):
        side = _POSITIVE_SIDE if tree.labels[-1] == POSITIVE else _NEGATIVE_SIDE
        row = SHARES * side
        if known is not None and (known[number][-1] * side).sum() > 1e-6:
            row = known[number][-1].astype(np.float32) * side
        target = np.zeros((tree.num_nodes, len(row)), np.float32)
        target[-1] = row / row.sum()
        targets.append(target)
    return SoftTargets(targets, len(targets))


class TwoClassTask(SentimentTask):
    """Training of a sentiment model on two classes.

    Metrics of an epoch: ``dev_binary``, accuracy of positive against negative at the roots, in %;
    ``dev_loss``, the mean of ``-log p`` with the probability p of the right side, in nats.
    """

    def evaluate(self, model: PhraseClassifier) -> dict[str, float | None]:
        trees = self.data.dev
        distributions = model.distributions(trees)
        metrics = dev_metrics(trees, distributions)
        if math.isnan(metrics["dev_root"] or 0.0):
            return {"dev_binary": math.nan, "dev_loss": math.nan}
        sides = [
            _POSITIVE_SIDE if tree.labels[-1] == POSITIVE else _NEGATIVE_SIDE for tree in trees
        ]
        right = [
            max(float((rows[-1] * side).sum()), 1e-9)
            for rows, side in zip(distributions, sides, strict=True)
        ]
        return {"dev_binary": metrics["dev_binary"], "dev_loss": -float(np.mean(np.log(right)))}

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        return metrics["dev_binary"], -metrics["dev_loss"]
