"""Predictions compared with targets of any kind."""

import math

import numpy as np
import pytest

from treernn.corpora.targets import target_of_class, target_of_classes, target_of_score
from treernn.evaluation.targets import macro_recall, mean_loss, recall, root_rows

P = np.array([[0.5, 0.1, 0.2, 0.1, 0.1], [0.1, 0.1, 0.6, 0.1, 0.1], [0.2, 0.1, 0.4, 0.2, 0.1]])


def test_mean_loss_of_each_kind_of_target():
    targets = np.array([target_of_class(0), target_of_classes((3, 4)), target_of_score(0.5, -1, 1)])
    expected = -(math.log(0.5) + math.log(0.2) + math.log(0.2)) / 3
    assert mean_loss(P, targets) == pytest.approx(expected)
    assert mean_loss(P, np.vstack([targets[:1], np.zeros((2, 5))])) == pytest.approx(-math.log(0.5))
    assert math.isnan(mean_loss(P, np.zeros((3, 5))))
    impossible = np.array([[1.0, 0, 0, 0, 0]])
    assert math.isfinite(mean_loss(impossible, np.array([target_of_class(4)])))


def test_recall_of_three_sides_and_of_two():
    negative, neutral, positive = (target_of_classes(c) for c in ((0, 1), (2,), (3, 4)))
    assert recall(P, np.array([negative, neutral, positive])) == {0: 100, 1: 100, 2: 0}
    # Without neutral targets the side is decided between the two others.
    assert recall(P, np.array([negative, positive, positive])) == {0: 100, 2: 0}
    assert macro_recall(P, np.array([negative, neutral, positive])) == pytest.approx(200 / 3)
    assert macro_recall(P, np.array([negative, [0.0] * 5, [0.0] * 5])) == 100
    assert math.isnan(macro_recall(P, np.zeros((3, 5))))


def test_root_rows():
    assert root_rows([np.eye(5)[:2], np.eye(5)[:1]]).argmax(1).tolist() == [1, 0]
    assert root_rows([]).shape == (0, 5)
