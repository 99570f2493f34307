"""The models in the package give as many right answers as the records have, and what is counted
agrees with ``treernn evaluate``."""

from pathlib import Path

import numpy as np
import pytest

from treernn.encoders.base_model import MINILM, MPNET
from treernn.evaluation.accuracy import evaluate
from treernn.evaluation.brackets import bracket_score
from treernn.evaluation.constructions import construction_accuracy
from treernn.models.pretrained import PARSER, SENTIMENT_MODELS
from treernn.models.sentiment import load_sentiment
from treernn.parsing.lstm_parser import load_embedded
from treernn.scoring.scorer import load
from treernn.studies.record import accuracy
from treernn.studies.record.accuracy import (
    ROUNDING,
    Count,
    _count,
    available_models,
    bracket_count,
    construction_count,
    treebank_counts,
)
from treernn.studies.record.comparison import falls
from treernn.studies.record.records import read_records
from treernn.types import UNLABELLED

RECORDS = Path(__file__).resolve().parents[3] / "docs" / "record"

shipped = pytest.mark.skipif(
    not (SENTIMENT_MODELS["small"].is_dir() and PARSER.is_dir()),
    reason="this copy has no pretrained models",
)
ON_AN_ENCODER = [pytest.param("medium", marks=pytest.mark.slow)]  # large takes minutes


def check(counts):
    """A fall fails. If it is meant, or the set is another: `make record`, and commit the record."""
    records = read_records(RECORDS)
    known = {(count.model, count.set) for record in records for count in record.accuracy}
    assert {(count.model, count.set) for count in counts} <= known
    assert falls(counts, records) == []


def skip_without_encoder(model):
    if model not in available_models():
        pytest.skip(f"the encoder of {model} is not on this machine")


@shipped
@pytest.mark.parametrize("model", ["small", *ON_AN_ENCODER])
def test_no_fall_on_the_treebank(model, sst_dev):
    skip_without_encoder(model)
    check([*treebank_counts(model, sst_dev)])


@shipped
@pytest.mark.parametrize("model", ["small", *ON_AN_ENCODER])
def test_no_fall_on_constructions(model):
    skip_without_encoder(model)
    check([construction_count(model)])


@shipped
def test_no_fall_of_the_parser(sst_dev):
    check([bracket_count(sst_dev)])


@shipped
def test_counts_are_those_of_evaluate(sst_dev):
    trees = sst_dev[:100]
    five, binary, phrases = treebank_counts("small", trees)
    expected = evaluate(trees, load_sentiment("small").distributions(trees))
    assert (five.of, binary.of) == (expected.root.count, expected.root.count_binary)
    assert 100 * five.right / five.of == pytest.approx(expected.root.five)
    assert 100 * binary.right / binary.of == pytest.approx(expected.root.binary)
    assert 100 * phrases.right / phrases.of == pytest.approx(expected.all.five)


@shipped
def test_phrases_without_a_label_do_not_count(sst_dev):
    trees = [tree.with_labels([UNLABELLED, *tree.labels[1:]]) for tree in sst_dev[:20]]
    *_, phrases = treebank_counts("small", trees)
    assert phrases.of == sum(tree.num_nodes - 1 for tree in trees)
    expected = evaluate(trees, load_sentiment("small").distributions(trees)).all
    assert 100 * phrases.right / phrases.of == pytest.approx(expected.five)


@shipped
def test_brackets_are_those_of_their_score(sst_dev):
    trees = sst_dev[:50]
    score = bracket_score(load_embedded().parse([tree.words for tree in trees]), trees)
    assert bracket_count(trees) == Count("parser", "brackets", score.matched, score.gold, 0)
    assert 0 < score.matched < score.gold


@shipped
def test_constructions_are_those_that_no_model_is_trained_on(monkeypatch):
    monkeypatch.setattr(accuracy, "TEXTS", 1)
    count = construction_count("small")
    scorer = load("small", parser=load_embedded())
    made, by_hand, *_ = construction_accuracy(scorer.score_many, count=1)
    shares = [
        (each.cases, each.correct)
        if of == "cases"
        else (each.contrast_cases, each.contrast_correct)
        for each in (made, by_hand)
        for of in ("cases", "contrasts")
    ]
    assert count.of == sum(cases for cases, _ in shares)
    assert count.right == round(sum(cases * share / 100 for cases, share in shares if cases))


def test_models_without_their_encoder_are_left_out(monkeypatch):
    here = {MINILM: Path("somewhere")}
    monkeypatch.setattr(accuracy, "find_local_base_model", here.get)
    assert available_models() == ["small", "medium"]
    here[MPNET] = Path("somewhere")
    assert available_models() == ["small", "medium", "large"]
    here.clear()
    assert available_models() == ["small"]


def test_what_rounding_can_change():
    less = 0.4 - ROUNDING / 2
    p = np.array([[0.4, less, 0.2], [0.4, less, 0.2], [0.4, less, 0.2], [0.2, 0.5, 0.3]])
    right = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]], bool)
    assert _count("m", "s", p, right) == Count("m", "s", right=2, of=4, near=2)
    both = np.array([[1, 1, 0]] * 4, bool)  # right either way
    assert _count("m", "s", p, both) == Count("m", "s", right=4, of=4, near=0)
