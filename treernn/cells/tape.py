"""One run of a cell over a plan: its states and gradients, in memory that later runs reuse.

Page faults of newly allocated buffers took a quarter of the time of a training step.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.cells.products import add_product, product
from treernn.structure.plan import Level, ParentRows, Plan


class States(NamedTuple):
    """The states of N nodes.

    Attributes:
        h: ``[N, hidden_size]``, hidden states.
        c: ``[N, memory_size]``, memory cells; None for a cell without.
    """

    h: Tensor
    c: Tensor | None


class Tape(SimpleNamespace):
    """One run of a cell over a plan: what the forward pass records for the backward pass.

    N, M and E as in ``Plan``. A cell adds its own buffers as attributes.

    Attributes:
        plan: the plan.
        weights: the parameters of the cell, in their order.
        has_initial_states: whether the states of the leaves are inputs of the run.
        leaves: the slice of the leaves.
        computed: the slice of the nodes that the cell computes: all, or the inner nodes.
        is_recorded: whether a backward pass may follow.
        x: ``[m, input_size]``, the inputs of the first m nodes of ``computed``.
        h, c: ``[N + 1, hidden_size]`` and ``[N + 1, memory_size]``, states; the last row is zero,
            the state of a missing child.
        child_slices: ``Plan.child_slices`` if the cell has one slot, else None.
        child_h: ``[M, columns of U]``, the vectors that U is applied to. With ``child_slices`` they
            are filled by ``gather_child_h``, after the forward pass.
        grad_h, grad_c: in the backward pass ``[N, hidden_size]`` and ``[N, memory_size]``, the
            gradients of the results, None for a result that is not used. With ``child_slices``
            parents add theirs.
        h_table, c_table: in the backward pass without ``child_slices``, the gradients that parents
            leave for their children, in rows given by ``parent_rows``; the last row is zero, for
            roots.
        child_h_grad: the same as ``h_table``, as the gradient of ``child_h``.
    """

    grad_h: Any
    grad_c: Any

    def __init__(
        self,
        cell: Any,
        plan: Plan,
        work: Workspace,
        x: Tensor,
        weights: tuple[Tensor, ...],
        initial_states: States | None = None,
        is_recorded: bool = True,
    ) -> None:
        super().__init__(plan=plan, work=work, x=x, weights=weights, is_recorded=is_recorded)
        self.arity, self.hidden = cell.arity, cell.hidden_size
        self.has_memory, self.memory_size = cell.has_memory, cell.memory_size
        self.leaves = slice(0, plan.num_leaves)
        self.has_initial_states = initial_states is not None
        self.computed = slice(plan.num_leaves if self.has_initial_states else 0, plan.num_nodes)
        initial_h, initial_c = initial_states or (None, None)
        self.h = self._states(self.hidden, initial_h)
        if cell.has_memory:
            self.c = self._states(self.memory_size, initial_c)
        self.child_slices = plan.child_slices if cell.arity == 1 else None
        if cell.arity is not None and self.child_slices is None:
            self.slots = plan.at_slots(cell.arity)
        self.child_h = self.scratch("child_h", plan.num_inner, cell.weight_children.shape[1])

    def _states(self, columns: int, initial: Tensor | None) -> Tensor:
        """A table of states. Not scratch memory, as it holds the results."""
        table = self.x.new_empty(self.plan.num_nodes + 1, columns)
        table[-1] = 0
        if initial is not None:
            table[self.leaves] = initial
        return table

    def scratch(self, name: str, *shape: int) -> Tensor:
        """Memory with arbitrary content, valid until the run ends."""
        return self.work.take(name, *shape)

    def by_level(self, table: Tensor) -> Sequence[Tensor]:
        """A table of all nodes or of the inner nodes, split into the levels above level 0: quicker
        than a slice per level where levels are small."""
        if len(table) != self.plan.num_inner:
            table = table[self.plan.num_leaves : self.plan.num_nodes]
        return table.split_with_sizes(self.plan.level_sizes)

    def children(self, level: Level) -> Tensor:
        """``[n * arity]``, the child in each slot of a level's nodes."""
        assert self.arity is not None
        return self.slots.children[level.inner.start * self.arity : level.inner.stop * self.arity]

    def join(self, level: Level) -> Tensor:
        """The rows of ``child_h`` of a level."""
        if self.child_slices is not None:
            return self.h[self.child_slices[level.position]]
        rows, plan = self.child_h[level.inner], self.plan
        if self.arity is None:
            children = plan.children[level.edges]
            return rows.copy_(sum_rows(self.h, children, plan.offsets, level.inner))
        torch.index_select(self.h, 0, self.children(level), out=rows.view(-1, self.hidden))
        return rows

    def gather_child_h(self) -> None:
        """Fill ``child_h`` if the forward pass did not."""
        if self.child_slices is not None:
            torch.index_select(self.h, 0, self.plan.children, out=self.child_h)

    def start_backward(self, grad_h: Tensor | None, grad_c: Tensor | None) -> None:
        """Prepare the backward pass, from the gradients of the results."""
        if self.child_slices is not None:
            self.grad_h = self._accumulator("grad_h", grad_h, self.hidden)
            if self.has_memory:
                self.grad_c = self._accumulator("grad_c", grad_c, self.memory_size)
            return
        self.grad_h, self.grad_c = grad_h, grad_c
        plan, arity = self.plan, self.arity
        self.parent_rows = plan.parent_rows if arity is None else plan.slot_rows(arity)
        rows = self.plan.num_inner * (self.arity or 1)
        self.h_table = self.grad_table("h_table", rows, self.hidden)
        self.child_h_grad = self.h_table[:-1].view(self.child_h.shape)

    def _accumulator(self, name: str, grad: Tensor | None, columns: int) -> Tensor:
        """Scratch ``[N, columns]`` that starts as ``grad``."""
        table = self.scratch(name, self.plan.num_nodes, columns)
        return table.zero_() if grad is None else table.copy_(grad)

    def grad_table(self, name: str, rows: int, columns: int) -> Tensor:
        """Scratch ``[rows + 1, columns]`` for gradients from parents; the last row is zero."""
        table = self.scratch(name, rows + 1, columns)
        table[-1] = 0
        return table

    def backward_children(self, level: Level, grad: Tensor, weight: Tensor) -> Tensor:
        """Pass ``grad @ weight`` to the hidden states of a level's children: ``[n, columns of U]``,
        where more may be added."""
        if self.child_slices is not None:
            return add_product(self.grad_h[self.child_slices[level.position]], grad, weight)
        return product(grad, weight, out=self.child_h_grad[level.inner])

    def h_grad(self, nodes: slice) -> Tensor:
        """The gradient of the hidden states of ``nodes``: as results, and from their parents."""
        if self.child_slices is not None:
            return self.grad_h[nodes]
        return _total_grad(self.grad_h, self.h_table, self.parent_rows, nodes)

    def c_grad(self, nodes: slice) -> Tensor:
        """The same of their memory cells."""
        if self.child_slices is not None:
            return self.grad_c[nodes]
        return _total_grad(self.grad_c, self.c_table, self.parent_rows, nodes)


