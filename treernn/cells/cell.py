"""What all cells have in common: weights, and the way to and from the children."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.cells.workspace import Workspace
from treernn.structure.plan import Level, Plan, Returns


class States(NamedTuple):
    """What a cell leaves at every node.

    Attributes:
        h: ``[N, hidden]`` the states.
        c: ``[N, hidden]`` the memories of an LSTM, else None.
    """

    h: Tensor
    c: Tensor | None


class Tape(SimpleNamespace):
    """One run of a cell over a plan: what the forward pass leaves for the backward pass.

    Attributes:
        plan: the plan.
        work: scratch memory of this run.
        x: ``[m, input]`` the inputs of the first m plan nodes.
        weights: the cell's weights, in the order of ``Cell.weights()``.
        h: ``[N + 1, hidden]`` the states; the last row is zero, the state of a child that is
            not there.
        dh, dc: in the backward pass, ``[N, hidden]`` gradients that arrive at each node.

    A cell adds buffers of its own as further attributes.
    """

    def __init__(self, plan: Plan, work: Workspace, x: Tensor, weights: tuple[Tensor, ...]) -> None:
        super().__init__(plan=plan, work=work, x=x, weights=weights)

    def states(self, name: str, hidden: int) -> Tensor:
        """A fresh ``[N + 1, hidden]`` tensor, last row zero; results live in it, so it is not
        scratch memory."""
        table = self.x.new_empty(self.plan.num_nodes + 1, hidden)
        table[-1] = 0
        setattr(self, name, table)
        return table

    def buffer(self, name: str, *shape: int) -> Tensor:
        """Scratch memory under ``self.<name>``, content arbitrary."""
        tensor = self.work.take(name, *shape)
        setattr(self, name, tensor)
        return tensor

    def messages(self, name: str, rows: int, hidden: int) -> Tensor:
        """Scratch ``[rows + 1, hidden]`` for messages to children; the last row, which roots
        read, is zero."""
        table = self.buffer(name, rows + 1, hidden)
        table[-1] = 0
        return table


class Cell(nn.Module):
    """Shared weights and a merge rule.

    Every cell sees its input through ``weight_input`` (W) and the states of its children through
    ``weight_below`` (U). ``forward`` is its definition, differentiated by torch; ``begin``, ``up``,
    ``local``, ``down`` and ``gradients`` are the same thing, level by level with the gradient
    written out, for the ``levels`` backend.

    Args:
        input_size: numbers per input.
        hidden_size: numbers per state.
        arity: N-ary, that many child slots, each with a U of its own; None: Child-Sum, any number
            of children under one U (Tai et al. 2015, sections 3.1 and 3.2).
    """

    has_memory = False
    input_blocks: int  # how many times hidden_size rows W has
    below_blocks: int  # likewise U

    def __init__(self, input_size: int, hidden_size: int, arity: int | None = 2) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.arity = input_size, hidden_size, arity
        rows_input, rows_below = self.input_blocks * hidden_size, self.below_blocks * hidden_size
        self.weight_input = nn.Parameter(torch.empty(rows_input, input_size))
        self.weight_below = nn.Parameter(torch.empty(rows_below, (arity or 1) * hidden_size))
        self.bias = nn.Parameter(torch.zeros(rows_input))
        nn.init.uniform_(self.weight_input, -(hidden_size**-0.5), hidden_size**-0.5)
        nn.init.uniform_(self.weight_below, -(hidden_size**-0.5), hidden_size**-0.5)

    def weights(self) -> tuple[Tensor, ...]:
        """The weights in the order in which ``gradients`` returns theirs, after the inputs'."""
        return self.weight_input, self.weight_below, self.bias

    def extra_repr(self) -> str:
        kind = "Child-Sum" if self.arity is None else f"{self.arity}-ary"
        return f"{self.input_size}, {self.hidden_size}, {kind}"

    def gather(self, h: Tensor) -> Tensor:
        """What U is applied to: ``[n, k, hidden]`` child states to ``[n, arity * hidden]`` side by
        side, or for Child-Sum ``[n, hidden]``, their sum."""
        return h.sum(1) if self.arity is None else h.flatten(1)

    # The five steps of the ``levels`` backend; each cell has its own.

    def begin(self, tape: Tape) -> None:
        """Make the buffers, see all inputs at once, and finish level 0."""
        raise NotImplementedError

    def up(self, tape: Tape, level: Level) -> None:
        """Merge the states below one level."""
        raise NotImplementedError

    def local(self, tape: Tape) -> None:
        """The parts of the gradient that need nothing from above, for all nodes at once."""
        raise NotImplementedError

    def down(self, tape: Tape, level: Level) -> None:
        """Take the gradients that arrive at one level through the cell and on to its children."""
        raise NotImplementedError

    def gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        """Finish level 0; gradients of the inputs and of ``weights()``, one product each."""
        raise NotImplementedError


def tanh_(x: Tensor) -> Tensor:
    """``tanh`` in place, as 2σ(2x) - 1 on a CPU, where torch's own is several times slower."""
    if x.device.type != "cpu":
        return x.tanh_()
    return affine_(x.mul_(2).sigmoid_())


def affine_(x: Tensor) -> Tensor:
    """``2x - 1`` in place: the last step from σ(2x) to tanh(x)."""
    return torch.add(x.new_tensor(-1.0), x, alpha=2, out=x)


def project(x: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """The first ``len(x)`` rows of ``out`` become ``x @ weight.T + bias``; the others, nodes that
    see nothing, ``bias``."""
    torch.addmm(bias, x, weight.t(), out=out[: len(x)])
    out[len(x) :] = bias


def gather_below(cell: Cell, tape: Tape, level: Level) -> Tensor:
    """One level of ``tape.below``: see ``Cell.gather``."""
    below, plan = tape.below[level.inner], tape.plan
    if cell.arity is not None:
        inner = level.inner
        index = plan.at_slots(cell.arity).children[
            inner.start * cell.arity : inner.stop * cell.arity
        ]
        torch.index_select(tape.h, 0, index, out=below.view(-1, cell.hidden_size))
    else:
        start, stop = plan.offsets[level.inner.start], plan.offsets[level.inner.stop]
        below.copy_(sum_rows(tape.h, plan.children[start:stop], plan.offsets, level.inner))
    return below


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


def collect(table: Tensor, returns: Returns, start: int, stop: int) -> Tensor:
    """What the parents of the plan nodes ``start:stop`` left for them in ``table``, summed."""
    if returns.offsets is None:
        return table.index_select(0, returns.rows[start:stop])
    first, last = returns.offsets[start], returns.offsets[stop]
    return sum_rows(table, returns.rows[first:last], returns.offsets, slice(start, stop))
