"""Structures and comparisons for tests of structures, cells and the engine."""

import importlib.util

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from treernn.structure import Structure, tree
from treernn.types import Tree

needs_dgl = pytest.mark.skipif(
    importlib.util.find_spec("dgl") is None, reason="dgl has no wheel for this Python"
)

needs_triton = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None, reason="triton has no wheel for this platform"
)


def structure_of(num_nodes, edges):
    """A structure with edges (child, parent, slot)."""
    columns = np.array(edges, dtype=np.int64).reshape(-1, 3).T.copy()
    return Structure(num_nodes, *columns)


def edges_of(structure):
    """The edges (child, parent, slot) of a structure."""
    columns = structure.children, structure.parents, structure.slots
    return list(zip(*(column.tolist() for column in columns), strict=True))


@st.composite
def structures(draw, num_slots=5):
    """Directed acyclic structures: forests, several parents, empty slots."""
    num_nodes = draw(st.integers(1, 12))
    nodes = draw(st.permutations(range(num_nodes)))
    edges = [
        (nodes[draw(st.integers(0, parent - 1))], nodes[parent], slot)
        for parent in range(1, num_nodes)
        for slot in draw(st.lists(st.integers(0, num_slots - 1), unique=True))
    ]
    return structure_of(num_nodes, draw(st.permutations(edges)))


def random_tree(rng, num_words, arity=2):
    """A parse tree in which each node joins 2 to ``arity`` neighbours."""
    roots, children = list(range(num_words)), []
    while len(roots) > 1:
        width = int(rng.integers(2, min(arity, len(roots)) + 1))
        at = int(rng.integers(0, len(roots) - width + 1))
        children.append(tuple(roots[at : at + width]))
        roots[at : at + width] = [num_words + len(children) - 1]
    return tree(Tree(("w",) * num_words, tuple(children)))


def assert_close(actual, expected, tolerance=1e-9):
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)
