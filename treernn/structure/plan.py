"""A batch of structures compiled for execution."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.cached import cached_property
from treernn.errors import InputError
from treernn.transfer import to_device


class Level(NamedTuple):
    """A level of a plan above level 0.

    Attributes:
        position: 0 for level 1, 1 for level 2, ….
        nodes: its nodes.
        inner: the same, counted from the first inner node.
        edges: the edges to the children of its nodes.
    """

    position: int
    nodes: slice
    inner: slice
    edges: slice


class ParentRows(NamedTuple):
    """The rows of a table in which a node's parents leave gradients for it.

    Attributes:
        rows: if each node has at most one parent, ``[N]``: the row of each node, and the row past
            the last for roots. Otherwise ``[E]``: the rows of all nodes, node after node.
        offsets: in the second case ``[N + 1]``, where the rows of each node begin in ``rows``, and
            E; else None.
        starts: ``offsets`` on the host, so that no level waits for a device.
    """

    rows: Tensor
    offsets: Tensor | None = None
    starts: tuple[int, ...] = ()


class Slots(NamedTuple):
    """Edges at a fixed number S of slots per inner node, for cells with one U per slot.

    Attributes:
        children: ``[M * S]``, the child in each slot of each inner node; N where there is none.
        edges: ``[E]``, the slot of each edge.
    """

    children: Tensor
    edges: Tensor


@dataclass(frozen=True, eq=False)
class Plan:
    """A batch of B structures with N nodes and E edges in all, sorted by level.

    The level of a node is the longest path from it down to a leaf, which is a node without
    children. In *plan order* nodes are sorted by level, so that level k is the slice
    ``bounds[k]:bounds[k + 1]`` and the M inner nodes, those with children, come after the leaves.
    In *batch order* the nodes of the first structure come first, then those of the second, ….

    A plan holds indices only: it can be used any number of times, and moves to a device with
    ``to``. What is computed from it waits for the device, so ``Cell.prepare`` computes it before.
    Tensors are int64; nodes are numbered in plan order unless the field says otherwise.

    Attributes:
        bounds: for L levels L + 1 integers, where each level begins, and N.
        edge_bounds: L integers, where the edges to the children of each level above level 0 begin,
            and E.
        order: ``[N]``, the number in batch order of each node.
        rank: ``[N]``, the number in plan order of each node of the batch; the inverse of ``order``.
        roots: ``[B]``, the last node of each structure.
        children: ``[E]``, the child of each edge. Edges are sorted by parent, then slot.
        slots: ``[E]``, the slot of each edge.
        offsets: ``[M + 1]``, where the edges of each inner node begin, and E.
        child_slices: for each level above level 0 its children as a slice of nodes, so that nothing
            needs gathering; None unless each inner node has one child, in slot 0, and the children
            of each level are contiguous. Chains sorted by falling length have them.
    """

    bounds: tuple[int, ...]
    edge_bounds: tuple[int, ...]
    order: Tensor
    rank: Tensor
    roots: Tensor
    children: Tensor
    slots: Tensor
    offsets: Tensor
    child_slices: tuple[slice, ...] | None = None

    @cached_property
    def num_nodes(self) -> int:
        """N."""
        return self.bounds[-1]

    @cached_property
    def num_leaves(self) -> int:
        """N - M; leaves are the first nodes."""
        return self.bounds[1]

    @cached_property
    def num_inner(self) -> int:
        """M."""
        return self.num_nodes - self.num_leaves

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels above level 0, lowest first."""
        leaves = self.num_leaves
        nodes = itertools.pairwise(self.bounds[1:])
        edges = itertools.pairwise(self.edge_bounds)
        return tuple(
            Level(position, slice(first, last), slice(first - leaves, last - leaves), slice(*ends))
            for position, ((first, last), ends) in enumerate(zip(nodes, edges, strict=True))
        )

    @cached_property
    def level_sizes(self) -> list[int]:
        """The number of nodes of each level above level 0."""
        return [stop - start for start, stop in itertools.pairwise(self.bounds[1:])]

    @cached_property
    def edge_parents(self) -> Tensor:
        """``[E]``, the parent of each edge, counted from the first inner node."""
        inner = torch.arange(self.num_inner, device=self.offsets.device)
        return inner.repeat_interleave(self.offsets.diff(), output_size=len(self.children))

    @cached_property
    def edge_rows(self) -> ParentRows:
        """Of a table with E rows, one per edge."""
        edges = torch.arange(len(self.children), device=self.children.device)
        return self._parent_rows(edges, len(edges))

    @cached_property
    def parent_rows(self) -> ParentRows:
        """Of a table with M rows, one per inner node, the same for all its children."""
        return self._parent_rows(self.edge_parents, self.num_inner)

    @cached_property
    def top_down(self) -> Plan:
        """The plan with all edges reversed, for states that flow from the roots to the leaves.

        An edge keeps its slot. ``order`` and ``rank`` are relative to this plan, not to the batch.

        Raises:
            InputError: a node has two parents.
        """
        if len(self.children) and int(torch.bincount(self.children).max()) > 1:
            raise InputError("a node has two parents, top_down is for trees only")
        parents = self.edge_parents + self.num_leaves
        depth = torch.zeros_like(self.order)
        edge_above = torch.full_like(self.order, -1)  # from each node to its parent
        edge_above[self.children] = torch.arange(len(self.children), device=depth.device)
        for level in reversed(self.levels):
            depth[self.children[level.edges]] = depth[parents[level.edges]] + 1
        order = depth.argsort(stable=True)
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order), device=order.device)
        ends = depth.bincount().cumsum(0).tolist()
        edges = edge_above[order[ends[0] :]]
        return Plan(
            bounds=(0, *ends),
            edge_bounds=tuple(end - ends[0] for end in ends),
            order=order,
            rank=rank,
            roots=rank[self.roots],
            children=rank[parents[edges]],
            slots=self.slots[edges],
            offsets=torch.arange(len(edges) + 1, device=order.device),
        )

    @cached_property
    def _slots_of_arity(self) -> dict[int, Slots]:
        return {}

    def at_slots(self, arity: int) -> Slots:
        """The edges at ``arity`` slots per inner node; cached.

        Raises:
            InputError: a node has a child past the last slot, or two children in one slot.
        """
        if arity not in self._slots_of_arity:
            positions = self.edge_parents * arity + self.slots
            if len(self.slots) and int(self.slots.max()) >= arity:
                raise InputError(
                    f"a node has {int(self.slots.max()) + 1} children, the cell takes {arity}: "
                    "binarise the trees or use a Child-Sum cell"
                )
            if not bool((positions.diff() > 0).all()):
                raise InputError("a node has two children in one slot")
            children = self.children.new_full((self.num_inner * arity,), self.num_nodes)
            children[positions] = self.children
            self._slots_of_arity[arity] = Slots(children, positions)
        return self._slots_of_arity[arity]

    @cached_property
    def _rows_of_arity(self) -> dict[int, ParentRows]:
        return {}

    def slot_rows(self, arity: int) -> ParentRows:
        """Of a table with ``M * arity`` rows, one per slot; cached. Only gradients need them.

        Raises:
            InputError: as ``at_slots``.
        """
        if arity not in self._rows_of_arity:
            slots = self.at_slots(arity)
            self._rows_of_arity[arity] = self._parent_rows(slots.edges, len(slots.children))
        return self._rows_of_arity[arity]

    def _parent_rows(self, rows: Tensor, num_rows: int) -> ParentRows:
        """``rows[e]`` is where the parent of edge e leaves a gradient, in a table of so many."""
        counts = torch.bincount(self.children, minlength=self.num_nodes)
        if len(rows) == 0 or int(counts.max()) <= 1:
            row = torch.full_like(self.order, num_rows)
            row[self.children] = rows
            return ParentRows(row)
        offsets = F.pad(counts.cumsum(0), (1, 0))
        by_child = rows[self.children.argsort(stable=True)]
        return ParentRows(by_child, offsets, tuple(offsets.tolist()))

    def to(self, device: torch.device | str) -> Plan:
        """The same plan on another device, with the indices that were computed from it."""
        return to_device(self, device)
