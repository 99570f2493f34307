"""A batch of structures compiled for execution."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch

from treernn.errors import InputError


class Level(NamedTuple):
    """Slices of a plan.

    Attributes:
        number: which of the levels above level 0, from 0.
        nodes: the level's nodes.
        inner: the same, counted from the first node that has children.
        edges: the edges to their children.
    """

    number: int
    nodes: slice
    inner: slice
    edges: slice


class Slots(NamedTuple):
    """Children at fixed places, for cells with one U per slot.

    Attributes:
        children: ``[M * S]`` the child in each slot of the M inner nodes; N where there is none.
        returns: where each node finds its parents' messages among the ``M * S`` slots.
    """

    children: torch.Tensor
    returns: Returns


class Returns(NamedTuple):
    """For each node the rows of a table in which its parents left messages.

    Attributes:
        rows: a forest: ``[N]``, one row per node, the row past the last for a root. Otherwise
            ``[E]``, grouped by node.
        offsets: None for a forest; otherwise ``[N + 1]``, where each node's group begins.
        starts: the same as plain numbers, so that nobody waits for a device to tell them.
    """

    rows: torch.Tensor
    offsets: torch.Tensor | None = None
    starts: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Plan:
    """A batch of structures, renumbered so that level k is the slice ``bounds[k]:bounds[k+1]``.

    Level 0 holds the nodes without children; every child of a node lies on a lower level. Pure
    index data: reusable, and on whatever device it was put.

    Attributes:
        bounds: where each level begins, and N at the end.
        edge_bounds: where the edges of each level above level 0 begin, and E at the end.
        order: ``[N]`` the batch's own number of each plan node (the nodes of the first structure,
            then those of the second, …).
        rank: ``[N]`` the plan node of each of the batch's own numbers.
        roots: ``[B]`` the plan node that is the last node of each structure.
        children: ``[E]`` the child of each edge, edges sorted by parent, then slot.
        slots: ``[E]`` the slot of each edge.
        offsets: ``[M + 1]`` where the edges of each of the M inner nodes begin.
        runs: where every inner node has one child, in slot 0, and the children of each level lie
            one after another: these slices, level by level; nothing needs gathering then. Chains
            batched longest first have them. Else None.
    """

    bounds: tuple[int, ...]
    edge_bounds: tuple[int, ...]
    order: torch.Tensor
    rank: torch.Tensor
    roots: torch.Tensor
    children: torch.Tensor
    slots: torch.Tensor
    offsets: torch.Tensor
    runs: tuple[slice, ...] | None = None

    @property
    def num_nodes(self) -> int:
        """N, all nodes of all structures."""
        return self.bounds[-1]

    @property
    def num_leaves(self) -> int:
        """Nodes without children; they are the first of the plan."""
        return self.bounds[1]

    @property
    def num_inner(self) -> int:
        """M, the nodes with children."""
        return self.num_nodes - self.num_leaves

    @functools.cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels above level 0, lowest first."""
        nodes = zip(self.bounds[1:-1], self.bounds[2:], strict=True)
        edges = zip(self.edge_bounds[:-1], self.edge_bounds[1:], strict=True)
        leaves = self.num_leaves
        return tuple(
            Level(number, slice(start, stop), slice(start - leaves, stop - leaves), slice(*ends))
            for number, ((start, stop), ends) in enumerate(zip(nodes, edges, strict=True))
        )

    @functools.cached_property
    def level_sizes(self) -> list[int]:
        """The nodes of each level above level 0."""
        return [stop - start for start, stop in itertools.pairwise(self.bounds[1:])]

    @functools.cached_property
    def edge_parents(self) -> torch.Tensor:
        """``[E]`` the parent of each edge, counted from the first inner node."""
        counts = self.offsets.diff()
        return torch.repeat_interleave(
            torch.arange(len(counts), device=counts.device), counts, output_size=len(self.children)
        )

    @functools.cached_property
    def edge_returns(self) -> Returns:
        """Where each node finds messages that its parents left per edge."""
        return self._returns(torch.arange(len(self.children), device=self.children.device))

    @functools.cached_property
    def parent_returns(self) -> Returns:
        """Where each node finds messages that its parents left for all children alike."""
        return self._returns(self.edge_parents, self.num_inner)

    @functools.cached_property
    def downward(self) -> Plan:
        """The same nodes from the roots down: the one child of each node is its parent, in the slot
        in which the node was the parent's. ``order`` and ``rank`` count in nodes of this plan.

        Raises:
            InputError: a node has two parents.
        """
        if len(self.children) and int(torch.bincount(self.children).max()) > 1:
            raise InputError("a node has two parents: from the roots down goes with trees alone")
        parents = self.edge_parents + self.num_leaves
        depth = torch.zeros_like(self.order)
        above = torch.full_like(self.order, -1)  # the edge to each node's parent
        above[self.children] = torch.arange(len(self.children), device=above.device)
        for level in reversed(self.levels):
            depth[self.children[level.edges]] = depth[parents[level.edges]] + 1
        order = depth.argsort(stable=True)
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order), device=order.device)
        ends = depth.bincount().cumsum(0).tolist()
        edges = above[order[ends[0] :]]
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

    @functools.cached_property
    def _at_slots(self) -> dict[int, Slots]:
        return {}

    def at_slots(self, arity: int) -> Slots:
        """The children at ``arity`` fixed slots.

        Raises:
            InputError: a node has a child beyond the last slot, or two in one.
        """
        if arity not in self._at_slots:
            self._at_slots[arity] = self._place(arity)
        return self._at_slots[arity]

    def _place(self, arity: int) -> Slots:
        places = self.edge_parents * arity + self.slots
        if len(self.slots):
            if int(self.slots.max()) >= arity:
                raise InputError(
                    f"a node has {int(self.slots.max()) + 1} children, the cell takes {arity}: "
                    "binarise the trees or take a Child-Sum cell"
                )
            if len(self.slots) > 1 and not bool((places.diff() > 0).all()):
                raise InputError("a node has two children in one slot")
        index = torch.full((self.num_inner * arity,), self.num_nodes, device=self.children.device)
        index[places] = self.children
        return Slots(index, self._returns(places, self.num_inner * arity))

    def to(self, device: torch.device | str) -> Plan:
        """The same plan on another device."""
        names = ("order", "rank", "roots", "children", "slots", "offsets")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})

    def _returns(self, rows: torch.Tensor, num_rows: int | None = None) -> Returns:
        """Turn ``rows[e]``, where edge e's parent leaves a message, into what the child reads."""
        counts = torch.bincount(self.children, minlength=self.num_nodes)
        if len(rows) == 0 or int(counts.max()) <= 1:
            last = len(rows) if num_rows is None else num_rows
            one = torch.full((self.num_nodes,), last, device=rows.device)
            one[self.children] = rows
            return Returns(one)
        offsets = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
        return Returns(rows[self.children.argsort(stable=True)], offsets, tuple(offsets.tolist()))
