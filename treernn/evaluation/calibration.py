"""Calibration: expected calibration error and temperature scaling.

Guo et al. (2017), "On Calibration of Modern Neural Networks", sections 2 and 4. The logits are
divided by one temperature, which minimizes the negative log-likelihood on the development data. It
makes a model more or less confident and never changes the most probable class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treernn.errors import InputError
from treernn.evaluation.targets import mean_loss
from treernn.models.phrase_classifier import label_array
from treernn.types import Tree

BINS = 15
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0

_MIN_PROBABILITY = float(np.finfo(np.float32).tiny)  # a float32 softmax can underflow to 0


@dataclass(frozen=True)
class Bin:
    """Phrases with a confidence (the largest probability) in ``(low, high]``.

    Attributes:
        low, high: bounds of the confidence.
        count: number of phrases.
        confidence: mean confidence; NaN without phrases.
        accuracy: five-class accuracy, 0 to 1; NaN without phrases.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Reliability:
    """Confidence compared with accuracy.

    Attributes:
        count: number of phrases.
        ece: expected calibration error in %; NaN without phrases.
        nll: mean negative log-likelihood of the gold classes, in nats; NaN without phrases.
        bins: of equal width, from 0 to 1.
    """

    count: int
    ece: float
    nll: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Calibration:
    """Reliability before and after temperature scaling.

    Attributes:
        model_temperature: temperature in the model's configuration.
        temperature: fitted to all labelled nodes of the development data.
        root_temperature: fitted to the roots of the development data.
        roots_before, roots_after: test roots, at temperature 1 and at ``temperature``.
        all_before, all_after: likewise all labelled test nodes.
    """

    model_temperature: float
    temperature: float
    root_temperature: float
    roots_before: Reliability
    roots_after: Reliability
    all_before: Reliability
    all_after: Reliability


def reliability(gold: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> Reliability:
    """Expected calibration error and negative log-likelihood.

    Args:
        gold: classes ``[n]``, no -1.
        probabilities: ``[n, 5]``.
        bins: number of bins.
    """
    confidence = probabilities.max(1)
    correct = probabilities.argmax(1) == gold
    bounds = np.linspace(0, 1, bins + 1)
    bin_of = np.clip(np.searchsorted(bounds, confidence) - 1, 0, bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    gold_probabilities = np.maximum(probabilities[np.arange(len(gold)), gold], _MIN_PROBABILITY)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN
        mean_confidence = np.bincount(bin_of, confidence, bins) / counts
        mean_accuracy = np.bincount(bin_of, correct, bins) / counts
        gaps = np.abs(mean_confidence - mean_accuracy) * counts
        ece = 100 * np.float64(np.nansum(gaps)) / len(gold)
        nll = -np.float64(np.log(gold_probabilities).sum()) / len(gold)
    columns = (bounds[:-1], bounds[1:], counts, mean_confidence, mean_accuracy)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return Reliability(len(gold), float(ece), float(nll), tuple(Bin(*row) for row in rows))


def fit_temperature(gold: np.ndarray, logits: np.ndarray) -> float:
    """The temperature with the smallest negative log-likelihood, from ``MIN_TEMPERATURE`` to
    ``MAX_TEMPERATURE``.

    Args:
        gold: classes ``[n]``, at least one, no -1.
        logits: ``[n, 5]``, or log-probabilities.
    """
    gold_logit = logits[np.arange(len(gold)), gold].mean()
    low, high = MIN_TEMPERATURE, MAX_TEMPERATURE
    # The negative log-likelihood is convex in 1 / temperature: bisect on the sign of its gradient.
    while high - low > 1e-6 * low:
        middle = (low * high) ** 0.5
        expected_logit = (softmax(logits / middle) * logits).sum(1).mean()
        low, high = (low, middle) if expected_logit < gold_logit else (middle, high)
    return (low * high) ** 0.5


def fit_temperature_to_targets(
    parts: Sequence[tuple[np.ndarray, np.ndarray]], model_temperature: float = 1.0
) -> float:
    """The temperature with the smallest mean loss over several data sets, each of which counts the
    same, from ``MIN_TEMPERATURE`` to ``MAX_TEMPERATURE``.

    Args:
        parts: for each data set probabilities and targets, ``[phrases, 5]`` both, see
            ``treernn.corpora.targets``; at least one target each.
        model_temperature: the temperature that is part of these probabilities.
    """
    logits = [np.log(np.maximum(p, _MIN_PROBABILITY)) * model_temperature for p, _ in parts]

    def loss(temperature: float) -> float:
        pairs = zip(logits, parts, strict=True)
        return float(np.mean([mean_loss(softmax(z / temperature), rows) for z, (_, rows) in pairs]))

    # The loss of sets of classes need not be convex: look everywhere, then closer.
    low, high = np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE)
    for _ in range(5):
        grid = np.linspace(low, high, 15)
        best = int(np.argmin([loss(np.exp(each)) for each in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    return float(np.exp(grid[best]))


def calibrate(
    dev: Sequence[Tree],
    dev_distributions: Sequence[np.ndarray],
    test: Sequence[Tree],
    test_distributions: Sequence[np.ndarray],
    model_temperature: float = 1.0,
) -> Calibration:
    """Fit a temperature on the development data and measure its effect on the test data.

    Args:
        dev: gold trees; unlabelled nodes are skipped.
        dev_distributions: for each tree the model's probabilities ``[nodes, 5]``.
        test: gold trees.
        test_distributions: likewise.
        model_temperature: the temperature that is part of these probabilities.

    Raises:
        InputError: the development data have no labelled root.
    """
    dev_nodes, dev_roots = _gold_and_logits(dev, dev_distributions, model_temperature)
    if not len(dev_roots[0]):
        raise InputError("no labelled roots in the development data to fit a temperature to")
    temperature = fit_temperature(*dev_nodes)
    nodes, roots = _gold_and_logits(test, test_distributions, model_temperature)
    measured = [
        reliability(gold, softmax(logits / divisor))
        for gold, logits in (roots, nodes)
        for divisor in (1.0, temperature)
    ]
    return Calibration(model_temperature, temperature, fit_temperature(*dev_roots), *measured)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities ``[n, 5]`` of logits ``[n, 5]``."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _gold_and_logits(
    trees: Sequence[Tree], distributions: Sequence[np.ndarray], temperature: float
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Classes ``[n]`` and logits at temperature 1 ``[n, 5]`` of all labelled nodes, and of the
    labelled roots."""
    labels = (label_array(tree.labels, tree.num_nodes) for tree in trees)
    gold = np.concatenate([np.empty(0, int), *labels])
    probabilities = np.concatenate([np.empty((0, 5)), *distributions])
    logits = np.log(np.maximum(probabilities, _MIN_PROBABILITY)) * temperature
    labelled = gold >= 0
    is_root = np.zeros(len(gold), bool)
    is_root[np.cumsum([tree.num_nodes for tree in trees], dtype=int) - 1] = True
    roots = labelled & is_root
    return (gold[labelled], logits[labelled]), (gold[roots], logits[roots])
