"""What both Tree-LSTMs share: a memory c beside the state h (Tai et al. 2015)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.cells.cell import Cell, Tape, project
from treernn.cells.products import gradient, product


class MemoryCell(Cell):
    """A cell with an update u, an output gate o, an input gate i, and forget gates::

        c = i ∘ u + what the forget gates keep of the children's memories
        h = o ∘ tanh(c)

    Rows of W and of ``bias``: u, o, i, f. Rows of U: u, o, i, then those of the forget gates.
    Forget biases begin at 1 (Jozefowicz et al. 2015).

    ``recurrent_dropout`` is the share of ``i ∘ u`` that training leaves out: what a node adds to
    the memory, never what it remembers (Semeniuta et al. 2016, section 3.2).
    """

    has_memory = True
    input_blocks = 4
    recurrent_dropout = 0.0

    def __init__(self, input_size: int, hidden_size: int, arity: int | None) -> None:
        super().__init__(input_size, hidden_size, arity)
        with torch.no_grad():
            self.bias[3 * hidden_size :] = 1

    def added(self, u: Tensor, i: Tensor) -> Tensor:
        """``i ∘ u``, in training without a share of it."""
        return F.dropout(i * u, self.recurrent_dropout, self.training)

    # A row of ``gates`` is [u' | o | i | f …]; rows of ``leaf`` end after i, as a node without
    # children has nothing to forget. tanh(a) is 1 - 2σ(-2a), and u' is that σ: with W x + b
    # and the rows for u in U scaled by -2, one pass of σ does a whole row. To copy U for that
    # costs more than a lone tree's products; where there are so few nodes, each level's sums are
    # scaled instead. In the same way ``squashed`` holds c' = σ(-2c).

    def start(self, tape: Tape) -> None:
        plan, hidden = tape.plan, self.hidden_size
        weight, weight_children, bias = tape.weights
        tape.few = plan.num_inner * hidden < weight_children.numel()
        tape.scaled = weight_children
        if not tape.few:
            tape.scaled = tape.scratch("scaled", *weight_children.shape).copy_(weight_children)
            tape.scaled[:hidden].mul_(-2)
        tape.squashed = tape.scratch("squashed", plan.num_nodes, hidden)
        tape.gates = tape.scratch("gates", plan.num_inner, self.children_blocks * hidden)
        project(tape.inner_x, weight, bias, tape.gates[:, : 4 * hidden])
        if not tape.few:
            tape.gates[:, :hidden].mul_(-2)
        # W is the same for every forget gate
        blocks = tape.gates.view(plan.num_inner, self.children_blocks, hidden)
        blocks[:, 4:] = blocks[:, 3:4]

        tape.kept = None  # [N, hidden] what i ∘ u is multiplied with
        if self.training and self.recurrent_dropout:
            tape.kept = tape.scratch("kept", plan.num_nodes, hidden).uniform_()
            tape.kept.ge_(self.recurrent_dropout).div_(1 - self.recurrent_dropout)

        tape.leaf = tape.scratch(
            "leaf", 0 if tape.has_initial_states else plan.num_leaves, 3 * hidden
        )
        if tape.has_initial_states:
            return
        project(tape.leaf_x, weight[: 3 * hidden], bias[: 3 * hidden], tape.leaf)
        tape.leaf[:, :hidden].mul_(-2)
        u, o, i = tape.leaf.sigmoid_().split(hidden, 1)
        kept = None if tape.kept is None else tape.kept[tape.leaves]
        c = self.remember(u, i, tape.c[tape.leaves], kept)
        self.emit(o, c, tape.squashed[tape.leaves], tape.h[tape.leaves])

    def open(self, tape: Tape, gates: Tensor) -> Tensor:
        """The gates of a level, in place of the sums that they are made of."""
        if tape.few:
            gates[:, : self.hidden_size].mul_(-2)
        return gates.sigmoid_()

    def remember(self, u: Tensor, i: Tensor, c: Tensor, kept: Tensor | None) -> Tensor:
        """``c = i ∘ u``, u being u', or what is kept of it."""
        torch.addcmul(i, i, u, value=-2, out=c)
        return c if kept is None else c.mul_(kept)

    def emit(self, o: Tensor, c: Tensor, squashed: Tensor, h: Tensor) -> None:
        """``h = o ∘ tanh(c)``."""
        torch.mul(c, -2, out=squashed).sigmoid_()
        torch.addcmul(o, o, squashed, value=-2, out=h)

    def local_gradients(self, tape: Tape) -> None:
        tape.fill_below()
        leaves = tape.plan.num_leaves
        tape.to_c = tape.scratch("to_c", *tape.squashed.shape)
        tape.leaf_slope = tape.scratch("leaf slope", *tape.leaf.shape)
        tape.slope = tape.scratch("slope", *tape.gates.shape)
        if not tape.has_initial_states:
            self._slopes(tape.leaf, tape.leaf_slope, tape.squashed[:leaves], tape.to_c[:leaves])
        self._slopes(tape.gates, tape.slope, tape.squashed[leaves:], tape.to_c[leaves:])
        if tape.kept is not None:
            hidden = self.hidden_size
            for slope, kept in (
                (tape.leaf_slope, tape.kept[: len(tape.leaf_slope)]),
                (tape.slope, tape.kept[leaves:]),
            ):
                slope[:, :hidden].mul_(kept)
                slope[:, 2 * hidden : 3 * hidden].mul_(kept)
        if tape.runs is None:
            rows = len(tape.messages) - 1
            tape.memory_messages = tape.message_table("memory message", rows, self.memory_size)

    def _slopes(self, gates: Tensor, slope: Tensor, squashed: Tensor, to_c: Tensor) -> None:
        """dc/d(before u), dh/d(before o) and dc/d(before i), side by side as in ``gates``, then
        σ' of the forget gates; and dh/dc."""
        u, o, i = gates[:, : 3 * self.hidden_size].split(self.hidden_size, 1)
        to_u, to_o, to_i = slope[:, : 3 * self.hidden_size].split(self.hidden_size, 1)
        torch.addcmul(gates, gates, gates, value=-1, out=slope)  # σ' = σ - σ²
        to_u.mul_(i).mul_(4)  # u = 1 - 2u', so du = 4 u' (1 - u')
        to_o.addcmul_(to_o, squashed, value=-2)
        to_i.addcmul_(to_i, u, value=-2)
        torch.addcmul(squashed, squashed, squashed, value=-1, out=to_c)
        to_c.mul_(o).mul_(4)  # likewise tanh(c) = 1 - 2c'

    def arrive(self, tape: Tape, slope: Tensor, nodes: slice) -> Tensor:
        """Turn ``slope``, all blocks of it, into the gradient before the gates; the memory's
        gradient."""
        dh = tape.arriving(nodes)
        dc = tape.arriving_memory(nodes)
        dc.addcmul_(dh, tape.to_c[nodes])
        blocks = slope.view(len(dc), -1, self.hidden_size)
        blocks[:, 0].mul_(dc)
        blocks[:, 1].mul_(dh)
        blocks[:, 2:].mul_(dc.unsqueeze(1))
        return dc

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        hidden, weight, on_leaf, on_inner = (
            self.hidden_size,
            tape.weights[0],
            tape.leaf_x,
            tape.inner_x,
        )
        bias = self.bias_gradient(tape)
        d_x, d_weight = torch.empty_like(tape.x), torch.zeros_like(weight)
        if not tape.has_initial_states:
            leaf = tape.leaf_slope
            self.arrive(tape, leaf, tape.leaves)
            bias[: 3 * hidden] += leaf.sum(0)
            seen = leaf[: len(on_leaf)]
            product(seen, weight[: 3 * hidden], out=d_x[: len(on_leaf)])
            d_weight[: 3 * hidden] = gradient(seen, on_leaf)
        if len(on_inner):
            seen = self.input_gradient(tape, len(on_inner))
            product(seen, weight, out=d_x[len(on_leaf) :])
            d_weight += gradient(seen, on_inner)
        return d_x, d_weight, self.below_gradient(tape), bias

    def bias_gradient(self, tape: Tape) -> Tensor:
        """The inner nodes' part of the gradient of ``bias``."""
        raise NotImplementedError

    def input_gradient(self, tape: Tape, count: int) -> Tensor:
        """``[count, 4 * hidden]``: the gradient of W x of the first ``count`` inner nodes."""
        raise NotImplementedError

    def below_gradient(self, tape: Tape) -> Tensor:
        """The gradient of U."""
        raise NotImplementedError