def sum_rows(table: Tensor, rows: Tensor, offsets: Tensor, groups: slice) -> Tensor:
    """Sums of groups of rows, without a gathered copy of them: ``[groups, columns]``.

    Args:
        table: ``[R, columns]``.
        rows: indices into ``table``, group after group.
        offsets: where groups begin; group g has ``offsets[g + 1] - offsets[g]`` rows.
        groups: which groups ``rows`` holds.
    """
    bounds = offsets[groups.start : groups.stop + 1]
    return F.embedding_bag(rows, table, bounds - bounds[0], mode="sum", include_last_offset=True)


def _total_grad(
    grad: Tensor | None, table: Tensor, parent_rows: ParentRows, nodes: slice
) -> Tensor:
    """The gradient of a result at ``nodes``, plus what their parents left in ``table``."""
    rows, offsets, starts = parent_rows
    if offsets is None:
        total = table.index_select(0, rows[nodes])
    else:
        rows = rows[starts[nodes.start] : starts[nodes.stop]]
        total = sum_rows(table, rows, offsets, nodes)
    return total if grad is None else total.add_(grad[nodes])


class Workspace:
    """Named buffers of one device and type; each grows to the largest size requested."""

    def __init__(self, like: torch.Tensor, pool: list[Workspace]) -> None:
        self._device, self._dtype = like.device, like.dtype
        self._buffers: dict[str, torch.Tensor] = {}
        self.pool = pool  # where it waits between runs

    def take(self, name: str, *shape: int) -> torch.Tensor:
        """A contiguous tensor of ``shape`` with arbitrary content."""
        size = math.prod(shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < size:
            # Training cannot use a tensor that was made in inference mode.
            with torch.inference_mode(False):
                buffer = torch.empty(size + size // 4, dtype=self._dtype, device=self._device)
            self._buffers[name] = buffer
        return buffer[:size].view(shape)


class _Pools(threading.local):
    """The unused workspaces of a thread, by device and type."""

    def __init__(self) -> None:
        self.by_type: dict[tuple[torch.device, torch.dtype], list[Workspace]] = {}


_pools = _Pools()


def borrow(like: torch.Tensor) -> Workspace:
    """A workspace of the device and type of ``like``, which no other run uses."""
    pool = _pools.by_type.setdefault((like.device, like.dtype), [])
    return pool.pop() if pool else Workspace(like, pool)


def give_back(workspace: Workspace) -> None:
    """Return a workspace to the thread that borrowed it; its tensors must not be read any more.

    A pool keeps one workspace. Others, from several forward passes before a backward pass, are
    garbage collected.
    """
    workspace.pool[:] = [workspace]
