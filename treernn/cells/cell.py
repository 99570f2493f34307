"""What all cells have in common: weights, and the way to and from the children."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.cells.products import add_product, product
from treernn.cells.workspace import Workspace
from treernn.structure.plan import Level, Plan, Returns


class States(NamedTuple):
    """What a cell leaves at every node.

    Attributes:
        h: ``[N, hidden]`` the states.
        c: ``[N, memory]`` the memories of a cell that has them, else None; of an LSTM as wide as
            the states.
    """

    h: Tensor
    c: Tensor | None


class Cell(nn.Module):
    """Shared weights and a merge rule.

    Every cell sees its input through ``weight_input`` (W) and the states of its children through
    ``weight_children`` (U). ``forward`` is its definition, differentiated by torch. The steps
    ``start``, ``forward_level``, ``local_gradients``, ``backward_level`` and ``weight_gradients``
    compute the same, level by level and with the gradient written out, for the ``levels`` backend.

    Args:
        input_size: numbers per input.
        hidden_size: numbers per state.
        arity: N-ary, that many child slots, each with a U of its own; None: Child-Sum, any number
            of children under one U (Tai et al. 2015, sections 3.1 and 3.2).
    """

    name: ClassVar[str]  # in settings
    title: ClassVar[str]  # for people
    torch_counterpart: ClassVar[type[nn.RNNBase] | None] = None  # the same cell over chains
    has_memory: ClassVar[bool] = False
    input_blocks: int  # W has input_blocks * hidden_size rows
    children_blocks: int  # and U children_blocks * hidden_size

    def __init__(self, input_size: int, hidden_size: int, arity: int | None = 2) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.arity = input_size, hidden_size, arity
        self.memory_size = hidden_size  # numbers per memory, where ``has_memory``
        rows_input, rows_below = self.input_blocks * hidden_size, self.children_blocks * hidden_size
        self.weight_input = nn.Parameter(torch.empty(rows_input, input_size))
        self.weight_children = nn.Parameter(torch.empty(rows_below, (arity or 1) * hidden_size))
        self.bias = nn.Parameter(torch.zeros(rows_input))
        nn.init.uniform_(self.weight_input, -(hidden_size**-0.5), hidden_size**-0.5)
        nn.init.uniform_(self.weight_children, -(hidden_size**-0.5), hidden_size**-0.5)

    def weights(self) -> tuple[Tensor, ...]:
        """The weights, in the order of their gradients in ``weight_gradients``."""
        return self.weight_input, self.weight_children, self.bias

    def extra_repr(self) -> str:
        kind = "Child-Sum" if self.arity is None else f"{self.arity}-ary"
        return f"{self.input_size}, {self.hidden_size}, {kind}"

    def merge(self, h: Tensor) -> Tensor:
        """What U is applied to: ``[n, k, hidden]`` child states to ``[n, arity * hidden]`` side by
        side, or for Child-Sum ``[n, hidden]``, their sum."""
        return h.sum(1) if self.arity is None else h.flatten(1)

    # The five steps of the ``levels`` backend; each cell has its own.

    def start(self, tape: Tape) -> None:
        """Make the buffers, see all inputs at once, and finish level 0."""
        raise NotImplementedError

    def forward_level(self, tape: Tape, level: Level) -> None:
        """Merge the states below one level."""
        raise NotImplementedError

    def local_gradients(self, tape: Tape) -> None:
        """The parts of the gradient that need nothing from above, for all nodes at once."""
        raise NotImplementedError

    def backward_level(self, tape: Tape, level: Level) -> None:
        """Take the gradients that arrive at one level through the cell and on to its children."""
        raise NotImplementedError

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        """Finish level 0 unless it was given; gradients of the inputs and of ``weights()``, one
        product each."""
        raise NotImplementedError


class Tape(SimpleNamespace):
    """One run of a cell over a plan: what the forward pass leaves for the backward pass.

    Attributes:
        plan: the plan.
        leaves: the slice of its nodes without children.
        computed: the slice of its nodes whose states the cell works out: all, or where those of
            the leaves are given, the inner nodes.
        x: ``[m, input]`` the inputs of the first m nodes of ``computed``.
        runs: of a cell with one child slot, ``Plan.runs``; else None.
        weights: the cell's weights, in the order of ``Cell.weights()``.
        h, c: ``[N + 1, hidden]`` states and, of a cell that has them, ``[N + 1, memory]``
            memories; the last row is zero, the state of a child that is not there.
        below: ``[M, columns of U]`` what U is applied to at each inner node; with ``runs`` empty
            until ``fill_below``.
        grad_h, grad_c: in the backward pass ``[N, hidden]`` and ``[N, memory]``, the gradients of
            the results; None where a result was not used. With ``runs`` those of the states:
            parents add to them.
        message: in the backward pass without ``runs`` ``[M, columns of U]``, the gradient of
            ``below``.

    A cell adds buffers of its own as further attributes.
    """

    grad_h: Any
    grad_c: Any

    def __init__(
        self,
        cell: Cell,
        plan: Plan,
        work: Workspace,
        x: Tensor,
        weights: tuple[Tensor, ...],
        initial_states: States | None = None,
    ) -> None:
        super().__init__(plan=plan, work=work, x=x, weights=weights)
        self.arity, self.hidden = cell.arity, cell.hidden_size
        self.has_memory, self.memory_size = cell.has_memory, cell.memory_size
        self.leaves = slice(0, plan.num_leaves)
        self.has_initial_states = initial_states is not None
        self.computed = slice(plan.num_leaves if self.has_initial_states else 0, plan.num_nodes)
        self.h = self._states(self.hidden, None if initial_states is None else initial_states.h)
        if cell.has_memory:
            self.c = self._states(
                self.memory_size, None if initial_states is None else initial_states.c
            )
        self.runs = plan.runs if cell.arity == 1 else None
        if cell.arity is not None and self.runs is None:
            self.slots = plan.at_slots(cell.arity)
        self.below = self.scratch("below", plan.num_inner, cell.weight_children.shape[1])

    def _states(self, columns: int, initial: Tensor | None) -> Tensor:
        """Not scratch memory: the results live in it."""
        table = self.x.new_empty(self.plan.num_nodes + 1, columns)
        table[-1] = 0
        if initial is not None:
            table[self.leaves] = initial
        return table

    @property
    def leaf_x(self) -> Tensor:
        """The inputs of leaves."""
        return self.x[: 0 if self.has_initial_states else self.plan.num_leaves]

    @property
    def inner_x(self) -> Tensor:
        """The inputs of the first inner nodes."""
        return self.x[len(self.leaf_x) :]

    def scratch(self, name: str, *shape: int) -> Tensor:
        """Memory that is this run's until it ends; content arbitrary."""
        return self.work.take(name, *shape)

    def by_level(self, table: Tensor) -> Sequence[Tensor]:
        """A table of all nodes, or of the inner ones, as those of each level above level 0: one
        call instead of a slice a level, which is what short levels would spend their time on."""
        first = self.plan.num_nodes - self.plan.num_inner
        if len(table) != self.plan.num_inner:
            table = table[first : self.plan.num_nodes]
        return table.split_with_sizes(self.plan.level_sizes)

    def children(self, level: Level) -> Tensor:
        """The child in each slot of a level's nodes, of an N-ary cell."""
        assert self.arity is not None
        first, last = level.inner.start * self.arity, level.inner.stop * self.arity
        return self.slots.children[first:last]

    def merge(self, level: Level) -> Tensor:
        """What ``Cell.merge`` says of a level, which is its part of ``below``."""
        if self.runs is not None:
            return self.h[self.runs[level.number]]
        below, plan = self.below[level.inner], self.plan
        if self.arity is None:
            rows = plan.children[level.edges]
            below.copy_(sum_rows(self.h, rows, plan.offsets, level.inner))
        else:
            out = below.view(-1, self.hidden)
            torch.index_select(self.h, 0, self.children(level), out=out)
        return below

    def fill_below(self) -> None:
        """With ``runs``: gather ``below``, all levels at once."""
        if self.runs is not None:
            torch.index_select(self.h, 0, self.plan.children, out=self.below)

    def turn(self, grad_h: Tensor | None, grad_c: Tensor | None = None) -> None:
        """Get ready for the backward pass."""
        plan = self.plan
        if self.runs is not None:
            self.grad_h = self._own("grad h", grad_h, self.hidden)
            self.grad_c = self._own("grad c", grad_c, self.memory_size) if self.has_memory else None
            return
        self.grad_h, self.grad_c = grad_h, grad_c
        self.returns = plan.parent_returns if self.arity is None else self.slots.returns
        rows = plan.num_inner * (self.arity or 1)
        self.messages = self.message_table("message", rows, self.hidden)
        self.message = self.messages[:-1].view(self.below.shape)

    def _own(self, name: str, grad: Tensor | None, columns: int) -> Tensor:
        """Scratch ``[N, columns]`` that begins as ``grad``."""
        table = self.scratch(name, self.plan.num_nodes, columns)
        return table.zero_() if grad is None else table.copy_(grad)

    def message_table(self, name: str, rows: int, columns: int) -> Tensor:
        """Scratch ``[rows + 1, columns]`` for messages to children; the last row, which roots
        read, is zero."""
        table = self.scratch(name, rows + 1, columns)
        table[-1] = 0
        return table

    def send(self, level: Level, before: Tensor, weight: Tensor) -> Tensor:
        """Send ``before @ weight``, ``[n, columns of U]``, to the children of a level; what they
        find may still be added to."""
        if self.runs is not None:
            return add_product(self.grad_h[self.runs[level.number]], before, weight)
        return product(before, weight, out=self.message[level.inner])

    def arriving(self, nodes: slice) -> Tensor:
        """The gradient of the states of ``nodes``: from outside, and from their parents."""
        if self.runs is not None:
            return self.grad_h[nodes]
        return arriving(self.grad_h, self.messages, self.returns, nodes)

    def arriving_memory(self, nodes: slice) -> Tensor:
        """The same of their memories; parents' messages in ``memory_messages``."""
        if self.runs is not None:
            return self.grad_c[nodes]
        return arriving(self.grad_c, self.memory_messages, self.returns, nodes)


