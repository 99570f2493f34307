import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from treebanks import left_branching

from treernn.errors import InputError
from treernn.training.data.phrases import extract_phrases
from treernn.training.loop.step import train_step
from treernn.training.loop.trainer import fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import AverageSettings, TreeSettings
from treernn.types import DependencyTree, Splits, Tree

TRAIN, DEV = left_branching(30, 1), left_branching(10, 2)
DATA = Splits(TRAIN, DEV)
SMALL = {
    "dropout": 0.0, "epochs": 3, "batch_size": 4, "ema_decay": 0.5, "phrase_ratio": 0.5,
    "embedding_size": 5,
}  # fmt: skip


def test_phrases_are_the_subtrees():
    tree = Tree(tuple("abcdef"), ((1, 2), (6, 3), (0, 7), (4, 5), (8, 9)), tuple(range(11)))
    found = extract_phrases([Tree(("x",)), tree], 2)
    assert [each.tree for each in found] == [
        Tree(("b", "c"), ((0, 1),), (1, 2, 6)),
        Tree(("b", "c", "d"), ((0, 1), (3, 2)), (1, 2, 3, 6, 7)),
        Tree(("a", "b", "c", "d"), ((1, 2), (4, 3), (0, 5)), (0, 1, 2, 3, 6, 7, 8)),
        Tree(("e", "f"), ((0, 1),), (4, 5, 9)),
    ]
    assert {each.source for each in found} == {1}
    assert all(tuple(each.nodes.tolist()) == each.tree.labels for each in found)
    assert [each.tree for each in extract_phrases([tree])] == [found[2].tree]
    (bare,) = extract_phrases([Tree(tree.words, tree.children)])
    assert bare.tree == Tree(found[2].tree.words, found[2].tree.children)


@given(st.integers(0, 1000))
def test_a_phrase_equals_the_subtree(seed):
    (tree,) = left_branching(1, seed)
    for each in extract_phrases([tree], 2):
        start, end = tree.spans()[each.nodes[-1]]
        assert each.tree.words == tree.words[start:end]
        assert each.tree.labels == tuple(tree.labels[node] for node in each.nodes)
        spans = [tree.spans()[node] for node in each.nodes]
        assert each.tree.spans() == [(a - start, b - start) for a, b in spans]


def test_dependency_trees_have_no_phrases():
    with pytest.raises(InputError, match=r"^phrases are taken from parse trees, not from dep"):
        extract_phrases([DependencyTree.from_heads(("a", "b"), (-1, 0))])


@pytest.mark.parametrize("kind", [TreeSettings, AverageSettings])
def test_every_epoch_samples_phrases_again(kind):
    settings = kind().updated(**SMALL)
    model = new_classifier(settings, vocabulary(TRAIN, None, 0))
    task = SentimentTask(model, DATA, settings)
    sampled = []
    for seed in (1, 2, 1):
        batches = task.batches(np.random.default_rng(seed))
        numbers = sorted(number for batch in batches for number in batch)
        assert numbers == list(range(45))
        sampled.append([len(example.labels) for example in task._examples[30:]])
        assert min(sampled[-1]) >= 7  # nodes of four words
    assert sampled[0] == sampled[2] != sampled[1]
    assert np.isfinite(train_step(task, [0, 44, 31], 0.0))


def test_an_interrupted_run_resumes_with_the_same_result(tmp_path):
    settings = TreeSettings().updated(hidden_size=4, **SMALL)

    def run(name, **more):
        model = new_classifier(settings, vocabulary(TRAIN, None, 0))
        fit(SentimentTask(model, DATA, settings), tmp_path / name, **more)
        return (tmp_path / name / "model.safetensors").read_bytes()

    def die(epoch, done, _steps):
        if (epoch, done) == (2, 5):
            raise KeyboardInterrupt

    torch.rand(2)
    with pytest.raises(KeyboardInterrupt):
        run("interrupted", on_step=die)
    assert run("interrupted") == run("uninterrupted")
