"""Calibration: of what a model is 80 % sure, are 80 % right?

Guo et al. (2017), "On Calibration of Modern Neural Networks": the expected calibration error, and
temperature scaling, by which all scores are divided before the softmax. The temperature is the one
that makes the gold classes of the development data most probable; it makes a model more or less
sure, and never changes which class is the most probable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from treernn.errors import InputError, ModelError
from treernn.files import whole_file
from treernn.models.storage import CONFIG
from treernn.types import UNLABELLED, Tree

BINS = 15
COLDEST, HOTTEST = 0.05, 20.0

# A model in single precision says 0 of what it thinks most improbable.
_LEAST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Bin:
    """Phrases of which a model is about equally sure.

    Attributes:
        low, high: its most probable class has a probability above ``low``, up to ``high``.
        count: how many phrases there are.
        confidence: the mean of these probabilities; NaN where there is none.
        accuracy: the share that is right, from 0 to 1; NaN where there is none.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Reliability:
    """How far probabilities can be relied on.

    Attributes:
        count: phrases.
        error: the expected calibration error in per cent: the mean difference of confidence and
            accuracy over bins, weighted by their phrases. NaN without phrases.
        surprise: mean negative logarithm of the probability of the gold class.
        bins: of equal width, from 0 to 1.
    """

    count: int
    error: float
    surprise: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Calibration:
    """Before and after temperature scaling.

    Attributes:
        stored: the temperature that the model has.
        temperature: the best one for all labelled nodes of the development data.
        temperature_roots: the best one for its roots alone.
        roots_before: the test roots at temperature 1.
        roots_after: the same at ``temperature``.
        all_before: all labelled test nodes at temperature 1.
        all_after: the same at ``temperature``.
    """

    stored: float
    temperature: float
    temperature_roots: float
    roots_before: Reliability
    roots_after: Reliability
    all_before: Reliability
    all_after: Reliability


def reliability(gold: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> Reliability:
    """Hold the confidence of a model against its accuracy.

    Args:
        gold: ``[n]`` classes, all labelled.
        probabilities: ``[n, 5]``.
        bins: how many.
    """
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == gold
    bounds = np.linspace(0, 1, bins + 1)
    at = np.clip(np.searchsorted(bounds, confidence) - 1, 0, bins - 1)
    counts = np.bincount(at, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(at, confidence, bins) / counts
        share = np.bincount(at, right, bins) / counts
    filled = counts > 0
    some, of_gold = len(gold) > 0, probabilities[np.arange(len(gold)), gold]
    gaps = np.abs(mean - share)[filled] @ counts[filled]
    return Reliability(
        count=len(gold),
        error=100 * float(gaps) / len(gold) if some else float("nan"),
        surprise=-float(np.log(np.maximum(of_gold, _LEAST)).mean()) if some else float("nan"),
        bins=tuple(
            Bin(*each)
            for each in zip(
                *(bounds[:-1].tolist(), bounds[1:].tolist()),
                *(counts.tolist(), mean.tolist(), share.tolist()),
                strict=True,
            )
        ),
    )


def best_temperature(gold: np.ndarray, scores: np.ndarray) -> float:
    """The temperature at which gold classes are most probable, from ``COLDEST`` to ``HOTTEST``.

    Args:
        gold: ``[n]`` classes, all labelled, at least one.
        scores: ``[n, 5]`` before the softmax, or logarithms of probabilities.
    """
    of_gold = scores[np.arange(len(gold)), gold].mean()

    def slope(temperature: float) -> float:
        """Of the mean surprise by the inverse of the temperature; it falls as that rises."""
        expected = (softmax(scores / temperature) * scores).sum(1).mean()
        return float(expected - of_gold)

    # In the inverse the surprise is convex: one minimum, where its slope changes sign.
    low, high = COLDEST, HOTTEST
    while high - low > 1e-6 * low:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if slope(middle) < 0 else (middle, high)
    return (low * high) ** 0.5


def calibrate(
    dev: Sequence[Tree],
    dev_distributions: Sequence[np.ndarray],
    test: Sequence[Tree],
    test_distributions: Sequence[np.ndarray],
    stored: float = 1.0,
) -> Calibration:
    """Find the best temperature on one part of the data and see what it does on another.

    Args:
        dev: gold trees; nodes labelled -1 are left out.
        dev_distributions: for each tree ``[nodes, 5]``, as the model gives them.
        test: other gold trees.
        test_distributions: their distributions.
        stored: the temperature at which the model gave them.

    Raises:
        InputError: the development data have no labelled root.
    """
    gold, scores = _labelled(dev, dev_distributions, stored)
    root_gold, root_scores = _labelled(dev, dev_distributions, stored, roots=True)
    if not len(root_gold):
        raise InputError("no labelled roots in the development data to fit a temperature to")
    temperature = best_temperature(gold, scores)
    roots = _labelled(test, test_distributions, stored, roots=True)
    nodes = _labelled(test, test_distributions, stored)
    measured = [
        reliability(labels, softmax(values / divisor))
        for labels, values in (roots, nodes)
        for divisor in (1.0, temperature)
    ]
    return Calibration(stored, temperature, best_temperature(root_gold, root_scores), *measured)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Scores ``[n, 5]`` as distributions."""
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def store_temperature(folder: str | os.PathLike[str], temperature: float) -> None:
    """Write a temperature into a model folder, whose other settings and weights stay as they are.

    Raises:
        ModelError: its ``config.json`` describes no model with a temperature.
        InputError: it cannot be written; the folder is then as it was.
    """
    path = Path(folder) / CONFIG
    try:
        config = json.loads(path.read_text("utf-8"))
        model = config["model"]
    except (OSError, ValueError, KeyError, TypeError):
        model = None
    if not isinstance(model, dict):
        raise ModelError(f"{path}: not a model with a temperature")
    model["temperature"] = temperature
    with whole_file(path) as fresh:
        fresh.write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def _labelled(
    trees: Sequence[Tree],
    distributions: Sequence[np.ndarray],
    temperature: float,
    roots: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Of the labelled nodes, or roots, the classes ``[n]`` and the scores at temperature 1."""
    labels = [np.array(tree.labels or [UNLABELLED] * tree.num_nodes) for tree in trees]
    kept = slice(-1, None) if roots else slice(None)
    gold = np.concatenate([np.empty(0, int), *(each[kept] for each in labels)])
    found = np.concatenate([np.empty((0, 5)), *(rows[kept] for rows in distributions)])
    chosen = gold >= 0
    return gold[chosen], np.log(np.maximum(found[chosen], _LEAST)) * temperature
