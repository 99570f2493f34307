import pytest

from treernn.errors import InputError
from treernn.parsing.baselines import ShapeParser, balanced, left_branching, right_branching

SPANS = {
    right_branching: {(3, 5), (2, 5), (1, 5), (0, 5)},
    left_branching: {(0, 2), (0, 3), (0, 4), (0, 5)},
    balanced: {(0, 3), (0, 2), (3, 5), (0, 5)},
}


@pytest.mark.parametrize("shape", SPANS)
def test_shapes(shape):
    tree = ShapeParser(shape).parse([list("abcde")])[0]
    assert tree.words == tuple("abcde")
    assert set(tree.spans()[5:]) == SPANS[shape]


@pytest.mark.parametrize("shape", SPANS)
@pytest.mark.parametrize("n", [1, 2, 3, 7, 64])
def test_trees_of_all_lengths_are_valid(shape, n):
    tree = ShapeParser(shape).parse([["w"] * n])[0]
    spans = tree.spans()
    assert len(tree.children) == n - 1
    assert spans[-1] == (0, n)
    for number, (a, b) in enumerate(tree.children, n):
        assert max(a, b) < number
        assert spans[a][1] == spans[b][0]


def test_balanced_is_shallow():
    tree = ShapeParser(balanced).parse([["w"] * 1000])[0]
    depth = [0] * 1000
    for a, b in tree.children:
        depth.append(1 + max(depth[a], depth[b]))
    assert depth[-1] == 10


def test_a_sentence_without_words_is_an_error():
    with pytest.raises(InputError, match="sentence 1 has no words"):
        ShapeParser(balanced).parse([["a"], []])
