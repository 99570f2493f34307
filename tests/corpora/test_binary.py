"""Binary trees from labelled trees of any shape."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.any_trees import trees
from treernn.corpora.binary import binary_tree, binary_trees, is_binary, labelled_phrases
from treernn.errors import DataWarning
from treernn.types import UNLABELLED, Tree

TREES = trees(st.sampled_from("abc"))


def phrases(tree: Tree) -> dict[tuple[int, int], int]:
    """The label of each phrase, of the upper node if several have the same words."""
    labels = tree.labels or (UNLABELLED,) * tree.num_nodes
    result: dict[tuple[int, int], int] = {}
    for span, label in zip(tree.spans(), labels, strict=True):
        if label != UNLABELLED or span not in result:
            result[span] = label
    return result


@given(TREES)
def test_the_original_nodes_are_those_of_the_original_tree(tree: Tree) -> None:
    binary = binary_tree(tree)
    assert binary.words == tree.words
    assert is_binary(binary)
    assert len(binary.children) == len(tree.words) - 1
    assert all(a < node > b for node, (a, b) in enumerate(binary.children, len(tree.words)))
    spans = binary.spans()
    assert len(set(spans)) == len(spans)
    assert spans[-1] == (0, len(tree.words))
    assert all(spans[a][1] == spans[b][0] for a, b in binary.children)
    original, now = phrases(tree), phrases(binary)
    assert {span: now[span] for span in original} == original
    assert {now[span] for span in now.keys() - original.keys()} <= {UNLABELLED}


@given(TREES)
def test_without_the_new_nodes_it_is_the_original_tree(tree: Tree) -> None:
    labelled = tree.with_labels([max(0, label) for label in tree.labels or [1] * tree.num_nodes])
    chains = any(len(children) == 1 for children in tree.children)
    if not chains:
        assert labelled_phrases(binary_tree(labelled)) == labelled
    assert phrases(labelled_phrases(binary_tree(labelled))) == phrases(labelled)


@given(TREES)
def test_a_binary_tree_stays(tree: Tree) -> None:
    binary = binary_tree(tree)
    assert binary_tree(binary) is binary


def test_the_first_label_from_above_counts() -> None:
    tree = Tree(("a", "b"), ((0,), (2,), (3, 1), (4,)), (0, 1, 2, UNLABELLED, 3, 4))
    assert binary_tree(tree) == Tree(("a", "b"), ((0, 1),), (2, 1, 4))
    assert binary_tree(Tree(("a",), ((0,), (1,)), (1, UNLABELLED, 4))).labels == (4,)
    unlabelled = Tree(("a", "b"), ((0, 1), (2,)), (1, 2, 3, UNLABELLED))
    assert binary_tree(unlabelled).labels == (1, 2, 3)


def test_a_deep_chain_and_a_wide_node() -> None:
    size = 20_000
    chain = Tree(("a",), tuple((node,) for node in range(size)), (0,) * size + (3,))
    assert binary_tree(chain) == Tree(("a",), (), (3,))
    wide = Tree(("a",) * size, (tuple(range(size)),), (2,) * size + (4,))
    assert binary_tree(wide).labels == (2,) * size + (-1,) * (size - 2) + (4,)


def test_a_warning_says_how_many_trees_were_not_binary() -> None:
    wide = Tree(("a", "b", "c"), ((0, 1, 2),), (1, 1, 1, 1))
    chain = Tree(("a",), ((0,),), (1, 3))
    plain = Tree(("a", "b"), ((0, 1),), (1, 1, 1))
    with pytest.warns(DataWarning) as caught:
        binary_trees([wide, plain, chain, wide], "trees.txt")
    assert [str(warning.message) for warning in caught] == [
        "trees.txt: of 4 trees 2 had nodes with more than two children and got new nodes without "
        "labels, 1 had nodes with a single child, of which the upper label counts"
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert binary_trees([plain]) == [plain]
