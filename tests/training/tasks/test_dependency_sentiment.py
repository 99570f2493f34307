"""Training on dependency trees, by the same code as on parse trees."""

import json

import numpy as np
import pytest

from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.storage import CONFIG
from treernn.models.tree_classifier import TreeClassifier
from treernn.training.loop.trainer import fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import TreeSettings
from treernn.types import DependencyTree, Splits

SETTINGS = TreeSettings().updated(
    cell="child-sum-lstm",
    embedding_size=6,
    hidden_size=12,
    dropout=0.0,
    epochs=8,
    batch_size=8,
    ema_decay=0.5,
)
VALUES = {"bad": -1, "film": 0, "the": 0, "is": 0, "good": 1}


def treebank(number: int, seed: int) -> list[DependencyTree]:
    """Random trees; the class of a node is the sum over its subtree, a tenth have none."""
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        n = int(random.integers(1, 8))
        words = random.choice(list(VALUES), n).tolist()
        heads = [-1, *(int(random.integers(place)) for place in range(1, n))]
        tree = DependencyTree.from_heads(words, heads)
        sums = [VALUES[word] for word in tree.words]
        for node, head in enumerate(tree.heads[:-1]):
            sums[head] += sums[node]
        labels = [max(-2, min(2, value)) + 2 for value in sums]
        hidden = random.random(n - 1) < 0.1
        shown = [-1 if hide else label for label, hide in zip(labels, hidden, strict=False)]
        trees.append(tree.with_labels([*shown, labels[-1]]))
    return trees


TRAIN, DEV = treebank(120, 1), treebank(50, 2)


def train(trees, out, settings=SETTINGS):
    model = new_classifier(settings, vocabulary(trees, None, 0))
    return fit(SentimentTask(model, Splits(trees, DEV), settings), out)


def test_training(tmp_path):
    best = train(TRAIN, tmp_path / "model")
    assert best["dev_root"] > 65
    model = TreeClassifier.load(tmp_path / "model")
    found = evaluate(DEV, model.distributions(DEV))
    assert found.root.five == pytest.approx(best["dev_root"], abs=2)  # vectors in half precision
    assert found.all.count == sum(label >= 0 for tree in DEV for label in tree.labels)


def test_the_provenance_depends_on_the_edges(tmp_path):
    heads = (-1, 0, 1), (-1, 0, 0)
    marks = []
    for number, each in enumerate(heads):
        tree = DependencyTree.from_heads(("the", "film", "is"), each).with_labels((2, 2, 2))
        train([tree], tmp_path / str(number), SETTINGS.updated(hidden_size=4, epochs=1))
        config = json.loads((tmp_path / str(number) / CONFIG).read_text())
        marks.append(config["data"]["train"])
    assert marks[0]["nodes"] == marks[1]["nodes"] == 3
    assert marks[0]["sha256"] != marks[1]["sha256"]


def test_wrong_number_of_labels(tmp_path):
    with pytest.raises(InputError, match="train tree 1 has 2 labels for 3 nodes"):
        train([DependencyTree.from_heads("abc", (-1, 0, 0)).with_labels((2, 2))], tmp_path / "x")
