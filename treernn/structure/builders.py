"""The one description of a graph that everything else starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from treernn.errors import InputError
from treernn.types import DependencyTree, Tree


@dataclass(frozen=True)
class Structure:
    """A directed acyclic structure; edges run from child to parent.

    Attributes:
        num_nodes: N, at least one.
        children: ``[E]`` int64, the node each edge leaves.
        parents: ``[E]`` int64, the node each edge enters.
        slots: ``[E]`` int64, which child of its parent it is: left 0, right 1; previous step 0.
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
            raise InputError("children, parents and slots must be equally long, one per edge")
        if len(self.slots) and self.slots.min() < 0:
            raise InputError("a slot is negative; slots are counted from 0")


def tree(tree: Tree) -> Structure:
    """A parse tree; node numbers are the tree's own, children fill the slots left to right.

    >>> found = tree(Tree(("not", "bad", "."), ((0, 1), (3, 2))))
    >>> list(zip(found.children.tolist(), found.parents.tolist(), found.slots.tolist()))
    [(0, 3, 0), (1, 3, 1), (3, 4, 0), (2, 4, 1)]
    """
    arity = np.array([len(below) for below in tree.children], dtype=np.int64)
    children = np.array([child for below in tree.children for child in below], dtype=np.int64)
    parents = np.repeat(np.arange(len(tree.words), tree.num_nodes, dtype=np.int64), arity)
    first = np.repeat(np.cumsum(arity) - arity, arity)
    return Structure(tree.num_nodes, children, parents, np.arange(len(children)) - first)


def dependency(tree: DependencyTree) -> Structure:
    """A dependency tree; node numbers are the tree's own, children fill the slots left to right.

    >>> found = dependency(DependencyTree.from_heads(("It", "works", "well"), (1, -1, 1)))
    >>> list(zip(found.children.tolist(), found.parents.tolist(), found.slots.tolist()))
    [(0, 2, 0), (1, 2, 1)]
    """
    heads = np.array(tree.heads[:-1], dtype=np.int64)
    children = heads.argsort(kind="stable")
    arity = np.bincount(heads, minlength=tree.num_nodes)
    first = np.repeat(np.cumsum(arity) - arity, arity)
    return Structure(tree.num_nodes, children, heads[children], np.arange(len(heads)) - first)


def chain(length: int, reverse: bool = False) -> Structure:
    """A sequence of ``length`` steps; each step's one child is the step before it.

    Args:
        length: number of nodes, at least one; node t is step t.
        reverse: run from the last step to the first.

    >>> found = chain(3)
    >>> list(zip(found.children.tolist(), found.parents.tolist()))
    [(0, 1), (1, 2)]
    """
    steps = np.arange(length, dtype=np.int64)
    children, parents = (steps[1:], steps[:-1]) if reverse else (steps[:-1], steps[1:])
    return Structure(length, children, parents, np.zeros(max(length - 1, 0), dtype=np.int64))
