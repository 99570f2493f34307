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
    for place, word in enumerate(order[1:], 1):  # each hangs under one that came before it
        heads[word] = order[draw(st.integers(0, place - 1))]
    return [f"w{word}" for word in range(len(order))], heads


def below(word, heads):
    """The word and all that hangs under it, by following each word's heads up."""
    found = set()
    for start in range(len(heads)):
        at = start
        while at not in (-1, word):
            at = heads[at]
        if at == word:
            found.add(start)
    return found


@given(sentences())
def test_heads_make_the_tree_that_they_say(sentence):
    words, heads = sentence
    tree = DependencyTree.from_heads(words, heads)
    assert tree.num_nodes == len(words)
    assert sorted(tree.positions) == list(range(len(words)))
    assert tree.words == tuple(words[place] for place in tree.positions)
    for node, head in enumerate(tree.heads):
        expected = heads[tree.positions[node]]
        assert (tree.positions[head] if head >= 0 else -1) == expected
        assert head > node or node == tree.root
    for node, children in enumerate(tree.children):
        assert all(tree.heads[child] == node for child in children)
        places = [tree.positions[child] for child in children]
        assert all(a < b for a, b in pairwise(places))
    assert sum(map(len, tree.children)) == len(words) - 1
    for place, span in zip(tree.positions, tree.spans(), strict=True):
        places = below(place, heads)
        assert span == (min(places), max(places) + 1)


def test_other_roots_hang_under_the_first():
    tree = DependencyTree.from_heads("abcd", (1, -1, 3, -1))
    assert tree.words == ("a", "c", "d", "b")
    assert tree.heads == (3, 2, 3, -1)
    assert tree.spans()[tree.root] == (0, 4)


def test_a_span_may_hold_words_that_hang_elsewhere():
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


def test_5000_words_in_a_row():
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
        ("ab", (-1, 1), "the heads above word 1 run in a circle, they reach no root"),
        ("abcd", (3, 2, 1, -1), "the heads above word 1 run in a circle, they reach no root"),
    ],
)
def test_heads_that_make_no_tree(words, heads, message):
    with pytest.raises(InputError) as error:
        DependencyTree.from_heads(words, heads)
    assert str(error.value) == message
