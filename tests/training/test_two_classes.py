"""Labels of two classes for a model of five: which side, not how strong."""

import json

import numpy as np
import pytest

from treernn.models.tree_classifier import TreeClassifier
from treernn.scoring.scorer import Scorer
from treernn.training.two_classes import SHARES, two_class_targets
from treernn.types import Tree

POSITIVE = ["great", "superb", "lovely", "charming", "fine"]
NEGATIVE = ["awful", "dull", "boring", "bad", "weak"]


def tree(label, *words):
    pairs = tuple((len(words) + k - 1 if k else 0, k + 1) for k in range(len(words) - 1))
    nodes = 2 * len(words) - 1
    return Tree(tuple(words), pairs, (*[-1] * (nodes - 1), label))


def test_targets_of_a_new_model():
    trees = [tree(3, "a", "fine", "film"), tree(1, "bad")]
    positive, negative = two_class_targets(trees).targets
    assert not positive[:-1].any()
    np.testing.assert_allclose(positive[-1], [0, 0, 0, 0.64, 0.36])
    np.testing.assert_allclose(negative, [[0.33, 0.67, 0, 0, 0]])
    assert SHARES.sum() == 2


def test_targets_keep_how_strong_the_first_model_finds_a_sentence(scorer):
    trees = [tree(3, "great"), tree(3, "good"), tree(1, "awful"), tree(1, "great")]
    rows = [target[-1] for target in two_class_targets(trees, scorer.classifier).targets]
    assert [int(row.argmax()) for row in rows[:3]] == [4, 3, 0]
    for each, row in zip(trees, rows, strict=True):
        side = slice(3, 5) if each.labels[-1] == 3 else slice(0, 2)
        assert row[side].sum() == pytest.approx(1)
        before = scorer.classifier.distributions([each])[0][-1]
        assert row[side][0] / row[side][1] == pytest.approx(before[side][0] / before[side][1])


@pytest.mark.parametrize("names", [(0, 1), ("neg", "pos"), (False, True), ("Negative", "Positive")])
@pytest.mark.parametrize("structure", ["tree", "average"])
def test_the_command_learns_two_sides(in_process, tmp_path, names, structure):
    rows = [
        {"text": f"{start} {word}.", "label": names[word in POSITIVE]}
        for start in ("The film is", "A story that is", "It was")
        for word in POSITIVE + NEGATIVE
    ]
    (tmp_path / "reviews.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    status, out, err = in_process(
        *("train", "sentiment", "--out", tmp_path / "model", "--structure", structure),
        *("--sentences", tmp_path / "reviews.jsonl", "--vectors", "none", "--epochs", "25"),
        *("--dev-sentences", tmp_path / "reviews.jsonl", "--learning-rate", "0.1"),
    )
    assert status == 0, err
    first, last = out.splitlines()
    assert first == f"the labels {names[0]} and {names[1]} are two classes: negative and positive"
    assert "dev binary 100.00, dev loss" in last
    assert "dev root" not in out + err

    from treernn.models.sentiment import load_sentiment
    from treernn.parsing import load_parser

    scorer = Scorer(load_parser("embedded"), load_sentiment(tmp_path / "model"))
    for word in POSITIVE + NEGATIVE:
        result = scorer(f"The film is {word}.")
        assert result.label == ("positive" if word in POSITIVE else "negative")


def test_a_finished_run_is_not_trained_again(in_process, tmp_path):
    (tmp_path / "a.csv").write_text("text;label\n" + "good film;1\nbad film;0\n" * 5)
    options = ("--sentences", tmp_path / "a.csv", "--vectors", "none", "--epochs", "1")
    command = ("train", "sentiment", "--out", tmp_path / "model", *options)
    assert in_process(*command)[0] == 0
    assert "already finished" in in_process(*command)[1]
    (tmp_path / "a.csv").write_text("text;label\n" + "good film;3\nbad film;1\n" * 5)
    status, _, err = in_process(*command)
    assert (status, "another" in err or "other" in err) == (2, True)
    assert TreeClassifier.load(tmp_path / "model")
