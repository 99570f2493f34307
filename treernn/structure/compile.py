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
    """Compile a batch of structures.

    Args:
        structures: at least one. What is computed of each is cached in it.
        library: computes the batch and its levels: ``"dgl"``, or ``"arrays"``, which is numpy and
            has no import to wait for; the plans are equal. Default: dgl where it can be imported.

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
    ends = np.cumsum([structure.num_nodes for structure in structures])

    order = np.argsort(level, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    bounds = (0, *np.cumsum(np.bincount(level)).tolist())
    children, parents = rank[children], rank[parents]
    by_parent = np.lexsort((slots, parents))
    children, slots = children[by_parent], slots[by_parent]
    arity = np.bincount(parents, minlength=len(order))[bounds[1] :]
    offsets = np.concatenate([[0], np.cumsum(arity)])
    edge_bounds = tuple(offsets[np.array(bounds[1:]) - bounds[1]].tolist())
    is_unary = len(children) == len(arity) and not slots.any()
    return Plan(
        bounds=bounds,
        edge_bounds=edge_bounds,
        order=torch.from_numpy(order),
        rank=torch.from_numpy(rank),
        roots=torch.from_numpy(rank[ends - 1]),
        children=torch.from_numpy(children),
        slots=torch.from_numpy(slots),
        offsets=torch.from_numpy(offsets),
        child_slices=_child_slices(children, edge_bounds) if is_unary else None,
    )


def compile_chains(lengths: Sequence[int] | np.ndarray, reverse: bool = False) -> Plan:
    """The plan of a batch of chains, from their lengths alone.

    The same as ``compile_plan`` of the chains in a fraction of its time, but for the order of nodes
    within a level: longer chains come first, so that the plan has ``child_slices``.

    Args:
        lengths: number of steps of each chain, at least 1.
        reverse: from the last step to the first.

    >>> compile_chains([3, 1]).bounds, compile_chains([3, 1]).order.tolist()
    ((0, 2, 3, 4), [0, 3, 1, 2])
    """
    sizes = np.asarray(lengths)
    ends = np.cumsum(sizes)
    by_length = np.argsort(-sizes, kind="stable")
    steps = np.arange(sizes[by_length[0]])
    counts = np.searchsorted(-sizes[by_length], -steps)  # chains with more than k steps
    bounds = np.concatenate([[0], np.cumsum(counts)])
    level = np.repeat(steps, counts)
    nodes = np.arange(len(level))
    chain = nodes - bounds[level]  # the rank of a node's chain by falling length
    first = (ends - 1 if reverse else ends - sizes)[by_length]
    order = first[chain] - level if reverse else first[chain] + level
    rank = np.empty_like(order)
    rank[order] = nodes
    children = (bounds[level - 1] + chain)[counts[0] :]
    starts = bounds.tolist()
    return Plan(
        bounds=tuple(starts),
        edge_bounds=tuple(start - starts[1] for start in starts[1:]),
        order=torch.from_numpy(order),
        rank=torch.from_numpy(rank),
        roots=torch.from_numpy(rank[ends - 1]),
        children=torch.from_numpy(children),
        slots=torch.zeros(len(children), dtype=torch.int64),
        offsets=torch.arange(len(children) + 1),
        child_slices=tuple(
            slice(start, start + count)
            for start, count in zip(starts, counts[1:].tolist(), strict=False)
        ),
    )


def dgl_is_available(required: bool = False) -> bool:
    """Whether dgl can be imported.

    Raises:
        InputError: it is required and cannot be imported.
    """
    error = _dgl_import_error()
    if required and error is not None:
        raise InputError(
            f"dgl cannot be imported here ({error}); "
            "use the levels backend and library arrays, or install treernn[dgl]"
        )
    return error is None


@functools.cache
def _dgl_import_error() -> str | None:
    try:
        from treernn.structure import dgl_graphs  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: built for another version of torch
        return str(error)
    return None


Batch = tuple[np.ndarray, np.ndarray, np.ndarray]  # children and parents of edges, levels of nodes


def _batch_with_arrays(structures: Sequence[Structure]) -> Batch:
    sizes = np.array([structure.num_nodes for structure in structures])
    num_edges = [len(structure.children) for structure in structures]
    first_node = np.repeat(np.cumsum(sizes) - sizes, num_edges)
    children = np.concatenate([structure.children for structure in structures]) + first_node
    parents = np.concatenate([structure.parents for structure in structures]) + first_node
    return children, parents, np.concatenate([structure.levels for structure in structures])


def _batch_with_dgl(structures: Sequence[Structure]) -> Batch:
    from treernn.structure import dgl_graphs

    return dgl_graphs.edges_and_levels(
        dgl_graphs.batch([structure.dgl_graph for structure in structures])
    )


def _child_slices(children: np.ndarray, edge_bounds: tuple[int, ...]) -> tuple[slice, ...] | None:
    """The children of each level as slices, if they are contiguous."""
    jumps = np.flatnonzero(np.diff(children) != 1) + 1
    if not np.isin(jumps, edge_bounds).all():
        return None
    first = children[np.array(edge_bounds[:-1], dtype=np.int64)].tolist()
    lengths = np.diff(edge_bounds).tolist()
    return tuple(slice(at, at + length) for at, length in zip(first, lengths, strict=True))
