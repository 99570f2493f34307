"""The N-ary Tree-LSTM (Tai et al. 2015, section 3.2); with one slot it is the chain LSTM
(Hochreiter & Schmidhuber 1997)."""

from __future__ import annotations

import torch
from torch import Tensor

from treernn.cells.cell import Cell, Tape, affine_, collect, gather_below, project, tanh_
from treernn.structure.plan import Level


class LSTM(Cell):
    """With H the children's states side by side and one forget gate for each child::

        u = tanh(W_u x + U_u H + b_u)     o, i = σ(W x + U H + b)     f_k = σ(W_f x + U_k H + b_f)
        c = i ∘ u + Σ f_k ∘ c_k           h = o ∘ tanh(c)

    Rows of W and ``bias``: u, o, i, f. Rows of U: u, o, i, then f_k for each slot. Forget biases
    begin at 1 (Jozefowicz et al. 2015).
    """

    has_memory = True
    input_blocks = 4
    arity: int

    def __init__(self, input_size: int, hidden_size: int, arity: int = 2) -> None:
        self.below_blocks = 3 + arity
        super().__init__(input_size, hidden_size, arity)
        with torch.no_grad():
            self.bias[3 * hidden_size :] = 1

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The definition: inputs ``[n, input]``, child states and memories ``[n, k, hidden]`` to
        states and memories."""
        assert c is not None
        x_u, x_o, x_i, x_f = (x @ self.weight_input.t() + self.bias).chunk(4, 1)
        h_u, h_o, h_i, *h_f = (self.gather(h) @ self.weight_below.t()).chunk(3 + self.arity, 1)
        memory = (x_i + h_i).sigmoid() * (x_u + h_u).tanh()
        for slot, h_k in enumerate(h_f):
            memory = memory + (x_f + h_k).sigmoid() * c[:, slot]
        return (x_o + h_o).sigmoid() * memory.tanh(), memory

    # A row of ``gates`` is [u | o | i | f_1 | f_2 …]; rows of ``leaf`` end after i, as a node
    # without children has nothing to forget. W and U have their rows for u doubled on the way
    # up: σ of a whole row is then one pass, and u = 2σ(2 · …) - 1.

    def begin(self, tape: Tape) -> None:
        plan, hidden, arity = tape.plan, self.hidden_size, self.arity
        leaves, inner = plan.num_leaves, plan.num_nodes - plan.num_leaves
        weight_input, weight_below, bias = (weight.clone() for weight in tape.weights)
        for weight in (weight_input, weight_below, bias):
            weight[:hidden].mul_(2)
        tape.states("h", hidden)
        tape.states("c", hidden)
        tape.buffer("squashed", plan.num_nodes, hidden)
        tape.buffer("below", inner, arity * hidden)
        tape.buffer("memory", inner, arity * hidden)
        gates = tape.buffer("gates", inner, (3 + arity) * hidden)
        tape.doubled = weight_below
        # W has one block of rows for all forget gates
        if arity != 1:
            forget = weight_input[3 * hidden :], bias[3 * hidden :]
            weight_input = torch.cat([weight_input[: 3 * hidden], *[forget[0]] * arity])
            bias = torch.cat([bias[: 3 * hidden], *[forget[1]] * arity])
        tape.bias = bias
        seen = max(len(tape.x) - leaves, 0)
        if seen:
            torch.addmm(bias, tape.x[leaves:], weight_input.t(), out=gates[:seen])
        leaf = tape.buffer("leaf", leaves, 3 * hidden)
        project(tape.x[:leaves], weight_input[: 3 * hidden], bias[: 3 * hidden], leaf)
        u, _, i = self._activate(leaf).split(hidden, 1)
        torch.mul(u, i, out=tape.c[:leaves])
        self._emit(tape, leaf, 0, leaves)

    def up(self, tape: Tape, level: Level) -> None:
        hidden, arity, plan = self.hidden_size, self.arity, tape.plan
        below, memory = gather_below(self, tape, level), tape.memory[level.inner]
        index = plan.at_slots(arity).children[level.inner.start * arity : level.inner.stop * arity]
        torch.index_select(tape.c, 0, index, out=memory.view(-1, hidden))
        gates = tape.gates[level.inner]
        if level.stop <= len(tape.x):
            gates.addmm_(below, tape.doubled.t())
        elif level.start >= len(tape.x):
            torch.addmm(tape.bias, below, tape.doubled.t(), out=gates)
        else:
            gates[len(tape.x) - level.start :] = tape.bias
            gates.addmm_(below, tape.doubled.t())
        self._activate(gates)
        c = tape.c[level.start : level.stop]
        kept = gates[:, 3 * hidden :] * memory
        torch.sum(kept.view(len(kept), arity, hidden), 1, out=c)
        c.addcmul_(gates[:, :hidden], gates[:, 2 * hidden : 3 * hidden])
        self._emit(tape, gates, level.start, level.stop)

    def _activate(self, gates: Tensor) -> Tensor:
        gates.sigmoid_()
        affine_(gates[:, : self.hidden_size])
        return gates

    def _emit(self, tape: Tape, gates: Tensor, start: int, stop: int) -> None:
        squashed = tanh_(tape.squashed[start:stop].copy_(tape.c[start:stop]))
        output = gates[:, self.hidden_size : 2 * self.hidden_size]
        torch.mul(squashed, output, out=tape.h[start:stop])

    def local(self, tape: Tape) -> None:
        plan, hidden, leaves = tape.plan, self.hidden_size, tape.plan.num_leaves
        inner = plan.num_nodes - leaves
        tape.buffer("to_c", plan.num_nodes, hidden)
        tape.buffer("leaf_slope", *tape.leaf.shape)
        tape.buffer("slope", *tape.gates.shape)
        self._slopes(tape.leaf, tape.leaf_slope, tape.squashed[:leaves], tape.to_c[:leaves])
        self._slopes(tape.gates, tape.slope, tape.squashed[leaves:], tape.to_c[leaves:])
        tape.slope[:, 3 * hidden :].mul_(tape.memory)
        tape.messages("message", inner * self.arity, hidden)
        tape.messages("memory_message", inner * self.arity, hidden)
        tape.returns = plan.at_slots(self.arity).returns

    def _slopes(self, gates: Tensor, slope: Tensor, squashed: Tensor, to_c: Tensor) -> None:
        """dc/d(before u, i) and dh/d(before o), side by side as in ``gates``, and dh/dc."""
        hidden = self.hidden_size
        u, o, i = gates[:, : 3 * hidden].split(hidden, 1)
        to_u, to_o, to_i = slope[:, : 3 * hidden].split(hidden, 1)
        torch.addcmul(gates, gates, gates, value=-1, out=slope)
        torch.addcmul(u.new_ones(()), u, u, value=-1, out=to_u)
        to_u.mul_(i)
        to_o.mul_(squashed)
        to_i.mul_(u)
        torch.mul(squashed, squashed, out=to_c)
        torch.addcmul(o, o, to_c, value=-1, out=to_c)

    def down(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        slope, count = tape.slope[level.inner], level.stop - level.start
        dc = self._arrive(tape, slope, level.start, level.stop)
        rows = slice(level.inner.start * self.arity, level.inner.stop * self.arity)
        forget = tape.gates[level.inner, 3 * hidden :].view(count, self.arity, hidden)
        to_memory = tape.memory_message[rows].view(count, self.arity, hidden)
        torch.mul(forget, dc.unsqueeze(1), out=to_memory)
        torch.mm(slope, tape.weights[1], out=tape.message[rows].view(count, -1))

    def _arrive(self, tape: Tape, slope: Tensor, start: int, stop: int) -> Tensor:
        """Turn ``slope`` into the gradient before the gates; the memory's gradient."""
        hidden = self.hidden_size
        dh = tape.dh[start:stop].add_(collect(tape.message, tape.returns, start, stop))
        dc = tape.dc[start:stop].add_(collect(tape.memory_message, tape.returns, start, stop))
        dc.addcmul_(dh, tape.to_c[start:stop])
        blocks = slope.view(stop - start, -1, hidden)
        blocks[:, 0].mul_(dc)
        blocks[:, 1].mul_(dh)
        blocks[:, 2:].mul_(dc.unsqueeze(1))
        return dc

    def gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        hidden, leaves, arity = self.hidden_size, tape.plan.num_leaves, self.arity
        leaf, slope, x = tape.leaf_slope, tape.slope, tape.x
        self._arrive(tape, leaf, 0, leaves)
        weight_input = tape.weights[0]
        bias = slope.sum(0)
        if arity > 1:
            forget = bias[3 * hidden :].view(arity, hidden).sum(0)
            bias = torch.cat([bias[: 3 * hidden], forget])
        bias[: 3 * hidden] += leaf.sum(0)
        d_x, d_input = torch.empty_like(x), torch.zeros_like(weight_input)
        leaf, on_leaf = leaf[: len(x)], x[:leaves]
        torch.mm(leaf, weight_input[: 3 * hidden], out=d_x[:leaves])
        torch.mm(leaf.t(), on_leaf, out=d_input[: 3 * hidden])
        if len(x) > leaves:
            seen = slope[: len(x) - leaves]
            if arity > 1:
                forget = seen[:, 3 * hidden :].view(len(seen), arity, hidden).sum(1)
                seen = torch.cat([seen[:, : 3 * hidden], forget], 1)
            torch.mm(seen, weight_input, out=d_x[leaves:])
            d_input.addmm_(seen.t(), x[leaves:])
        return d_x, d_input, slope.t() @ tape.below, bias
