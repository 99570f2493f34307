"""Targets: classes, sets of classes, graded scores and distributions; what cannot be one."""

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from treernn.corpora.targets import (
    NEGATIVE,
    NEUTRAL,
    NO_TARGET,
    POSITIVE,
    SpanTarget,
    TargetText,
    target_of_class,
    target_of_classes,
    target_of_distribution,
    target_of_score,
    targets_of_labels,
)
from treernn.errors import InputError
from treernn.types import LABELS

finite = st.floats(allow_nan=False, allow_infinity=False)


def test_classes_and_sets():
    assert target_of_class(0) == (1, 0, 0, 0, 0)
    assert target_of_classes(NEGATIVE) == (1, 1, 0, 0, 0)
    assert target_of_classes(NEUTRAL) == target_of_class(2) == (0, 0, 1, 0, 0)
    assert target_of_classes(POSITIVE) == (0, 0, 0, 1, 1)


@pytest.mark.parametrize("labels", [(), (5,), (-1,), (3, 9)])
def test_classes_that_are_none(labels):
    with pytest.raises(InputError, match=r"expected some of 0 to 4$"):
        target_of_classes(labels)


@pytest.mark.parametrize(
    ("score", "low", "high", "target"),
    [
        (-4, -4, 4, (1, 0, 0, 0, 0)),
        (4, -4, 4, (0, 0, 0, 0, 1)),
        (0, -4, 4, (0, 0, 1, 0, 0)),
        (1, -4, 4, (0, 0, 0.5, 0.5, 0)),
        (-2.5, -4, 4, (0.25, 0.75, 0, 0, 0)),
        (5, 1, 5, (0, 0, 0, 0, 1)),
        (0.375, 0, 1, (0, 0.5, 0.5, 0, 0)),
    ],
)
def test_scores(score, low, high, target):
    assert target_of_score(score, low, high) == target


@given(finite, finite, st.floats(0, 1))
@example(-1.7e308, 1.7e308, 0.9)
@example(0.0, 5e-324, 1.0)
def test_every_score_is_a_distribution_with_its_mean(low, high, fraction):
    assume(low < high)
    score = min(max(low * (1 - fraction) + high * fraction, low), high)
    target = target_of_score(score, low, high)
    assert math.isclose(sum(target), 1, abs_tol=1e-9)
    assert all(value >= 0 for value in target)
    used = [label for label, value in enumerate(target) if value > 0]
    assert len(used) <= 2
    assert used[-1] - used[0] <= 1
    if high - low > 1e-300 and math.isfinite(high - low):
        mean = sum(label * value for label, value in enumerate(target))
        assert math.isclose(mean, 4 * (score - low) / (high - low), abs_tol=1e-6)


@pytest.mark.parametrize(
    ("score", "low", "high", "problem"),
    [
        (1.1, -1, 1, "score 1.1, expected -1 to 1"),
        (math.nan, -1, 1, "score nan, expected -1 to 1"),
        (0, 1, 1, "a scale from 1 to 1, expected a lower and a higher number"),
        (0, 2, 1, "a scale from 2 to 1, expected a lower and a higher number"),
        (0, -math.inf, 1, "a scale from -inf to 1, expected a lower and a higher number"),
    ],
)
def test_scores_off_their_scale(score, low, high, problem):
    with pytest.raises(InputError) as raised:
        target_of_score(score, low, high)
    assert str(raised.value) == problem


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_distributions(values):
    assume(sum(values) > 1e-6)
    total = math.fsum(values)
    target = target_of_distribution([value / total for value in values])
    assert math.isclose(math.fsum(target), 1, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([1.0], "1 probabilities, expected 5"),
        ([0.5, 0.5, 0.5, 0.0, 0.0], "probabilities with the sum 1.5, expected 1"),
        ([0.0] * 5, "probabilities with the sum 0, expected 1"),
        ([1.5, -0.5, 0, 0, 0], "probabilities [1.5, -0.5, 0, 0, 0], expected numbers from 0 to 1"),
        ([math.nan, 0, 0, 0, 1], "probabilities [nan, 0, 0, 0, 1], expected numbers from 0 to 1"),
    ],
)
def test_what_is_no_distribution(values, problem):
    with pytest.raises(InputError) as raised:
        target_of_distribution(values)
    assert str(raised.value) == problem


def test_a_rounded_distribution_sums_to_one():
    target = target_of_distribution([0.33, 0.33, 0.33, 0.0, 0.0])
    assert math.isclose(sum(target), 1)


@pytest.mark.parametrize(
    ("labels", "coarse"),
    [
        ("0 1", True),
        ("pos neg", True),
        ("negative positive", True),
        ("negative neutral positive", True),
        ("Negative NEUTRAL", True),
        ("-1 0 1", True),
        ("+ -", True),
        ("positive", True),
        ("0 1 2 3 4", False),
        ("1 3", False),
        ("very_negative negative neutral", False),
        ("very_positive", False),
        ("2 positive", False),
    ],
)
def test_what_a_label_means_depends_on_the_others(labels, coarse):
    names = [name.replace("_", " ") for name in labels.split()]
    targets = targets_of_labels(names)
    assert {*targets} == {*names}
    for name, target in targets.items():
        used = tuple(label for label, value in enumerate(target) if value)
        assert used in (NEGATIVE, NEUTRAL, POSITIVE) if coarse else len(used) == 1, name


def test_labels_that_are_no_class_have_no_target():
    targets = targets_of_labels(["positive", "negative", "maybe"])
    assert targets == {"positive": (0, 0, 0, 1, 1), "negative": (1, 1, 0, 0, 0)}
    assert targets_of_labels([]) == {}


@given(st.sets(st.sampled_from([*map(str, range(5)), *LABELS, "pos", "neg", "x", "-1", "4.0"])))
def test_any_labels(labels):
    for name, target in targets_of_labels(labels).items():
        assert name in labels
        assert any(target)


def test_the_target_of_a_whole_text():
    text = TargetText.whole("good", target_of_class(3))
    assert text == TargetText("good", (SpanTarget(0, 4, (0, 0, 0, 1, 0)),))
    assert text.target == (0, 0, 0, 1, 0)
    part = TargetText("not good", (SpanTarget(4, 8, target_of_class(3)),))
    assert part.target == NO_TARGET
