import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from treernn.scoring.document import combine, weights

POSITIVE = np.array([0.0, 0.0, 0.2, 0.8, 0.0])
NEGATIVE = np.array([0.0, 0.8, 0.2, 0.0, 0.0])
NEUTRAL = np.array([0.0, 0.0, 1.0, 0.0, 0.0])

texts = st.lists(arrays(np.float32, 5, elements=st.floats(2**-20, 1, width=32)), min_size=1).map(
    lambda rows: [row / row.sum() for row in rows]
)


def test_the_end_of_a_text_has_more_weight():
    # The factors of the two halves are 1.25 and 1.75.
    np.testing.assert_allclose(weights([NEGATIVE, POSITIVE]), [1.25 / 3, 1.75 / 3])
    assert combine([NEGATIVE, POSITIVE])[3] > combine([NEGATIVE, POSITIVE])[1]
    assert combine([POSITIVE, NEGATIVE])[3] < combine([POSITIVE, NEGATIVE])[1]


def test_the_last_of_many_sentences_has_twice_the_weight_of_the_first():
    values = weights([POSITIVE] * 1_000)
    assert values[-1] / values[0] == pytest.approx(2, rel=2e-3)
    assert np.ptp(np.diff(values)) < 1e-12


def test_weight_is_proportional_to_subjectivity():
    half = np.array([0.0, 0.0, 0.6, 0.4, 0.0])
    twice = np.array([0.0, 0.0, 0.2, 0.8, 0.0])
    first, second = weights([half, twice])
    assert second / first == pytest.approx(2 * 1.75 / 1.25)
    np.testing.assert_allclose(combine([POSITIVE, NEUTRAL, NEUTRAL]), POSITIVE, atol=1e-5)


def test_neutral_sentences_are_a_neutral_text():
    np.testing.assert_allclose(combine([NEUTRAL] * 3), NEUTRAL)


@given(texts)
def test_weights_and_distributions_sum_to_one(rows):
    values = weights(rows)
    assert values.shape == (len(rows),)
    assert values.min() > 0
    assert values.sum() == pytest.approx(1)
    whole = combine(rows)
    assert whole.sum() == pytest.approx(1, abs=1e-6)
    # A mean is between minimum and maximum.
    assert (whole >= np.min(rows, axis=0) - 1e-6).all()
    assert (whole <= np.max(rows, axis=0) + 1e-6).all()


@given(texts)
def test_a_text_of_one_sentence(rows):
    np.testing.assert_array_equal(combine(rows[:1]), rows[0])


@given(texts)
def test_a_text_of_equal_sentences(rows):
    same = [rows[0]] * len(rows)
    np.testing.assert_allclose(combine(same), rows[0], atol=1e-6)