def tanh_(x: Tensor) -> Tensor:
    """``tanh`` in place, as 1 - 2σ(-2x) on a CPU, where torch's own is several times slower."""
    if x.device.type != "cpu":
        return x.tanh_()
    x.mul_(-2).sigmoid_()
    return torch.add(x.new_ones(()), x, alpha=-2, out=x)


def project(x: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """The first ``len(x)`` rows of ``out`` become ``x @ weight.T + bias``; the others, nodes that
    see nothing, ``bias``."""
    product(x, weight.t(), out[: len(x)], bias)
    out[len(x) :] = bias


def sum_rows(table: Tensor, rows: Tensor, offsets: Tensor, group: slice) -> Tensor:
    """Sums of groups of rows of ``table``, without gathering them first.

    Args:
        table: ``[R, hidden]``.
        rows: the numbers of the rows, those of the first group, then those of the second, ….
        offsets: where groups begin; group g is ``offsets[g]:offsets[g + 1]``, counted from the
            first group of ``group``.
        group: which groups.
    """
    bounds = offsets[group.start : group.stop + 1]
    return F.embedding_bag(rows, table, bounds - bounds[0], mode="sum", include_last_offset=True)


def arriving(grad: Tensor | None, messages: Tensor, returns: Returns, nodes: slice) -> Tensor:
    """The gradient of a table of states at the plan nodes ``nodes``.

    Args:
        grad: ``[N, columns]`` what arrives from outside the run, or None.
        messages: ``[R + 1, columns]`` what parents left.
        returns: where in ``messages`` each node finds its own.
        nodes: a slice of the plan.
    """
    if returns.offsets is None:
        total = messages.index_select(0, returns.rows[nodes])
    else:
        rows = returns.rows[returns.starts[nodes.start] : returns.starts[nodes.stop]]
        total = sum_rows(messages, rows, returns.offsets, nodes)
    return total if grad is None else total.add_(grad[nodes])
