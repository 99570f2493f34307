import math

import numpy as np
import pytest

from treernn.errors import InputError
from treernn.evaluation.calibration import (
    MAX_TEMPERATURE,
    MIN_TEMPERATURE,
    calibrate,
    fit_temperature,
    fit_temperature_to_targets,
    reliability,
    softmax,
)
from treernn.types import Tree


@pytest.fixture
def sample():
    """Logits that are overconfident: gold classes are drawn at temperature 2."""
    random = np.random.default_rng(1)
    scores = 4 * random.normal(size=(4000, 5))
    gold = np.array([random.choice(5, p=row) for row in softmax(scores / 2)])
    return gold, scores


def test_ece_equals_a_loop_over_bins(sample):
    gold, scores = sample
    rows = softmax(scores)
    for bins in (15, 4):
        total = 0.0
        for i in range(bins):
            inside = [
                (row.max(), row.argmax() == label)
                for row, label in zip(rows, gold, strict=True)
                if i / bins < row.max() <= (i + 1) / bins
            ]
            if inside:
                sure, right = np.mean(inside, axis=0)
                total += len(inside) / len(gold) * abs(sure - right)
        result = reliability(gold, rows, bins)
        assert result.ece == pytest.approx(100 * total)
        assert (result.count, len(result.bins)) == (4000, bins)
        assert sum(item.count for item in result.bins) == 4000
    assert result.ece > 5


def test_bins_by_hand():
    rows = np.array([[1, 0, 0, 0, 0], [0.2] * 5, [0, 0.5, 0.5, 0, 0], [0.1, 0.6, 0.1, 0.1, 0.1]])
    result = reliability(np.array([0, 0, 2, 1]), rows, bins=5)
    assert [item.count for item in result.bins] == [1, 0, 2, 0, 1]
    assert [item.low for item in result.bins] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert (result.bins[2].confidence, result.bins[2].accuracy) == (0.55, 0.5)
    assert math.isnan(result.bins[1].confidence)
    assert result.ece == pytest.approx(100 * (0.8 + 2 * 0.05 + 0) / 4)
    surprises = [0, math.log(5), math.log(2), -math.log(0.6)]
    assert result.nll == pytest.approx(sum(surprises) / 4)


def test_no_phrases_give_nan():
    result = reliability(np.empty(0, int), np.empty((0, 5)))
    assert result.count == 0
    assert math.isnan(result.ece)
    assert math.isnan(result.nll)


def test_fitted_temperature_is_the_best_of_a_grid(sample):
    gold, scores = sample
    grid = np.linspace(1.5, 2.5, 1001)
    surprises = [reliability(gold, softmax(scores / temperature)).nll for temperature in grid]
    result = fit_temperature(gold, scores)
    assert result == pytest.approx(grid[np.argmin(surprises)], abs=1e-3)
    assert result == pytest.approx(2, abs=0.1)  # as they were drawn
    assert reliability(gold, softmax(scores / result)).ece < 2


def test_temperatures_are_bounded():
    scores = np.eye(5)
    assert fit_temperature(np.arange(5), scores) == pytest.approx(
        MIN_TEMPERATURE, rel=1e-4
    )  # always right
    assert fit_temperature((np.arange(5) + 1) % 5, scores) == pytest.approx(
        MAX_TEMPERATURE, rel=1e-4
    )


def word(label: int) -> Tree:
    return Tree(("a",), (), (label,))


def test_the_temperature_of_the_model_is_removed(sample):
    gold, scores = sample
    trees = [word(label) for label in gold.tolist()]
    at_one = [row[None] for row in softmax(scores)]
    at_three = [row[None] for row in softmax(scores / 3)]
    first = calibrate(trees[:2000], at_one[:2000], trees[2000:], at_one[2000:])
    again = calibrate(
        trees[:2000], at_three[:2000], trees[2000:], at_three[2000:], model_temperature=3
    )
    assert (first.model_temperature, again.model_temperature) == (1, 3)
    assert again.temperature == pytest.approx(first.temperature)
    assert again.all_before.ece == pytest.approx(first.all_before.ece)
    assert again.all_after.ece == pytest.approx(first.all_after.ece)
    assert first.all_after.ece < first.all_before.ece
    assert first.temperature == first.root_temperature  # each node is a root
    assert first.roots_after.ece == first.all_after.ece


def test_unlabelled_nodes_are_skipped():
    rows = np.array([[0.2, 0.2, 0.2, 0.2, 0.2], [0.1, 0.1, 0.1, 0.1, 0.6], [0, 0.1, 0.2, 0.3, 0.4]])
    trees = [Tree(("a", "b"), ((0, 1),), (2, -1, 3)), Tree(("a", "b"), ((0, 1),), (2, 4, -1))]
    result = calibrate(trees, [rows] * 2, trees, [rows] * 2)
    assert (result.all_before.count, result.roots_before.count) == (4, 1)
    unlabelled = [Tree(("a", "b"), ((0, 1),)), trees[1]]
    with pytest.raises(InputError, match="no labelled roots in the development data"):
        calibrate(unlabelled, [rows] * 2, trees, [rows] * 2)


def test_a_temperature_for_several_data_sets():
    random = np.random.default_rng(5)
    logits = random.normal(size=(3000, 5)) * 2
    p = softmax(logits)
    drawn = np.array([random.choice(5, p=row) for row in p])
    one_hot = np.eye(5)[drawn]
    sides = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])[[0, 0, 1, 2, 2]][drawn]
    # The probabilities of both are those of their labels, at temperature 1.
    for parts in ([(p, one_hot)], [(p, sides)], [(p, one_hot), (p[:50], sides[:50])]):
        assert fit_temperature_to_targets(parts) == pytest.approx(1, abs=0.15)
    # Too confident ones are made less so, and a temperature that is in them is taken into account.
    sharp = softmax(logits * 3)
    expected = fit_temperature(drawn, logits * 3)
    assert fit_temperature_to_targets([(sharp, one_hot)]) == pytest.approx(expected, rel=2e-3)
    found = fit_temperature_to_targets([(p, one_hot)], model_temperature=3.0)
    assert found == pytest.approx(expected, rel=2e-3)
    # Each data set counts the same, however large.
    few = fit_temperature_to_targets([(sharp, one_hot), (p[:300], one_hot[:300])])
    thrice = np.tile(p[:300], (3, 1)), np.tile(one_hot[:300], (3, 1))
    assert few == pytest.approx(fit_temperature_to_targets([(sharp, one_hot), thrice]), rel=1e-6)
    assert 1 < few < expected
