"""Structures: directed acyclic graphs, built from trees and sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from treernn.cached import cached_property
from treernn.errors import InputError
from treernn.types import DependencyTree, Tree


@dataclass(frozen=True, eq=False)
class Structure:
    """A directed acyclic graph with N nodes and E edges from child to parent.

    Attributes:
        num_nodes: N, at least 1.
        children: ``[E]`` int64, the child of each edge.
        parents: ``[E]`` int64, the parent of each edge.
        slots: ``[E]`` int64, the position of the child among its parent's children: left 0,
            right 1; in a chain 0.

    Raises:
        InputError: no nodes, edges of another type, or edges that do not fit the nodes.
    """

    num_nodes: int
    children: np.ndarray
    parents: np.ndarray
    slots: np.ndarray

    def __post_init__(self) -> None:
        if self.num_nodes < 1:
            raise InputError("a structure needs at least one node")
        for ends in (self.children, self.parents):
            if ends.dtype != np.int64:
                raise InputError(f"the ends of edges are {ends.dtype}, expected int64")
            if len(ends) and not (ends.min() >= 0 and ends.max() < self.num_nodes):
                raise InputError(f"an edge ends outside the structure's {self.num_nodes} nodes")
        if not len(self.children) == len(self.parents) == len(self.slots):
            raise InputError("children, parents and slots must have the same length, one per edge")
        if len(self.slots) and self.slots.min() < 0:
            raise InputError("a slot is negative; slots are counted from 0")

    @cached_property
    def levels(self) -> np.ndarray:
        """``[N]`` int64, the longest path from each node down to a leaf.

        Raises:
            InputError: the structure has a cycle.
        """
        children, parents = self.children.tolist(), self.parents.tolist()
        level = [0] * self.num_nodes
        if (self.children < self.parents).all() and (self.parents[:-1] <= self.parents[1:]).all():
            # Nodes and edges are in topological order, as in every tree.
            for child, parent in zip(children, parents, strict=True):
                if level[child] >= level[parent]:
                    level[parent] = level[child] + 1
            return np.array(level, dtype=np.int64)
        # Otherwise a topological sort (Kahn 1962).
        missing = np.bincount(self.parents, minlength=self.num_nodes).tolist()
        parents_of: list[list[int]] = [[] for _ in level]
        for child, parent in zip(children, parents, strict=True):
            parents_of[child].append(parent)
        ready = [node for node, count in enumerate(missing) if not count]
        for node in ready:  # grows in the loop
            for parent in parents_of[node]:
                level[parent] = max(level[parent], level[node] + 1)
                missing[parent] -= 1
                if not missing[parent]:
                    ready.append(parent)
        if len(ready) < self.num_nodes:
            raise InputError("the structure has a cycle")
        return np.array(level, dtype=np.int64)

    @cached_property
    def dgl_graph(self) -> Any:
        """The same as a ``dgl.DGLGraph``.

        Raises:
            ImportError: dgl is missing.
            OSError: dgl was built for another torch.
        """
        from treernn.structure import dgl_graphs

        graph = dgl_graphs.graph(self.children, self.parents, self.num_nodes)
        graph.batch_num_nodes(), graph.batch_num_edges()  # DGL caches them, so batching is quicker
        return graph


def tree(tree: Tree) -> Structure:
    """A parse tree, with the tree's own node numbers; slots count children from left to right.

    >>> structure = tree(Tree(("not", "bad", "."), ((0, 1), (3, 2))))
    >>> structure.children.tolist(), structure.parents.tolist(), structure.slots.tolist()
    ([0, 1, 3, 2], [3, 3, 4, 4], [0, 1, 0, 1])
    """
    arity = np.array([len(children) for children in tree.children], dtype=np.int64)
    edges = [child for children in tree.children for child in children]
    num_words, num_nodes = len(tree.words), len(tree.words) + len(arity)
    parents = np.repeat(np.arange(num_words, num_nodes, dtype=np.int64), arity)
    return Structure(num_nodes, np.array(edges, dtype=np.int64), parents, _slots(arity))


def dependency(tree: DependencyTree) -> Structure:
    """A dependency tree, with the tree's own node numbers; slots count children from left to right.

    >>> structure = dependency(DependencyTree.from_heads(("It", "works", "well"), (1, -1, 1)))
    >>> structure.children.tolist(), structure.parents.tolist(), structure.slots.tolist()
    ([0, 1], [2, 2], [0, 1])
    """
    heads = np.array(tree.heads[:-1], dtype=np.int64)
    children = heads.argsort(kind="stable")
    slots = _slots(np.bincount(heads, minlength=tree.num_nodes))
    return Structure(tree.num_nodes, children, heads[children], slots)


def chain(length: int, reverse: bool = False) -> Structure:
    """A sequence of steps, each the child of the next.

    Args:
        length: number of steps, at least 1; node t is step t.
        reverse: from the last step to the first.

    >>> structure = chain(3)
    >>> structure.children.tolist(), structure.parents.tolist()
    ([0, 1], [1, 2])
    """
    steps = np.arange(length, dtype=np.int64)
    children, parents = (steps[1:], steps[:-1]) if reverse else (steps[:-1], steps[1:])
    return Structure(length, children, parents, np.zeros(max(length - 1, 0), dtype=np.int64))


def _slots(arity: np.ndarray) -> np.ndarray:
    """0, 1, … for the children of each node, nodes one after another."""
    return np.arange(arity.sum()) - np.repeat(np.cumsum(arity) - arity, arity)
