"""What all cells share: weights, and how states and gradients flow along the edges of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.cells.products import add_product, product
from treernn.cells.workspace import Workspace
from treernn.structure.plan import Level, ParentRows, Plan


class States(NamedTuple):
    """The states of N nodes.

    Attributes:
        h: ``[N, hidden_size]``, hidden states.
        c: ``[N, memory_size]``, memory cells; None for a cell without.
    """

    h: Tensor
    c: Tensor | None


class Cell(nn.Module):
    """Shared weights, and the rule that merges an input and the states of children into a state.

    ``weight_input`` (W) is applied to the input, ``weight_children`` (U) to the children's hidden
    states. ``forward`` is the definition of a cell, differentiated by torch. The steps ``start``,
    ``forward_level``, ``local_gradients``, ``backward_level`` and ``weight_gradients`` compute the
    same level by level, with the gradient written out, for the ``levels`` backend.

    Args:
        input_size: dimension of an input.
        hidden_size: dimension of a hidden state.
        arity: N-ary: number of child slots, each with its own columns of U. None: Child-Sum, any
            number of children that share U (Tai et al. 2015, sections 3.1 and 3.2).
    """

    name: ClassVar[str]  # in settings
    title: ClassVar[str]  # for people
    torch_counterpart: ClassVar[type[nn.RNNBase] | None] = None  # the same cell over chains
    has_memory: ClassVar[bool] = False
    input_blocks: int  # W has input_blocks * hidden_size rows
    children_blocks: int  # U has children_blocks * hidden_size rows

    def __init__(self, input_size: int, hidden_size: int, arity: int | None = 2) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.arity = input_size, hidden_size, arity
        self.memory_size = hidden_size  # dimension of c, if ``has_memory``
        rows, child_rows = self.input_blocks * hidden_size, self.children_blocks * hidden_size
        self.weight_input = nn.Parameter(torch.empty(rows, input_size))
        self.weight_children = nn.Parameter(torch.empty(child_rows, (arity or 1) * hidden_size))
        self.bias = nn.Parameter(torch.zeros(rows))
        nn.init.uniform_(self.weight_input, -(hidden_size**-0.5), hidden_size**-0.5)
        nn.init.uniform_(self.weight_children, -(hidden_size**-0.5), hidden_size**-0.5)

    def weights(self) -> tuple[Tensor, ...]:
        """All weights, in the order of their gradients in ``weight_gradients``."""
        return self.weight_input, self.weight_children, self.bias

    def extra_repr(self) -> str:
        kind = "Child-Sum" if self.arity is None else f"{self.arity}-ary"
        return f"{self.input_size}, {self.hidden_size}, {kind}"

    def join(self, h: Tensor) -> Tensor:
        """The vectors that U is applied to: child states ``[n, k, hidden]`` concatenated,
        ``[n, k * hidden]``; for Child-Sum summed, ``[n, hidden]``."""
        return h.sum(1) if self.arity is None else h.flatten(1)

    def start(self, tape: Tape) -> None:
        """Allocate buffers, apply W to all inputs, and compute level 0."""
        raise NotImplementedError

    def forward_level(self, tape: Tape, level: Level) -> None:
        """Compute the states of a level from those of its children."""
        raise NotImplementedError

    def local_gradients(self, tape: Tape) -> None:
        """The derivatives inside each node, which do not depend on its parents, for all at once."""
        raise NotImplementedError

    def backward_level(self, tape: Tape, level: Level) -> None:
        """Backpropagate the gradients of a level's states to its pre-activations and children."""
        raise NotImplementedError

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        """Backpropagate level 0, and return the gradients of the inputs and of ``weights()``, each
        as one product over all nodes."""
        raise NotImplementedError


class Tape(SimpleNamespace):
    """One run of a cell over a plan: what the forward pass records for the backward pass.

    N, M and E as in ``Plan``. A cell adds its own buffers as attributes.

    Attributes:
        plan: the plan.
        weights: as ``Cell.weights()``.
        has_initial_states: whether the states of the leaves are inputs of the run.
        leaves: the slice of the leaves.
        computed: the slice of the nodes that the cell computes: all, or the inner nodes.
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
        self.parent_rows = self.plan.parent_rows if self.arity is None else self.slots.parent_rows
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


def tanh_(x: Tensor) -> Tensor:
    """``tanh`` in place; on a CPU as 1 - 2σ(-2x), which is several times faster in torch."""
    if x.device.type != "cpu":
        return x.tanh_()
    x.mul_(-2).sigmoid_()
    return torch.add(x.new_ones(()), x, alpha=-2, out=x)


def project(x: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """``x @ weight.T + bias`` into the first ``len(x)`` rows of ``out``, and ``bias`` into the
    others, whose nodes have no input."""
    product(x, weight.t(), out[: len(x)], bias)
    out[len(x) :] = bias


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
