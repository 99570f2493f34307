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


def test_the_end_of_a_text_weighs_more():
    # In two halves the weights are as 1.25 to 1.75.
    np.testing.assert_allclose(weights([NEGATIVE, POSITIVE]), [1.25 / 3, 1.75 / 3])
    assert combine([NEGATIVE, POSITIVE])[3] > combine([NEGATIVE, POSITIVE])[1]
    assert combine([POSITIVE, NEGATIVE])[3] < combine([POSITIVE, NEGATIVE])[1]


def test_the_last_of_many_weighs_twice_the_first():
    found = weights([POSITIVE] * 1_000)
    assert found[-1] / found[0] == pytest.approx(2, rel=2e-3)
    assert np.ptp(np.diff(found)) < 1e-12


def test_a_sentence_weighs_as_far_as_it_has_an_opinion():
    half = np.array([0.0, 0.0, 0.6, 0.4, 0.0])
    twice = np.array([0.0, 0.0, 0.2, 0.8, 0.0])
    first, second = weights([half, twice])
    assert second / first == pytest.approx(2 * 1.75 / 1.25)
    np.testing.assert_allclose(combine([POSITIVE, NEUTRAL, NEUTRAL]), POSITIVE, atol=1e-5)


def test_nothing_but_neutral_sentences_are_neutral():
    np.testing.assert_allclose(combine([NEUTRAL] * 3), NEUTRAL)


@given(texts)
def test_weights_and_distributions_sum_to_one(rows):
    found = weights(rows)
    assert found.shape == (len(rows),)
    assert found.min() > 0
    assert found.sum() == pytest.approx(1)
    whole = combine(rows)
    assert whole.sum() == pytest.approx(1, abs=1e-6)
    # A mean is nowhere outside of what it is the mean of.
    assert (whole >= np.min(rows, axis=0) - 1e-6).all()
    assert (whole <= np.max(rows, axis=0) + 1e-6).all()


@given(texts)
def test_one_sentence_is_the_text(rows):
    np.testing.assert_array_equal(combine(rows[:1]), rows[0])


@given(texts)
def test_a_text_of_one_opinion_has_it(rows):
    same = [rows[0]] * len(rows)
    np.testing.assert_allclose(combine(same), rows[0], atol=1e-6)
