import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from treernn.scoring.document import DEPENDENCE, REINFORCEMENT, combine, weights

POSITIVE = np.array([0.0, 0.0, 0.2, 0.8, 0.0])
NEGATIVE = np.array([0.0, 0.8, 0.2, 0.0, 0.0])
NEUTRAL = np.array([0.0, 0.0, 1.0, 0.0, 0.0])

texts = st.lists(arrays(np.float32, 5, elements=st.floats(2**-20, 1, width=32)), min_size=1).map(
    lambda rows: [row / row.sum() for row in rows]
)


def mean(distribution):
    return distribution @ np.arange(-2.0, 3.0)


def test_a_balance_of_opinions_is_neutral():
    whole = combine([NEGATIVE, POSITIVE])
    assert mean(whole) == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(weights([NEGATIVE, POSITIVE]), [0.5, 0.5])


def test_the_weight_of_a_sentence_grows_with_the_square_of_its_opinion():
    half = np.array([0.0, 0.0, 0.6, 0.4, 0.0])
    twice = np.array([0.0, 0.0, 0.2, 0.8, 0.0])
    first, second = weights([half, twice])
    assert second / first == pytest.approx(4, rel=1e-4)


def test_neutral_sentences_take_nothing_from_an_opinion():
    np.testing.assert_allclose(combine([POSITIVE, NEUTRAL, NEUTRAL]), POSITIVE, atol=1e-5)
    np.testing.assert_allclose(combine([NEUTRAL] * 3), NEUTRAL, atol=1e-5)


def test_disagreement_weakens_the_opinion_of_the_majority():
    united, divided = combine([POSITIVE] * 3), combine([POSITIVE, POSITIVE, NEGATIVE])
    assert 0 < mean(divided) < mean(united)
    # The sentences have equal evidence; the two positive ones have mean class 0.8.
    side = 0.8 + REINFORCEMENT * (2 - 0.8) / 2
    agreement, number = (2 - 1) / 3, 3**DEPENDENCE
    factor = agreement * np.sqrt(number / (1 + agreement**2 * (number - 1)))
    assert mean(divided) == pytest.approx(side * factor, abs=1e-4)


def test_a_majority_of_many_is_surer_than_one_of_few():
    few, some = combine([POSITIVE] * 2 + [NEGATIVE]), combine([POSITIVE] * 20 + [NEGATIVE] * 10)
    assert 0 < mean(few) < mean(some)


@given(texts, texts)
def test_more_evidence_for_one_side_never_speaks_for_the_other(rows, others):
    for other in others:
        moved = mean(combine([*rows, other])) - mean(combine(rows))
        assert moved * np.sign(mean(other)) > -1e-6


@given(texts)
def test_the_order_of_sentences_that_do_not_depend_on_each_other_means_nothing(rows):
    np.testing.assert_allclose(combine(rows), combine(rows[::-1]), atol=1e-6)


@given(texts)
def test_mirrored_sentences_are_a_mirrored_text(rows):
    mirrored = combine([row[::-1] for row in rows])
    np.testing.assert_allclose(mirrored[::-1], combine(rows), atol=1e-4)


@given(texts)
def test_weights_and_distributions_sum_to_one(rows):
    values = weights(rows)
    assert values.shape == (len(rows),)
    assert values.min() >= 0
    assert values.sum() == pytest.approx(1)
    whole = combine(rows)
    assert whole.sum() == pytest.approx(1, abs=1e-6)
    assert whole.min() >= 0


@given(texts)
def test_a_text_of_one_sentence(rows):
    np.testing.assert_array_equal(combine(rows[:1]), rows[0])


@example([np.array([0.1, 0.2, 0.3995, 0.2005, 0.1], np.float32)] * 3)
@given(texts)
def test_equal_sentences_agree_on_a_little_more(rows):
    opinion = mean(rows[0])
    repeated = [mean(combine([rows[0]] * count)) for count in (1, 2, 3, 4)]
    growth = np.diff(repeated) * np.sign(opinion)
    assert (growth > -1e-6).all()
    assert (growth > 0).all() or abs(opinion) < 0.01 or abs(opinion) > 1.9
    assert abs(repeated[-1] - opinion) <= REINFORCEMENT * 2
