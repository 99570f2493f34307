import json

import numpy as np
import pytest
from rich.console import Console

from treernn.corpora.reviews import Review
from treernn.errors import InputError
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.scorer import Scorer
from treernn.studies.benchmarks import documents as bench_documents
from treernn.studies.benchmarks.documents import CHOSEN, WAYS, Scored, bench, compare, score

GOOD, BAD, NEUTRAL = np.eye(5)[[3, 1, 2]]


def review(fold, positive, text="."):
    return Review(f"cv{fold}00_1", fold, positive, text)


def scored(*rows, phrases=NEUTRAL):
    return Scored(np.array(rows), np.arange(1, len(rows) + 1), phrases)


def test_shares_of_right_verdicts():
    found = [review(fold, positive) for positive in (False, True) for fold in (0, 1, 3, 4)]
    values = np.array([-3.0, -1, -1, -1, -2, 1, 1, -0.5])
    [row] = compare(found, {"way": values})
    assert (row.development, row.held_out) == (0.75, 0.75)
    # The median of the four to choose by: -3, -1, -2, 1.
    assert row.limit == -1.5
    assert (row.limit_development, row.limit_held_out) == (0.5, 0.5)


def test_each_way_takes_the_side_of_its_reviews():
    good, bad = scored(GOOD, NEUTRAL, GOOD, phrases=GOOD), scored(BAD, NEUTRAL, BAD, phrases=BAD)
    for name, way in WAYS.items():
        assert way(good) > 0 > way(bad), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first sentence", 1),
        ("last sentence", -1),
        ("mean", 0),
        ("mean by length", -2 / 6),
        ("mean without neutral sentences", 0),
        ("the end twice the start", (7 / 6 - 11 / 6) / 4.5),
        (CHOSEN, (7 / 6 - 11 / 6) / 3),
    ],
)
def test_the_numbers_of_a_mixed_review(name, value):
    assert WAYS[name](scored(GOOD, NEUTRAL, BAD)) == pytest.approx(value, abs=1e-5)


def test_no_opinion_is_no_verdict():
    assert WAYS["mean without neutral sentences"](scored(NEUTRAL, NEUTRAL)) == 0


class ByWord:
    """Good and bad words, and what they stand in is as they are."""

    def distributions(self, trees):
        found = []
        for tree in trees:
            which = GOOD if "good" in tree.words else BAD if "bad" in tree.words else NEUTRAL
            found.append(np.tile(which, (tree.num_nodes, 1)))
        return found


SMALL = [
    review(fold, positive, f"the plot .\nit is {'good' if positive else 'bad'} .\n")
    for positive in (False, True)
    for fold in (0, 1, 2, 3)
]


def test_what_is_kept_of_a_review():
    [each, *_] = score(Scorer(ShapeParser(balanced), ByWord()), SMALL[:1])
    assert each.sentences.tolist() == [NEUTRAL.tolist(), BAD.tolist()]
    assert each.lengths.tolist() == [3, 4]
    np.testing.assert_allclose(each.phrases, (5 * NEUTRAL + 7 * BAD) / 12)


def test_the_report(monkeypatch):
    monkeypatch.setattr(bench_documents.reviews, "load", lambda _: SMALL)
    monkeypatch.setattr(bench_documents, "load", lambda _: Scorer(ShapeParser(balanced), ByWord()))
    monkeypatch.setattr("nltk.data.path", [])
    report = bench()
    assert report.values["about"]["reviews"] == 8
    assert report.values["about"]["held_out"] == 2
    assert report.values["about"]["sentences"] == 16
    assert "nltk.downloader" in report.values["about"]["vader"]
    plain = json.loads(json.dumps(report.values))
    rows = {row["name"]: row for row in plain["rows"]}
    assert set(rows) == {*WAYS, "logistic regression"}
    assert rows[CHOSEN]["held_out"] == rows["logistic regression"]["held_out"] == 1
    console = Console(width=160)
    with console.capture() as capture:
        console.print(report.table)
    assert all(name in capture.get() for name in rows)


def test_reviews_to_choose_by_alone_are_not_enough(monkeypatch):
    monkeypatch.setattr(bench_documents.reviews, "load", lambda _: SMALL[:3])
    with pytest.raises(InputError, match="take the whole archive"):
        bench()
