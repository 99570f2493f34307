"""Graphs as DGL graphs. The only file that imports dgl."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from treernn.errors import InputError
from treernn.structure.plan import Plan
from treernn.structure.structure import Structure

# dgl's import asks for its backend, prints, and writes a settings file unless told beforehand.
os.environ.setdefault("DGLBACKEND", "pytorch")
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    import dgl


def build(structure: Structure) -> Any:
    """The DGL graph of one structure, edges from child to parent, slots in ``edata["slot"]``."""
    ends = torch.from_numpy(structure.children), torch.from_numpy(structure.parents)
    graph = dgl.graph(ends, num_nodes=structure.num_nodes)
    graph.edata["slot"] = torch.from_numpy(structure.slots)
    return graph


def batch(graphs: Sequence[Any]) -> Any:
    """One DGL graph of many; the nodes of each follow those of the one before it."""
    return dgl.batch(list(graphs))


def size(graph: Any) -> int:
    """Number of nodes."""
    return graph.num_nodes()


def edges(graph: Any) -> np.ndarray:
    """``[3, E]``: child, parent and slot of each edge."""
    children, parents = graph.edges()
    return torch.stack([children, parents, graph.edata["slot"]]).numpy()


def levels(graph: Any) -> np.ndarray:
    """``[N]``: the longest way down from each node to one without children."""
    level = np.empty(graph.num_nodes(), dtype=np.int64)
    try:
        for height, frontier in enumerate(dgl.topological_nodes_generator(graph)):
            level[frontier.numpy()] = height
    except dgl.DGLError:
        raise InputError(
            "the structure has a cycle; messages can only flow up a structure without"
        ) from None
    return level


def of_plan(plan: Plan) -> Any:
    """The DGL graph of a plan, in the plan's numbering and on its device."""
    graph = dgl.graph(
        (plan.children, plan.edge_parents + plan.num_leaves), num_nodes=plan.num_nodes
    )
    graph.edata["slot"] = plan.slots
    return graph


def prop_nodes_topo(graph: Any, message: Any, reduce: Any, apply: Any) -> None:
    """DGL's own way up a graph, which benchmarks compare with."""
    dgl.prop_nodes_topo(graph, message, reduce, apply_node_func=apply)
