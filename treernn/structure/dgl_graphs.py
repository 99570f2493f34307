"""Graphs as DGL graphs. The only file that imports dgl."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from treernn.errors import InputError
from treernn.structure.builders import Structure
from treernn.structure.plan import Plan

# dgl's import asks for its backend, prints, and writes a settings file unless told beforehand.
os.environ.setdefault("DGLBACKEND", "pytorch")
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    import dgl


@dataclass(frozen=True)
class DglGraph:
    """One or several structures.

    Attributes:
        num_nodes: N.
        graph: the DGL graph, edges from child to parent.
        slots: ``[E]`` the slot of each edge. Beside the graph, as edge data of hundreds of small
            graphs costs DGL as much again as batching the graphs.
    """

    num_nodes: int
    graph: Any
    slots: np.ndarray


def build(structure: Structure) -> DglGraph:
    """The graph of one structure."""
    ends = torch.from_numpy(structure.children), torch.from_numpy(structure.parents)
    graph = dgl.graph(ends, num_nodes=structure.num_nodes)
    graph.batch_num_nodes(), graph.batch_num_edges()  # kept by DGL; else every first batch waits
    return DglGraph(structure.num_nodes, graph, structure.slots)


def batch(graphs: Sequence[DglGraph]) -> DglGraph:
    """One graph of many; the nodes of each follow those of the one before it."""
    together = dgl.batch([graph.graph for graph in graphs], ndata=None, edata=None)
    slots = np.concatenate([graph.slots for graph in graphs])
    return DglGraph(together.num_nodes(), together, slots)


def edges(graph: DglGraph) -> np.ndarray:
    """``[3, E]``: child, parent and slot of each edge."""
    children, parents = graph.graph.edges()
    return np.stack([children.numpy(), parents.numpy(), graph.slots])


def levels(graph: DglGraph) -> np.ndarray:
    """``[N]``: the longest way down from each node to one without children."""
    level = np.empty(graph.num_nodes, dtype=np.int64)
    try:
        for height, frontier in enumerate(dgl.topological_nodes_generator(graph.graph)):
            level[frontier.numpy()] = height
    except dgl.DGLError:
        raise InputError(
            "the structure has a cycle; messages can only flow up a structure without"
        ) from None
    return level


def of_plan(plan: Plan) -> Any:
    """The DGL graph of a plan, in the plan's numbering and on its device, with the slots in
    ``edata["slot"]``."""
    graph = dgl.graph(
        (plan.children, plan.edge_parents + plan.num_leaves), num_nodes=plan.num_nodes
    )
    graph.edata["slot"] = plan.slots
    return graph


def prop_nodes_topo(graph: Any, message: Any, reduce: Any, apply: Any) -> None:
    """DGL's own way up a graph, which benchmarks compare with."""
    dgl.prop_nodes_topo(graph, message, reduce, apply_node_func=apply)
