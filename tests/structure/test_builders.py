import numpy as np
import pytest
from graphs import edges_of

from treernn.errors import InputError
from treernn.structure import Structure, chain, dependency, tree
from treernn.types import DependencyTree, Tree


def test_tree():
    structure = tree(Tree(("not", "bad", "at", "all"), ((0, 1), (4, 2, 3))))
    assert structure.num_nodes == 6
    assert edges_of(structure) == [(0, 4, 0), (1, 4, 1), (4, 5, 0), (2, 5, 1), (3, 5, 2)]


def test_dependency_tree():
    """bad is the head of all words but those under not; edges may cross."""
    parsed = DependencyTree.from_heads(("not", "so", "bad", "at", "all"), (2, 0, -1, 2, 0))
    assert parsed.words == ("so", "all", "not", "at", "bad")
    structure = dependency(parsed)
    assert structure.num_nodes == 5
    assert edges_of(structure) == [(0, 2, 0), (1, 2, 1), (2, 4, 0), (3, 4, 1)]


def test_single_word():
    for structure in tree(Tree(("no",))), dependency(DependencyTree.from_heads(("no",), (-1,))):
        assert structure.num_nodes == 1
        assert edges_of(structure) == []


def test_chain():
    assert edges_of(chain(3)) == [(0, 1, 0), (1, 2, 0)]
    assert edges_of(chain(3, reverse=True)) == [(1, 0, 0), (2, 1, 0)]
    assert edges_of(chain(1)) == edges_of(chain(1, reverse=True)) == []


@pytest.mark.parametrize(
    ("num_nodes", "children", "parents", "slots", "message"),
    [
        (0, [], [], [], "at least one node"),
        (2, [0], [2], [0], "an edge ends outside the structure's 2 nodes"),
        (2, [-1], [1], [0], "an edge ends outside the structure's 2 nodes"),
        (2, [0, 0], [1], [0], "the same length, one per edge"),
        (2, [0], [1], [], "the same length, one per edge"),
        (2, [0], [1], [-1], "slots are counted from 0"),
    ],
)
def test_invalid_structures(num_nodes, children, parents, slots, message):
    arrays = (np.array(column, dtype=np.int64) for column in (children, parents, slots))
    with pytest.raises(InputError, match=message):
        Structure(num_nodes, *arrays)


def test_edges_of_another_type():
    with pytest.raises(InputError, match="int32, expected int64"):
        Structure(2, np.array([0], dtype=np.int32), np.array([1]), np.array([0]))
