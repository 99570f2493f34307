"""Five, three and two classes, and the score, of any distribution."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from treernn.classes import (
    PLACES,
    check_classes,
    label_places,
    names,
    probabilities,
    scores,
    stars_of,
    sums,
)
from treernn.errors import InputError
from treernn.types import LABELS

SHARES = st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(any)
NEUTRAL = [0.0, 0.0, 1.0, 0.0, 0.0]


def distribution(shares, dtype=np.float32):
    """As a model computes it."""
    row = np.array(shares, np.float64)
    return (row / row.sum()).astype(dtype)


def test_names():
    assert [names(classes) for classes in PLACES] == [
        LABELS,
        ("negative", "neutral", "positive"),
        ("negative", "positive"),
    ]


@given(SHARES)
@example(NEUTRAL)
@example([0.0, 0.0, 1.0, 0.0, 5e-324])
@example([1.0, 0.0, 0.0, 0.0, 1e-45])
def test_probabilities_sum_to_one(shares):
    row = distribution(shares)
    for classes in PLACES:
        found = probabilities(row, classes)
        assert found.shape == (classes,)
        assert np.isfinite(found).all()
        assert (found >= 0).all()
        assert found.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)


def test_without_an_opinion_two_classes_are_equally_probable():
    row = np.array(NEUTRAL, np.float32)
    assert probabilities(row, 2).tolist() == [0.5, 0.5]
    assert probabilities(row, 3).tolist() == [0, 1, 0]
    assert [LABELS[label_places(row, classes)] for classes in (5, 3, 2)] == [
        *("neutral", "neutral", "negative")
    ]


@given(SHARES)
def test_joined_classes_are_sums(shares):
    p = distribution(shares, np.float64)
    negative, positive = p[0] + p[1], p[3] + p[4]
    assert probabilities(p, 5) is p
    assert probabilities(p, 3).tolist() == [negative, p[2], positive]
    if negative + positive > 0:
        expected = np.array([negative, positive]) / (negative + positive)
        np.testing.assert_allclose(probabilities(p, 2), expected)


@given(SHARES)
@example([0.2, 0.2, 0.2, 0.2, 0.2])
@example(NEUTRAL)
def test_the_label_is_the_most_probable_class(shares):
    row = distribution(shares)
    for classes in PLACES:
        place = int(label_places(row, classes))
        assert LABELS[place] in names(classes)
        found = probabilities(row, classes)
        assert found[PLACES[classes].index(place)] == found.max()


@given(SHARES)
def test_two_classes_are_the_binary_task_of_the_treebank(shares):
    """As in ``evaluate``: positive if p3 + p4 > p0 + p1."""
    p = distribution(shares)
    assert (LABELS[label_places(p, 2)] == "positive") == (p[3] + p[4] > p[0] + p[1])


@given(SHARES)
@example([0.0, 0.0, 0.0, 0.0, 1.0])
@example([1.0, 0.0, 0.0, 0.0, 0.0])
def test_the_score_is_the_expected_class(shares):
    p = distribution(shares)
    score = float(scores(p))
    assert -1 <= score <= 1
    assert 1 <= stars_of(score) <= 5
    assert score == pytest.approx(sum(p[i] * (i - 2) / 2 for i in range(5)), abs=1e-6)
    assert stars_of(score) == pytest.approx(1 + sum(p[i] * i for i in range(5)), abs=1e-5)


def test_scores_of_each_class_alone():
    assert scores(np.eye(5)).tolist() == [-1, -0.5, 0, 0.5, 1]
    assert [stars_of(score) for score in scores(np.eye(5))] == [1, 2, 3, 4, 5]


@given(SHARES, st.integers(0, 3), st.integers(1, 4), st.floats(0, 1))
def test_the_score_rises_with_what_is_positive(shares, low, step, part):
    """Whatever is moved to a more positive class."""
    p = distribution(shares, np.float64)
    high = min(low + step, 4)
    moved = p.copy()
    moved[low] -= part * p[low]
    moved[high] += part * p[low]
    assert scores(moved) >= scores(p) - 1e-12
    assume(part * p[low] > 1e-9)
    assert scores(moved) > scores(p)


@given(st.lists(SHARES, min_size=1, max_size=4))
def test_rows_are_independent(rows):
    matrix = np.stack([distribution(row) for row in rows])
    np.testing.assert_allclose(scores(matrix), [scores(row) for row in matrix], atol=1e-12)
    for classes in PLACES:
        for function in (sums, probabilities, label_places):
            np.testing.assert_array_equal(
                function(matrix, classes), [function(row, classes) for row in matrix]
            )


@pytest.mark.parametrize("classes", [0, 1, 4, 6, True, 3.0, "3", None])
def test_other_numbers_of_classes(classes):
    with pytest.raises(InputError, match=r"^classes is .*, expected 5, 3 or 2$"):
        check_classes(classes)
