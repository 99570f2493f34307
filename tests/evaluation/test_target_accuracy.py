import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.classes import sums
from treernn.corpora.targets import target_of_side
from treernn.evaluation.target_accuracy import SIDES, target_accuracy

P = np.array([[0.7, 0.2, 0.1, 0, 0], [0, 0.1, 0.2, 0.6, 0.1], [0, 0.1, 0.8, 0.1, 0]])


def test_by_hand():
    found = target_accuracy(
        P, np.array([target_of_side(side) for side in (SIDES[0], *SIDES[2:] * 2)])
    )
    assert found.accuracy == pytest.approx(200 / 3)
    assert found.macro_f1 == pytest.approx((100 + 200 / 3) / 2)  # no target is neutral
    assert found.recall == {"negative": 100, "positive": 50}
    assert (found.counts, found.most_frequent) == ((1, 0, 2), pytest.approx(200 / 3))
    assert found.macro_recall == 75
    assert found.to_dict()["targets"] == 3


@given(
    st.lists(
        st.tuples(st.sampled_from(SIDES), st.lists(st.integers(0, 9), min_size=5, max_size=5)),
        min_size=1,
        max_size=20,
    )
)
def test_as_scikit_learn(drawn):
    metrics = pytest.importorskip("sklearn.metrics")
    gold = [SIDES.index(side) for side, _ in drawn]
    distributions = np.array([row for _, row in drawn], float)
    predicted = sums(distributions, 3).argmax(1)
    found = target_accuracy(distributions, np.array([target_of_side(side) for side, _ in drawn]))
    assert found.accuracy == pytest.approx(100 * metrics.accuracy_score(gold, predicted))
    occurring = sorted({*gold})
    f1 = metrics.f1_score(gold, predicted, labels=occurring, average="macro", zero_division=0)
    assert found.macro_f1 == pytest.approx(100 * f1)
    if SIDES.index("neutral") in gold:
        recall = metrics.recall_score(gold, predicted, labels=occurring, average=None)
        assert [*found.recall.values()] == pytest.approx([*(100 * recall)])
