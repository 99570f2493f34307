from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.types import DependencyTree


@st.composite
def sentences(draw, longest=25):
    """Words, and heads of any tree over them."""
    order = draw(st.permutations(range(draw(st.integers(1, longest)))))
    heads = [-1] * len(order)
    for rank, word in enumerate(order[1:], 1):  # the head of each word is an earlier one
        heads[word] = order[draw(st.integers(0, rank - 1))]
    return [f"w{word}" for word in range(len(order))], heads


def subtree(word, heads):
    """The words from which heads lead to ``word``."""
    words = set()
    for start in range(len(heads)):
        ancestor = start
        while ancestor not in (-1, word):
            ancestor = heads[ancestor]
        if ancestor == word:
            words.add(start)
    return words


@given(sentences())
def test_a_tree_has_the_heads_of_its_sentence(sentence):
    words, heads = sentence
    tree = DependencyTree.from_heads(words, heads)
    assert tree.num_nodes == len(words)
    assert sorted(tree.positions) == list(range(len(words)))
    assert tree.words == tuple(words[position] for position in tree.positions)
    for node, head in enumerate(tree.heads):
        expected = heads[tree.positions[node]]
        assert (tree.positions[head] if head >= 0 else -1) == expected
        assert head > node or node == tree.root
    for node, children in enumerate(tree.children):
        assert all(tree.heads[child] == node for child in children)
        positions = [tree.positions[child] for child in children]
        assert all(a < b for a, b in pairwise(positions))
    assert sum(map(len, tree.children)) == len(words) - 1
    for word, span in zip(tree.positions, tree.spans(), strict=True):
        words_below = subtree(word, heads)
        assert span == (min(words_below), max(words_below) + 1)


def test_the_first_root_is_the_head_of_the_others():
    tree = DependencyTree.from_heads("abcd", (1, -1, 3, -1))
    assert tree.words == ("a", "c", "d", "b")
    assert tree.heads == (3, 2, 3, -1)
    assert tree.spans()[tree.root] == (0, 4)


def test_a_span_may_include_words_of_other_subtrees():
    tree = DependencyTree.from_heads(("A", "hearing", "is", "on", "it"), (1, 2, -1, 1, 3))
    assert dict(zip(tree.words, tree.spans(), strict=True))["hearing"] == (0, 5)


def test_one_word():
    tree = DependencyTree.from_heads(("yes",), (-1,))
    assert (tree.heads, tree.children, tree.spans(), tree.root) == ((-1,), ((),), [(0, 1)], 0)


def test_labels():
    tree = DependencyTree.from_heads("ab", (-1, 0))
    assert tree.labels == ()
    labelled = tree.with_labels([1, 2])
    assert labelled.labels == (1, 2)
    assert labelled.with_labels(()) == tree


def test_5000_levels():
    tree = DependencyTree.from_heads(["a"] * 5000, [-1, *range(4999)])
    assert tree.spans()[0] == (4999, 5000)


@pytest.mark.parametrize(
    ("words", "heads", "message"),
    [
        ("", (), "a dependency tree needs at least one word"),
        ("ab", (-1,), "1 heads for 2 words, expected one for each"),
        ("ab", (1, 0), "no word is the root, one must have the head -1"),
        ("ab", (-1, 2), "word 1 has the head 2, expected 0 to 1, or -1"),
        ("ab", (-2, -1), "word 0 has the head -2, expected 0 to 1, or -1"),
        ("ab", (-1, 1), "the heads from word 1 form a cycle, they do not reach the root"),
        ("abcd", (3, 2, 1, -1), "the heads from word 1 form a cycle, they do not reach the root"),
    ],
)
def test_heads_of_no_tree(words, heads, message):
    with pytest.raises(InputError) as error:
        DependencyTree.from_heads(words, heads)
    assert str(error.value) == message
