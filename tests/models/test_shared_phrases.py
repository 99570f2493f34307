"""Equal phrases are computed once; each tree alone is the definition."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.shared_phrases import share
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.types import Tree

WORDS = ["not", "bad", "film", "films", "badly-acted", "good/bad", "xyzzy", "acted"]


@st.composite
def trees(draw) -> Tree:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7))
    roots, children = list(range(len(words))), []
    while len(roots) > 1:
        at = draw(st.integers(0, len(roots) - 2))
        children.append((roots[at], roots[at + 1]))
        roots[at : at + 2] = [len(words) + len(children) - 1]
    return Tree(tuple(words), tuple(children))


@pytest.fixture(scope="module")
def model() -> TreeClassifier:
    torch.manual_seed(1)
    known = ["<unk>", "not", "bad", "film", "good", "acted", "badly", "##s"]
    return TreeClassifier(TreeConfig(6, hidden_size=5), known)


@settings(max_examples=60)
@given(sample=st.lists(trees(), max_size=6))
def test_rows_are_those_of_each_tree_alone(model, sample):
    with torch.no_grad():
        expected = [PhraseClassifier.distributions(model, [tree])[0] for tree in sample]
    for found, rows in zip(model.distributions(sample), expected, strict=True):
        np.testing.assert_allclose(found, rows, atol=1e-6)


@given(sample=st.lists(trees(), min_size=1, max_size=6))
def test_a_phrase_has_one_node(sample):
    shared = share(sample, lambda word: [word])
    phrases = {}
    nodes = iter(shared.nodes.tolist())
    for tree in sample:
        brackets = list(tree.words)
        for left, right in tree.children:
            brackets.append(f"({brackets[left]} {brackets[right]})")
        for bracket in brackets:
            node = next(nodes)
            assert phrases.setdefault(bracket, node) == node
    assert len(set(phrases.values())) == len(phrases) == shared.structure.num_nodes
    assert [phrases[word] for word in shared.words] == sorted(phrases[w] for w in shared.words)
