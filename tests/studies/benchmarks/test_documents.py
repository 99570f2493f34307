import json

import numpy as np
import pytest
from rich.console import Console

from treernn.corpora.reviews import Review
from treernn.errors import InputError
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.scorer import Scorer
from treernn.studies.benchmarks import documents as module
from treernn.studies.benchmarks.documents import (
    CHOSEN,
    METHODS,
    Prediction,
    accuracies,
    bench,
    predict,
)

GOOD, BAD, NEUTRAL = np.eye(5)[[3, 1, 2]]


def review(fold, positive, text="."):
    return Review(f"cv{fold}00_1", fold, positive, text)


def prediction(*rows, phrases=NEUTRAL):
    return Prediction(np.array(rows), np.arange(1, len(rows) + 1), phrases)


def test_accuracies_of_both_sets_and_thresholds():
    positive = np.repeat([False, True], 4)
    development = np.tile([True, True, False, False], 2)
    scores = np.array([-3.0, -1, -1, -1, -2, 1, 1, -0.5])
    assert accuracies(scores, positive, development) == {
        "development": 0.75,
        "held_out": 0.75,
        "threshold": -1.5,  # the median of -3, -1, -2, 1
        "development_threshold": 0.5,
        "held_out_threshold": 0.5,
    }


def test_each_method_predicts_clear_reviews():
    good, bad = (
        prediction(GOOD, NEUTRAL, GOOD, phrases=GOOD),
        prediction(BAD, NEUTRAL, BAD, phrases=BAD),
    )
    for name, method in METHODS.items():
        assert method(good) > 0 > method(bad), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first sentence", 1),
        ("last sentence", -1),
        ("mean", 0),
        ("mean weighted by length", -2 / 6),
        ("mean without neutral sentences", 0),
        ("rising weights", (7 / 6 - 11 / 6) / 4.5),
        ("subjective, rising weights", (7 / 6 - 11 / 6) / 3),
        (CHOSEN, 0),
    ],
)
def test_scores_of_a_mixed_review(name, value):
    assert METHODS[name](prediction(GOOD, NEUTRAL, BAD)) == pytest.approx(value, abs=1e-5)


def test_late_sentences_of_long_reviews():
    late = METHODS["evidence, more weight after ten sentences"]
    assert late(prediction(*[BAD] * 5, *[GOOD] * 5)) == 0
    assert late(prediction(*[BAD] * 9, *[GOOD] * 9)) > 0 > late(prediction(*[GOOD] * 9, *[BAD] * 9))
    assert late(prediction(*[NEUTRAL] * 70, GOOD)) == 3


def test_neutral_sentences_only():
    assert METHODS["mean without neutral sentences"](prediction(NEUTRAL, NEUTRAL)) == 0


class ByWord:
    """A node has the class of the good or bad words of its sentence."""

    def distributions(self, trees):
        rows = []
        for tree in trees:
            row = GOOD if "good" in tree.words else BAD if "bad" in tree.words else NEUTRAL
            rows.append(np.tile(row, (tree.num_nodes, 1)))
        return rows


SMALL = [
    review(fold, positive, f"the plot .\nit is {'good' if positive else 'bad'} .\n")
    for positive in (False, True)
    for fold in (0, 1, 2, 3)
]


def test_the_prediction_for_a_review():
    [each, *_] = predict(Scorer(ShapeParser(balanced), ByWord()), SMALL[:1])
    assert each.sentences.tolist() == [NEUTRAL.tolist(), BAD.tolist()]
    assert each.lengths.tolist() == [3, 4]
    np.testing.assert_allclose(each.phrases, (5 * NEUTRAL + 7 * BAD) / 12)


@pytest.mark.usefixtures("cache")
def test_the_report(monkeypatch):
    monkeypatch.setattr(module.reviews, "load", lambda _: SMALL)
    monkeypatch.setattr(module, "load", lambda *_, **__: Scorer(ShapeParser(balanced), ByWord()))
    monkeypatch.setattr("nltk.data.path", [])
    report = bench()
    assert report.values["metadata"]["reviews"] == 8
    assert report.values["metadata"]["held_out"] == 2
    assert report.values["metadata"]["sentences"] == 16
    assert "nltk.downloader" in report.values["metadata"]["vader"]
    plain = json.loads(json.dumps(report.values))
    rows = {row["name"]: row for row in plain["rows"]}
    assert set(rows) == {*METHODS, "logistic regression"}
    assert rows[CHOSEN]["held_out"] == rows["logistic regression"]["held_out"] == 1
    console = Console(width=160)
    with console.capture() as capture:
        console.print(report.table)
    assert all(name in capture.get() for name in rows)


def test_both_sets_are_needed(monkeypatch):
    monkeypatch.setattr(module.reviews, "load", lambda _: SMALL[:3])
    with pytest.raises(InputError, match="use the whole archive"):
        bench()
