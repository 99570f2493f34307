"""Compile batches of structures into plans."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch

from treernn.errors import InputError
from treernn.structure.builders import Structure
from treernn.structure.plan import Plan

GraphLibrary = Literal["dgl", "arrays"]


def compile_plan(structures: Sequence[Structure], library: GraphLibrary | None = None) -> Plan:
    """Compile a batch of structures. What it takes of each is computed once and cached there.

    Args:
        structures: at least one.
        library: what batches the structures and sorts their nodes, with the same result:
            ``"dgl"``, or ``"arrays"``, which has nothing to import. Default: dgl where it can be
            imported.

    Raises:
        InputError: no structures, one with a cycle, no such library, or dgl cannot be imported.

    >>> from treernn.structure import chain, compile_plan
    >>> compile_plan([chain(3), chain(1)]).bounds
    (0, 2, 3, 4)
    """
    if not structures:
        raise InputError("a plan needs at least one structure")
    if library not in (None, "dgl", "arrays"):
        raise InputError(f"no graph library {library!r}, expected dgl or arrays")
    if library != "arrays" and dgl_is_available(required=library == "dgl"):
        children, parents, level = _batch_with_dgl(structures)
    else:
        children, parents, level = _batch_with_arrays(structures)
    slots = np.concatenate([structure.slots for structure in structures])
    order = np.argsort(level, kind="stable")
    num_nodes = len(order)
    rank = np.empty_like(order)
    rank[order] = np.arange(num_nodes)
    counts = np.bincount(level)
    bounds = (0, *np.cumsum(counts).tolist())
    children, parents = rank[children], rank[parents]
    by_parent = np.lexsort((slots, parents))
    degree = np.bincount(parents, minlength=num_nodes)[bounds[1] :]
    offsets = np.concatenate([[0], np.cumsum(degree)])
    edge_bounds = tuple(offsets[np.array(bounds[1:]) - bounds[1]].tolist())
    last = np.cumsum([structure.num_nodes for structure in structures]) - 1
    only = len(children) == len(degree) and not slots.any()
    return Plan(
        bounds=bounds,
        edge_bounds=edge_bounds,
        order=torch.from_numpy(order),
        rank=torch.from_numpy(rank),
        roots=torch.from_numpy(rank[last]),
        children=torch.from_numpy(children[by_parent]),
        slots=torch.from_numpy(np.ascontiguousarray(slots[by_parent])),
        offsets=torch.from_numpy(offsets),
        runs=_runs(children[by_parent], edge_bounds) if only else None,
    )


def dgl_is_available(required: bool = False) -> bool:
    """Whether dgl can be imported.

    Raises:
        InputError: it cannot, and is ``required``.
    """
    error = _dgl_error()
    if required and error is not None:
        raise InputError(
            f"dgl cannot be imported here ({error}); use the levels backend and library arrays"
        )
    return error is None


@functools.cache
def _dgl_error() -> str | None:
    try:
        from treernn.structure import dgl_graphs  # noqa: F401
    except (ImportError, OSError) as error:  # a binary built for another torch is an OSError
        return str(error)
    return None


Batch = tuple[np.ndarray, np.ndarray, np.ndarray]  # children and parents of edges, levels of nodes


def _batch_with_arrays(structures: Sequence[Structure]) -> Batch:
    sizes = [structure.num_nodes for structure in structures]
    num_edges = [len(structure.children) for structure in structures]
    first_node = np.repeat(np.cumsum(sizes) - sizes, num_edges)
    children = np.concatenate([structure.children for structure in structures]) + first_node
    parents = np.concatenate([structure.parents for structure in structures]) + first_node
    return children, parents, np.concatenate([structure.levels for structure in structures])


def _batch_with_dgl(structures: Sequence[Structure]) -> Batch:
    from treernn.structure import dgl_graphs

    graph = dgl_graphs.batch([structure.dgl_graph for structure in structures])
    return *dgl_graphs.edges(graph), dgl_graphs.levels(graph)


def compile_chains(lengths: Sequence[int] | np.ndarray, reverse: bool = False) -> Plan:
    """The plan of a batch of chains, straight from their lengths.

    It takes a fraction of the time of ``compile_plan`` of the chains' graphs, which it equals but
    for the order within a level: longer chains first, so that the plan has ``runs``.

    Args:
        lengths: steps of each chain, at least one each.
        reverse: from the last step to the first.

    >>> compile_chains([3, 1]).bounds, compile_chains([3, 1]).order.tolist()
    ((0, 2, 3, 4), [0, 3, 1, 2])
    """
    sizes = np.asarray(lengths)
    ends_at = np.cumsum(sizes)
    by_length = np.argsort(-sizes, kind="stable")
    steps = np.arange(sizes[by_length[0]])
    counts = np.searchsorted(-sizes[by_length], -steps)  # chains with more than k steps
    bounds = np.concatenate([[0], np.cumsum(counts)])
    level = np.repeat(steps, counts)
    nodes = np.arange(len(level))
    number = nodes - bounds[level]  # of the chain, by falling length
    first = (ends_at - 1 if reverse else ends_at - sizes)[by_length]
    order = first[number] - level if reverse else first[number] + level
    rank = np.empty_like(order)
    rank[order] = nodes
    children = (bounds[level - 1] + number)[counts[0] :]
    ends = bounds.tolist()
    return Plan(
        bounds=tuple(ends),
        edge_bounds=tuple(end - ends[1] for end in ends[1:]),
        order=torch.from_numpy(order),
        rank=torch.from_numpy(rank),
        roots=torch.from_numpy(rank[ends_at - 1]),
        children=torch.from_numpy(children),
        slots=torch.zeros(len(children), dtype=torch.int64),
        offsets=torch.arange(len(children) + 1),
        runs=tuple(
            slice(start, start + count)
            for start, count in zip(ends, counts[1:].tolist(), strict=False)
        ),
    )


def _runs(children: np.ndarray, edge_bounds: tuple[int, ...]) -> tuple[slice, ...] | None:
    """The children of each level as slices, if such they are."""
    jumps = np.flatnonzero(np.diff(children) != 1) + 1
    if not np.isin(jumps, edge_bounds).all():
        return None
    first = children[np.array(edge_bounds[:-1], dtype=np.int64)].tolist()
    lengths = np.diff(edge_bounds).tolist()
    return tuple(slice(at, at + count) for at, count in zip(first, lengths, strict=True))
