"""The tree classifier over dependency trees."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from treernn.errors import InputError
from treernn.models import phrase_classifier as module
from treernn.structure.compile import dgl_is_available
from treernn.types import DependencyTree, Tree

WORDS = (*"abcdefgh", "never-seen")
needs_dgl = pytest.mark.skipif(not dgl_is_available(), reason="dgl cannot be imported here")


def random_tree(n: int, random: np.random.Generator) -> DependencyTree:
    """A random tree of n words, perhaps with crossing edges."""
    order = random.permutation(n)
    heads = np.full(n, -1)
    for position in range(1, n):  # each depends on an earlier one
        heads[order[position]] = order[random.integers(position)]
    tree = DependencyTree.from_heads(random.choice(WORDS, n).tolist(), heads.tolist())
    return tree.with_labels(random.integers(-1, 5, n).tolist())


def random_trees(number: int, longest: int = 15, seed: int = 1) -> list[DependencyTree]:
    random = np.random.default_rng(seed)
    return [random_tree(int(random.integers(1, longest + 1)), random) for _ in range(number)]


def by_definition(model, tree):
    """The states of one tree by the cell's definition, by recursion from the root."""
    model = model.double()
    vectors = model.embedding(torch.from_numpy(model.embedding.vocabulary.ids(tree.words)))
    none = torch.zeros(1, 0, model.cell.hidden_size, dtype=torch.float64)
    states = {}

    def state(node):
        child_states = [state(child) for child, head in enumerate(tree.heads) if head == node]
        parts = [torch.stack(part, 1) for part in zip(*child_states, strict=True)] or [none, none]
        states[node] = model.cell(vectors[node : node + 1], *parts)
        return states[node]

    state(tree.root)
    return torch.cat([states[node][0] for node in range(tree.num_nodes)]).detach().numpy()


def test_states_equal_the_definition(new_model):
    trees = random_trees(20)
    for tree, rows in zip(trees, new_model("child-sum-lstm").states(trees), strict=True):
        expected = by_definition(new_model("child-sum-lstm"), tree)
        np.testing.assert_allclose(rows, expected, atol=1e-6)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 10**6))
def test_batches_equal_single_trees(new_model, sizes, seed):
    random = np.random.default_rng(seed)
    trees = [random_tree(size, random) for size in sizes]
    model = new_model("child-sum-lstm")
    for tree, rows in zip(trees, model.distributions(trees), strict=True):
        np.testing.assert_allclose(model.distributions([tree])[0], rows, atol=1e-6)
        np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)


@pytest.mark.parametrize("library", ["arrays", pytest.param("dgl", marks=needs_dgl)])
def test_words_and_labels_belong_to_their_nodes(new_model, library):
    trees, model = random_trees(20), new_model("child-sum-lstm").train(library == "dgl")
    batch = model.collate(model.encode(trees))
    labels = [label for tree in trees for label in tree.labels]
    assert batch.labels[batch.plan.rank].tolist() == labels
    words = np.concatenate([model.embedding.vocabulary.ids(tree.words) for tree in trees])
    assert batch.words.tolist() == words.tolist()


@needs_dgl
def test_both_backends_have_equal_gradients(new_model):
    trees, actual = random_trees(20), []
    for backend in ("levels", "dgl"):
        model = new_model("child-sum-lstm").double().train()
        torch.manual_seed(3)  # the same dropout
        batch = model.collate(model.encode(trees))
        F.cross_entropy(model(batch, backend), batch.labels, ignore_index=-1).backward()
        actual.append({name: weight.grad for name, weight in model.named_parameters()})
    for name, gradient in actual[0].items():
        torch.testing.assert_close(
            gradient.to_dense(), actual[1][name].to_dense(), rtol=1e-9, atol=1e-12, msg=name
        )


def test_a_dependency_tree_5000_words_deep(new_model):
    """Each word depends on the next one: no function may recurse."""
    tree = DependencyTree.from_heads(("a", "b") * 2500, (*range(1, 5000), -1))
    (rows,) = new_model("child-sum-lstm").distributions([tree])
    assert rows.shape == (5000, 5)
    assert np.isfinite(rows).all()


def test_a_cell_with_too_few_slots(new_model):
    tree = DependencyTree.from_heads(tuple("abcd"), (-1, 0, 0, 0))
    with pytest.raises(InputError, match="a node has 3 children, the cell takes 2"):
        new_model("lstm").distributions([tree])


def test_parse_and_dependency_trees_in_one_batch(new_model):
    parse = Tree(("a", "b"), ((0, 1),))
    tree = DependencyTree.from_heads(("a", "b"), (1, -1))
    with pytest.raises(InputError) as error:
        new_model("child-sum-lstm").distributions([parse, tree])
    assert str(error.value) == "a batch cannot have both parse trees and dependency trees"


def test_small_batches(new_model, monkeypatch):
    trees = random_trees(40)
    expected = new_model("child-sum-lstm").distributions(trees)
    monkeypatch.setattr(module, "batch_nodes", lambda _: 30)
    for one, other in zip(new_model("child-sum-lstm").distributions(trees), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
