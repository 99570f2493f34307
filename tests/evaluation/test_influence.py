import numpy as np
import pytest
import torch

from treernn.cells import CELLS, CHAIN_CELLS
from treernn.evaluation.influence import (
    decay,
    depths,
    model_name,
    summarize,
    word_influences,
)
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.types import Tree

WORDS = ("<unk>", "it", "is", "not", "a", "good", "film", "at", "all")
SENTENCES = [
    Tree(("it", "is", "not", "good"), ((2, 3), (1, 4), (0, 5))),
    Tree(("film",)),
    Tree(("not", "a", "good", "film", "at", "all"), ((2, 3), (1, 6), (0, 7), (4, 5), (8, 9))),
]


def untrained(kind, cell="lstm", **settings):
    torch.manual_seed(1)
    if kind == "tree":
        return TreeClassifier(TreeConfig(3, 4, cell=cell, **settings), WORDS).double()
    return ChainClassifier(ChainConfig(3, 4, cell=cell, **settings), WORDS).double()


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        *(("tree", {"cell": cell}) for cell in CELLS),
        ("tree", {"bidirectional": True}),
        *(("chain", {"cell": cell}) for cell in CHAIN_CELLS),
        ("chain", {"layers": 2, "bidirectional": True}),
    ],
)
def test_norms_equal_finite_differences(kind, settings):
    model = untrained(kind, **settings)
    result = word_influences(model.train(), SENTENCES)  # without dropout
    assert model.training
    model.eval()
    for tree, influence in zip(SENTENCES, result, strict=True):
        assert influence.words == tree.words
        assert influence.label == score(model, tree).argmax()
        for word, norm in zip(tree.words, influence.norms, strict=True):
            row = model.embedding.weight.data[WORDS.index(word)]
            gradient = []
            for i in range(len(row)):
                before = row[i].item()
                row[i] = before + 1e-5
                up = score(model, tree)[influence.label]
                row[i] = before - 1e-5
                gradient.append((up - score(model, tree)[influence.label]) / 2e-5)
                row[i] = before
            assert norm == pytest.approx(np.linalg.norm(gradient), rel=1e-6)


def score(model, tree):
    """The five logits of the text from a forward pass."""
    with torch.no_grad():
        return model(model.collate(model.encode([tree])))[-1].numpy()


@pytest.mark.parametrize("kind", ["chain", "tree"])
def test_linear_elman_net_decays_exponentially(kind):
    """With small inputs tanh is linear; W is a rotation, U a rotation times 0.8."""
    torch.manual_seed(1)
    if kind == "tree":
        model = TreeClassifier(TreeConfig(4, 4, cell="elman"), WORDS).double()
        cell = model.cell
    else:
        model = ChainClassifier(ChainConfig(4, 4, cell="elman"), WORDS).double()
        cell = model.chain.layers[0][0]
    with torch.no_grad():
        model.embedding.weight.mul_(1e-6)
        cell.weight_input.copy_(rotation())
        cell.weight_children.copy_(torch.cat([0.8 * rotation() for _ in range(cell.arity)], 1))
    rng = np.random.default_rng(1)
    trees = [random_tree(rng, n) for n in rng.integers(1, 30, 60).tolist()]
    result = word_influences(model, trees)
    for tree, text in zip(trees, result, strict=True):
        n = len(tree.words)
        expected = depths(tree) if kind == "tree" else np.arange(n - 1, -1, -1)
        np.testing.assert_array_equal(text.distances, expected)
        classifier_norm = model.classifier.weight[text.label].norm().item()
        np.testing.assert_allclose(text.norms, classifier_norm * 0.8**expected, rtol=1e-6)
    summary = summarize("", result, min_texts=5)
    assert len(summary.by_distance) > 5
    for point in summary.by_distance:
        expected = 0.8 ** (point.distance - summary.by_distance[0].distance)
        assert point.relative == pytest.approx(expected, rel=1e-6)
    assert summary.half_distance == summary.by_distance[0].distance + 4  # 0.8**4 = 0.41
    if kind == "chain":
        assert summary.by_words_after == summary.by_distance
        n = np.array([len(tree.words) for tree in trees])
        fractions = (1 - 0.8 ** np.minimum(5, n)) / (1 - 0.8**n)
        assert summary.last_words == pytest.approx(np.mean(fractions), rel=1e-6)
        fractions *= 0.8 ** np.maximum(0, n - 5)
        assert summary.first_words == pytest.approx(np.mean(fractions), rel=1e-6)
        assert summary.uniform == pytest.approx(np.minimum(1, 5 / n).mean())


def rotation():
    return torch.linalg.qr(torch.randn(4, 4, dtype=torch.double)).Q


def random_tree(rng, num_words):
    """A random binary tree."""
    waiting, children = list(range(num_words)), []
    while len(waiting) > 1:
        at = int(rng.integers(len(waiting) - 1))
        children.append((waiting[at], waiting[at + 1]))
        waiting[at : at + 2] = [num_words + len(children) - 1]
    words = rng.choice(WORDS, num_words).tolist()
    return Tree(tuple(words), tuple(children))


def test_distances_in_a_bidirectional_chain_are_to_the_nearer_end():
    (text,) = word_influences(untrained("chain", bidirectional=True), SENTENCES[-1:])
    assert text.distances.tolist() == [0, 1, 2, 2, 1, 0]
    assert text.words_after.tolist() == [5, 4, 3, 2, 1, 0]


def test_batched_texts_equal_single_texts():
    for model in untrained("tree"), untrained("chain", layers=2):
        rng = np.random.default_rng(2)
        trees = [random_tree(rng, n) for n in rng.integers(1, 60, 300).tolist()]
        for tree, text in list(zip(trees, word_influences(model, trees), strict=True))[::37]:
            (alone,) = word_influences(model, [tree])
            assert (alone.words, alone.label) == (text.words, text.label)
            np.testing.assert_allclose(alone.norms, text.norms, rtol=1e-9)
    assert word_influences(untrained("tree"), []) == []


def test_decay_is_independent_of_text_length():
    """Constant norms, which are larger in shorter texts."""
    texts = [(np.arange(n), np.full(n, 1 / n)) for n in range(1, 20)]
    assert [point.relative for point in decay(texts, min_texts=3)] == pytest.approx([1] * 17)
    assert [point.texts for point in decay(texts, min_texts=3)] == list(range(19, 2, -1))
    assert decay(texts, min_texts=20) == ()
    (first, second) = decay([(np.arange(2), np.zeros(2))], min_texts=1)  # as it may underflow
    assert (first.relative, second.relative) == (1, 1)


def test_decay_is_a_geometric_mean():
    texts = [(np.arange(4), 0.5 ** np.arange(4.0))] * 9 + [(np.arange(4), 10 ** np.arange(4.0))]
    last = decay(texts, min_texts=5)[-1]
    assert last.relative == pytest.approx((0.125**9 * 1000) ** 0.1)


def test_model_names():
    assert model_name(untrained("tree")) == "LSTM tree"
    assert model_name(untrained("chain")) == "LSTM chain"
    assert model_name(untrained("chain", "gru", bidirectional=True, layers=3)) == (
        "GRU chain, bidirectional, 3 layers"
    )
