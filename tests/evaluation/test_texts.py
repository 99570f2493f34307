from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.classes import PLACES, label_places, names
from treernn.errors import InputError
from treernn.evaluation import texts as module
from treernn.evaluation.texts import NOTHING, text_accuracy, text_distributions

ROWS = np.array([[0.7, 0.2, 0.1, 0, 0], [0, 0.1, 0.2, 0.6, 0.1], [0, 0.1, 0.8, 0.1, 0]])


def test_three_classes_by_hand():
    found = text_accuracy([1, 3, 3], ROWS, 3)
    assert found.confusion == ((1, 0, 0), (0, 0, 0), (0, 1, 1))
    assert found.accuracy == pytest.approx(200 / 3)
    assert found.macro_f1 == pytest.approx((100 + 200 / 3) / 2)  # no text is neutral
    positive = found.classes["positive"]
    assert (positive.precision, positive.recall, positive.count) == (100, 50, 2)
    assert (found.binary, found.count_binary) == (pytest.approx(200 / 3), 3)  # the tie is negative
    assert found.to_dict()["classes"]["neutral"] == {
        "precision": 0.0, "recall": None, "f1": 0.0, "count": 0,
    }  # fmt: skip


@given(
    st.sampled_from([5, 3, 2]).flatmap(
        lambda classes: st.tuples(
            st.just(classes),
            st.lists(
                st.tuples(
                    st.sampled_from(PLACES[classes]),
                    st.lists(st.integers(0, 9), min_size=5, max_size=5),
                ),
                min_size=1,
                max_size=20,
            ),
        )
    )
)
def test_as_scikit_learn(drawn):
    """The definition of each figure is that of scikit-learn."""
    metrics = pytest.importorskip("sklearn.metrics")
    classes, rows = drawn
    gold = [label for label, _ in rows]
    distributions = np.array([row for _, row in rows], float)
    found = text_accuracy(gold, distributions, classes)
    predicted = label_places(distributions, classes)
    assert found.accuracy == pytest.approx(100 * metrics.accuracy_score(gold, predicted))
    labels = [*PLACES[classes]]
    table = metrics.confusion_matrix(gold, predicted, labels=labels)
    assert np.array_equal(found.confusion, table)
    values = metrics.precision_recall_fscore_support(
        gold, predicted, labels=labels, zero_division=np.nan
    )
    for i, name in enumerate(names(classes)):
        each = found.classes[name]
        shown = (each.precision, each.recall, each.f1)
        of_class = [100 * column[i] for column in values[:3]]
        assert shown == pytest.approx(of_class, nan_ok=True)
        assert each.count == values[3][i]
    occurring = [found.classes[name].f1 for name in found.classes if found.classes[name].count]
    assert found.macro_f1 == pytest.approx(np.mean(occurring))


def test_no_texts():
    with pytest.raises(InputError, match="no texts"):
        text_accuracy([], np.empty((0, 5)), 5)


def test_texts_are_scored_once_in_batches(monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    calls = []

    def score_many(texts):
        calls.append([*texts])
        return [SimpleNamespace(distribution=(len(t), 0, 0, 0, 0) if t else None) for t in texts]

    scorer = SimpleNamespace(score_many=score_many)
    found = text_distributions(scorer, ["a", "bb", "a", "", "a"])
    assert calls == [["a", "bb"], [""]]
    assert found[:, 0].tolist() == [1, 2, 1, 0, 1]
    assert tuple(found[3]) == NOTHING
    assert text_distributions(scorer, []).shape == (0, 5)
