"""Graphs as plain arrays: what ``dgl_graphs`` offers, where dgl cannot be imported.

It is also the quicker to load, so scoring a single text uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treernn.errors import InputError
from treernn.structure.builders import Structure


@dataclass(frozen=True)
class ArrayGraph:
    """One or several structures.

    Attributes:
        num_nodes: N.
        edges: ``[3, E]`` int64: child, parent and slot of each edge.
        levels: ``[N]`` int64: the longest way down from each node to one without children.
    """

    num_nodes: int
    edges: np.ndarray
    levels: np.ndarray


def build(structure: Structure) -> ArrayGraph:
    """The graph of one structure.

    Raises:
        InputError: the structure has a cycle.
    """
    edges = np.stack([structure.children, structure.parents, structure.slots])
    return ArrayGraph(structure.num_nodes, edges, _levels(structure))


def batch(graphs: Sequence[ArrayGraph]) -> ArrayGraph:
    """One graph of many; the nodes of each follow those of the one before it."""
    sizes = np.array([graph.num_nodes for graph in graphs])
    edges = np.concatenate([graph.edges for graph in graphs], axis=1)
    first = np.repeat(np.cumsum(sizes) - sizes, [graph.edges.shape[1] for graph in graphs])
    edges[:2] += first
    return ArrayGraph(int(sizes.sum()), edges, np.concatenate([graph.levels for graph in graphs]))


def edges(graph: ArrayGraph) -> np.ndarray:
    """``[3, E]``: child, parent and slot of each edge."""
    return graph.edges


def levels(graph: ArrayGraph) -> np.ndarray:
    """``[N]``: the longest way down from each node to one without children."""
    return graph.levels


def _levels(structure: Structure) -> np.ndarray:
    children, parents = structure.children, structure.parents
    if (children < parents).all() and (parents[:-1] <= parents[1:]).all():
        # The numbers are a topological order, and so are the edges; as in every tree.
        level = [0] * structure.num_nodes
        for child, parent in zip(children.tolist(), parents.tolist(), strict=True):
            if level[child] >= level[parent]:
                level[parent] = level[child] + 1
        return np.array(level, dtype=np.int64)
    return _sorted_levels(structure)


def _sorted_levels(structure: Structure) -> np.ndarray:
    """Kahn's topological sort, counting levels (Kahn 1962)."""
    waiting = [0] * structure.num_nodes
    above: list[list[int]] = [[] for _ in waiting]
    for child, parent in zip(structure.children.tolist(), structure.parents.tolist(), strict=True):
        waiting[parent] += 1
        above[child].append(parent)
    level = [0] * structure.num_nodes
    ready = [node for node, missing in enumerate(waiting) if not missing]
    for node in ready:  # grows while it is walked
        for parent in above[node]:
            level[parent] = max(level[parent], level[node] + 1)
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    if len(ready) < structure.num_nodes:
        raise InputError("the structure has a cycle; messages can only flow up a structure without")
    return np.array(level, dtype=np.int64)
