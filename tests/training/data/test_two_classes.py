"""Labels of two classes for a model of five: which side, not how strong."""

import json

import numpy as np
import pytest

from treernn.models.tree_classifier import TreeClassifier
from treernn.scoring.scorer import Scorer
from treernn.training.data.sources import root_sides
from treernn.types import Tree

POSITIVE = ["great", "superb", "lovely", "charming", "fine"]
NEGATIVE = ["awful", "dull", "boring", "bad", "weak"]


def tree(label, *words):
    pairs = tuple((len(words) + k - 1 if k else 0, k + 1) for k in range(len(words) - 1))
    nodes = 2 * len(words) - 1
    return Tree(tuple(words), pairs, (*[-1] * (nodes - 1), label))


def test_targets_are_sides():
    positive, negative = root_sides([tree(3, "a", "fine", "film"), tree(1, "bad")]).targets
    assert not positive[:-1].any()
    assert positive[-1].tolist() == [0, 0, 0, 1, 1]
    assert negative.tolist() == [[1, 1, 0, 0, 0]]
    [new] = root_sides([tree(3, "fine")], known_strength=True).targets
    np.testing.assert_allclose(new, [[0, 0, 0, 0.64, 0.36]])


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
    assert "dev sentences recall 100.00, dev sentences loss" in last
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
