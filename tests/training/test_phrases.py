import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from treebanks import left_branching

from treernn.errors import InputError
from treernn.training import sentiment as module
from treernn.training.phrases import phrases_of
from treernn.training.sentiment import train_sentiment, vocabulary
from treernn.training.soft_targets import SoftTargets, mixed
from treernn.training.structures import AverageSettings, TreeSettings
from treernn.types import DependencyTree, Tree

TRAIN, DEV = left_branching(30, 1), left_branching(10, 2)
SMALL = {"dropout": 0.0, "epochs": 3, "batch_size": 4, "ema_decay": 0.5, "phrases": 0.5}


def test_phrases_are_the_subtrees():
    tree = Tree(tuple("abcdef"), ((1, 2), (6, 3), (0, 7), (4, 5), (8, 9)), tuple(range(11)))
    found = phrases_of([Tree(("x",)), tree], 2)
    assert [each.tree for each in found] == [
        Tree(("b", "c"), ((0, 1),), (1, 2, 6)),
        Tree(("b", "c", "d"), ((0, 1), (3, 2)), (1, 2, 3, 6, 7)),
        Tree(("a", "b", "c", "d"), ((1, 2), (4, 3), (0, 5)), (0, 1, 2, 3, 6, 7, 8)),
        Tree(("e", "f"), ((0, 1),), (4, 5, 9)),
    ]
    assert {each.of for each in found} == {1}
    assert all(tuple(each.nodes.tolist()) == each.tree.labels for each in found)
    assert [each.tree for each in phrases_of([tree])] == [found[2].tree]
    (bare,) = phrases_of([Tree(tree.words, tree.children)])
    assert bare.tree == Tree(found[2].tree.words, found[2].tree.children)


@given(st.integers(0, 1000))
def test_a_phrase_is_what_the_tree_has_there(seed):
    (tree,) = left_branching(1, seed)
    for each in phrases_of([tree], 2):
        start, end = tree.spans()[each.nodes[-1]]
        assert each.tree.words == tree.words[start:end]
        assert each.tree.labels == tuple(tree.labels[node] for node in each.nodes)
        spans = [tree.spans()[node] for node in each.nodes]
        assert each.tree.spans() == [(a - start, b - start) for a, b in spans]


def test_dependency_trees_have_none():
    with pytest.raises(InputError, match=r"^phrases are of parse trees, a dependency tree has no"):
        phrases_of([DependencyTree.from_heads(("a", "b"), (-1, 0))])


@pytest.mark.parametrize("kind", [TreeSettings, AverageSettings])
def test_every_epoch_draws_some_anew(kind):
    settings = kind(**SMALL)
    model = settings.new(vocabulary(TRAIN, None, 0), None, 5)
    task = module._Sentiment(model, TRAIN, DEV, settings)
    drawn = []
    for seed in (1, 2, 1):
        batches = task.batches(np.random.default_rng(seed))
        numbers = sorted(number for batch in batches for number in batch)
        assert numbers == list(range(task.examples)) == list(range(45))
        drawn.append([example.num_words for example in task.prepared[30:]])
        assert min(drawn[-1]) >= 4
    assert drawn[0] == drawn[2] != drawn[1]
    assert np.isfinite(task.step([0, 44, 31], 0.0))


def test_targets_go_with_their_phrases():
    random = np.random.default_rng(3)
    said = [random.dirichlet([1.0] * 5, tree.num_nodes) for tree in TRAIN]
    soft = SoftTargets(mixed(TRAIN, said, 0.5), 10, 0.5)
    settings = TreeSettings(hidden_size=4, **SMALL)
    model = settings.new(vocabulary(TRAIN, None, 0), None, 5)
    task = module._Sentiment(model, TRAIN, DEV, settings, soft)
    task.batches(np.random.default_rng(1))
    assert task.examples == 10 + 10 + 10
    assert len(task.prepared) == len(task.targets) == 40
    for example, targets in zip(task.prepared, task.targets, strict=True):
        assert len(example.labels) == len(targets)
        # Where there is a label, half of the target is its.
        for label, row in zip(example.labels.tolist(), targets, strict=True):
            assert row[label] >= 0.5


def test_a_run_that_was_stopped_comes_to_the_same(tmp_path):
    settings = TreeSettings(hidden_size=4, **SMALL)

    def run(name, **more):
        model = settings.new(vocabulary(TRAIN, None, 0), None, 5)
        train_sentiment(model, TRAIN, DEV, settings, tmp_path / name, **more)
        return (tmp_path / name / "model.safetensors").read_bytes()

    def die(epoch, done, _steps):
        if (epoch, done) == (2, 5):
            raise KeyboardInterrupt

    torch.rand(2)
    with pytest.raises(KeyboardInterrupt):
        run("broken", progress=die)
    assert run("broken") == run("unbroken")
