"""Figures on sets of several kinds, and the report."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from treernn.errors import InputError, ModelError
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.scorer import Scorer
from treernn.studies.benchmarks import domains as module
from treernn.studies.benchmarks.domain_sets import DomainSet
from treernn.studies.benchmarks.domains import (
    Decisions,
    bench,
    decide,
    evaluate_domains,
    evaluate_vader,
)

ROWS = {
    "awful": (0.5, 0.25, 0.25, 0, 0),
    "poor": (0, 0.5, 0.25, 0.25, 0),
    "so": (0.125, 0.125, 0.5, 0.125, 0.125),
    "good": (0, 0, 0.25, 0.75, 0),
}


class ByWord:
    """All nodes of a tree have the distribution of its first word that has one."""

    count = 0

    def distributions(self, trees):
        self.count += len(trees)
        found = (next(ROWS[word] for word in tree.words if word in ROWS) for tree in trees)
        return [np.tile(row, (tree.num_nodes, 1)) for row, tree in zip(found, trees, strict=True)]


def scorer():
    return Scorer(ShapeParser(balanced), ByWord())


def made(*texts, name="made"):
    """A set of texts that each begin with the gold class: - 0 or +."""
    return DomainSet(
        name,
        tuple(text[1:] for text in texts),
        np.array(["-0+".index(text[0]) for text in texts], dtype=int),
    )


def test_two_classes():
    [row] = evaluate_domains(
        scorer(), [made("-awful", "-a poor", "-good", "+good", "+a good", "+so", "-so")]
    )
    assert row.to_dict() == {
        "set": "made",
        "n": 7,
        "binary": 71.43,
        "macro_recall": pytest.approx((75 + 200 / 3) / 2, abs=0.01),
        # Confidence 1 of awful, good, good, good, 2/3 of poor, 1/2 of so, so.
        "ece": pytest.approx(100 * (1 + 1 / 3 + 0) / 7, abs=0.01),
        "recall_negative": 75.0,
        "recall_positive": 66.67,
    }
    assert row.recall_neutral is None


def test_three_classes():
    [row] = evaluate_domains(scorer(), [made("-awful", "-so", "0so", "0good", "0so", "+good")])
    assert row.to_dict() == {
        "set": "made",
        "n": 6,
        "binary": 100.0,  # so leans to no side, which counts as negative
        "macro_recall": pytest.approx((50 + 200 / 3 + 100) / 3, abs=0.01),
        # Confidence 3/4 of awful (right), good (once right, once wrong); 1/2 of so (twice right).
        "ece": pytest.approx(100 * (3 * (3 / 4 - 2 / 3) + 3 * (2 / 3 - 1 / 2)) / 6, abs=0.01),
        "recall_negative": 50.0,
        "recall_neutral": 66.67,
        "recall_positive": 100.0,
    }


def test_a_text_in_several_sets_is_scored_once():
    each = scorer()
    sets = [made("-awful", "+good", name="a"), made("+good", "0so", name="b")]
    rows = evaluate_domains(each, sets)
    assert [row.set for row in rows] == ["a", "b"]
    assert each.classifier.count == 3


def test_texts_with_nothing_to_score_are_neutral():
    [row] = evaluate_domains(scorer(), [made("0...", "+good", "-awful")])
    assert row.macro_recall == 100
    [row] = evaluate_domains(scorer(), [made("-...", "+...")])
    assert (row.binary, row.ece) == (50, 0)


def test_a_set_without_a_class():
    [row] = evaluate_domains(scorer(), [made("+good")])
    assert (row.binary, row.macro_recall, row.recall_negative) == (100, 100, None)
    [row] = evaluate_domains(scorer(), [made("0so")])
    assert (row.binary, row.macro_recall, row.recall_neutral) == (None, 100, 100)
    [row] = evaluate_domains(scorer(), [made()])
    assert (row.n, row.binary, row.macro_recall, row.ece) == (0, None, None, None)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.lists(st.integers(0, 5), min_size=5, max_size=5)),
        min_size=1,
    )
)
def test_figures_of_any_distributions(examples):
    gold = np.array([label for label, _ in examples])
    counts = np.array([row for _, row in examples]) + 1.0
    found = decide(counts / counts.sum(axis=1, keepdims=True))
    row = module._row(DomainSet("made", ("x",) * len(gold), gold), found)
    figures = [value for key, value in row.to_dict().items() if key not in ("set", "n")]
    assert all(value is None or 0 <= value <= 100 for value in figures)
    for (_, values), three, positive in zip(examples, found.three, found.positive, strict=True):
        sides = (values[0] + values[1] + 2, values[2] + 1, values[3] + values[4] + 2)
        assert sides[three] == max(sides)
        assert positive == (sides[2] > sides[0]) or sides[0] == sides[2]
    if 1 in gold and {0, 2} & {*gold}:
        polar = gold != 1
        right = (found.positive == (gold == 2))[polar]
        assert math.isclose(row.binary, 100 * right.mean())


def vader(monkeypatch, **scores):
    monkeypatch.setattr(module, "load_vader", lambda: lambda text: scores[text])


def test_vader(monkeypatch):
    vader(monkeypatch, a=0.04, b=-0.05, c=0.05, d=0.0)
    [three, two] = evaluate_vader([made("+a", "-b", "+c", "0d", "0a"), made("+a", "-b", "+d")])
    assert three.to_dict() == {
        "set": "made",
        "n": 5,
        "binary": 100.0,
        "macro_recall": pytest.approx(250 / 3, abs=0.01),
        "ece": None,
        "recall_negative": 100.0,
        "recall_neutral": 100.0,
        "recall_positive": 50.0,
    }
    assert two.to_dict() == {
        "set": "made",
        "n": 3,
        "binary": 66.67,
        "macro_recall": 75.0,
        "ece": None,
        "recall_negative": 100.0,
        "recall_positive": 50.0,
    }


@pytest.fixture
def prepared(monkeypatch):
    """Sets and models without files."""
    sets = [made("-awful", "+good", name="a set"), made("0so", "+good", "-so", name="tweets")]
    monkeypatch.setattr(module, "load_sets", lambda *_: (sets, ["[b]lists: no lists.tsv"]))
    monkeypatch.setattr(module, "load", lambda *_, **__: scorer())
    vader(monkeypatch, awful=-1, good=0.5, so=0.1)


def text_of(report):
    console = Console(width=160)
    with console.capture() as capture:
        console.print(report.table)
    return capture.get()


@pytest.mark.usefixtures("prepared")
def test_the_report_of_one_model():
    report = bench(["folder/[red]x"])
    values = json.loads(json.dumps(report.values))
    assert [*values] == ["model", "split", "rows", "missing", "vader"]
    assert (values["model"], values["split"]) == ("folder/[red]x", "test")
    assert values["missing"] == ["[b]lists: no lists.tsv"]
    assert [row["set"] for row in values["rows"]] == ["a set", "tweets"]
    assert [row["set"] for row in values["vader"]] == ["a set", "tweets"]
    text = text_of(report)
    for part in ("folder/[red]x", "vader", "missing: [b]lists: no lists.tsv", "split test"):
        assert part in text


@pytest.mark.usefixtures("prepared")
def test_the_report_of_several_models():
    report = bench(["small", "medium", "small"], "dev")
    assert [each["model"] for each in report.values] == ["small", "medium", "vader"]
    for each in report.values:
        assert [*each] == ["model", "split", "rows", "missing"]
        assert each["split"] == "dev"
    assert "medium" in text_of(report)


@pytest.mark.usefixtures("prepared", "cache")
def test_the_report_without_vader(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr("nltk.data.path", [])
    monkeypatch.setattr(module, "load_sets", lambda *_: ([made("+good")], []))
    monkeypatch.setattr(module, "load", lambda *_, **__: scorer())
    monkeypatch.setattr(module.load_vader.__globals__["locations"], "find", lambda *_: None)
    values = bench().values
    assert "vader" not in values
    assert "nltk.downloader" in values["missing"][0]


def test_errors():
    with pytest.raises(InputError, match="no model to measure, name one"):
        bench([])
    with pytest.raises(ModelError):
        bench(["/nonesuch"])


def test_decisions_have_the_order_of_the_sides():
    found = decide(np.array([[0, 0, 0, 0.5, 0.5], [0.5, 0.5, 0, 0, 0]]))
    assert isinstance(found, Decisions)
    assert found.three.tolist() == [2, 0]
    assert found.probabilities.tolist() == [[0, 0, 1], [1, 0, 0]]
