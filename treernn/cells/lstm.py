"""The N-ary Tree-LSTM (Tai et al. 2015, section 3.2); with one slot it is the chain LSTM
(Hochreiter & Schmidhuber 1997)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.cell import Tape
from treernn.cells.memory import MemoryCell
from treernn.cells.products import add_product, gradient
from treernn.structure.plan import Level


class LSTM(MemoryCell):
    """With H the children's states side by side and one forget gate for each child::

        u = tanh(W_u x + U_u H + b_u)     o, i = σ(W x + U H + b)     f_k = σ(W_f x + U_k H + b_f)
        c = i ∘ u + Σ f_k ∘ c_k     h = o ∘ tanh(c)

    Rows of W and ``bias``: u, o, i, f. Rows of U: u, o, i, then f_k for each slot. Forget biases
    begin at 1 (Jozefowicz et al. 2015).
    """

    name, title, torch_counterpart = "lstm", "LSTM", nn.LSTM
    arity: int

    def __init__(self, input_size: int, hidden_size: int, arity: int = 2) -> None:
        self.children_blocks = 3 + arity
        super().__init__(input_size, hidden_size, arity)

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The definition: inputs ``[n, input]``, child states and memories ``[n, k, hidden]`` to
        states and memories."""
        assert c is not None
        x_u, x_o, x_i, x_f = (x @ self.weight_input.t() + self.bias).chunk(4, 1)
        h_u, h_o, h_i, *h_f = (self.merge(h) @ self.weight_children.t()).chunk(3 + self.arity, 1)
        memory = self.added((x_u + h_u).tanh(), (x_i + h_i).sigmoid())
        for slot, h_k in enumerate(h_f):
            memory = memory + (x_f + h_k).sigmoid() * c[:, slot]
        return (x_o + h_o).sigmoid() * memory.tanh(), memory

    def start(self, tape: Tape) -> None:
        super().start(tape)
        tape.memory = tape.scratch("memory", *tape.below.shape)
        tables = tape.gates, tape.c, tape.squashed, tape.h
        views = (tape.by_level(table) for table in tables)
        nothing = [None] * len(tape.plan.levels)
        kept = nothing if tape.kept is None else tape.by_level(tape.kept)
        tape.views = list(zip(*views, kept, strict=True))
        tape.weight_children = tape.scaled.t()

    def forward_level(self, tape: Tape, level: Level) -> None:
        gates, c, squashed, h, kept = tape.views[level.number]
        memory: tuple[Tensor, ...]
        if tape.runs is not None:
            run = tape.runs[level.number]
            below, memory = tape.h[run], (tape.c[run],)
        else:
            below, memory = tape.merge(level), self._memory(tape, level)
        self.open(tape, add_product(gates, below, tape.weight_children))
        u, o, i, *forget = gates.chunk(self.children_blocks, 1)
        self.remember(u, i, c, kept)
        for f_k, c_k in zip(forget, memory, strict=True):
            c.addcmul_(f_k, c_k)
        self.emit(o, c, squashed, h)

    def _memory(self, tape: Tape, level: Level) -> tuple[Tensor, ...]:
        """The memories of a level's children, those in one slot together."""
        memory = tape.memory[level.inner]
        out = memory.view(-1, self.hidden_size)
        torch.index_select(tape.c, 0, tape.children(level), out=out)
        return memory.chunk(self.arity, 1)

    def local_gradients(self, tape: Tape) -> None:
        super().local_gradients(tape)
        if tape.runs is not None:
            torch.index_select(tape.c, 0, tape.plan.children, out=tape.memory)
        else:
            tape.to_memory = tape.memory_messages[:-1].view(tape.below.shape)
        tape.slope[:, 3 * self.hidden_size :].mul_(tape.memory)

    def backward_level(self, tape: Tape, level: Level) -> None:
        slope = tape.slope[level.inner]
        dc = self.arrive(tape, slope, level.nodes)
        forget = tape.gates[level.inner, 3 * self.hidden_size :]
        if tape.runs is not None:
            tape.grad_c[tape.runs[level.number]].addcmul_(forget, dc)
        else:
            apart = len(dc), self.arity, self.hidden_size
            to_memory = tape.to_memory[level.inner].view(apart)
            torch.mul(forget.view(apart), dc.unsqueeze(1), out=to_memory)
        tape.send(level, slope, tape.weights[1])

    def bias_gradient(self, tape: Tape) -> Tensor:
        return self._share_forget(tape.slope.sum(0, keepdim=True))[0]

    def input_gradient(self, tape: Tape, count: int) -> Tensor:
        return self._share_forget(tape.slope[:count])

    def _share_forget(self, before: Tensor) -> Tensor:
        """W and the bias serve all forget gates."""
        if self.arity == 1:
            return before
        others, forget = before.tensor_split([3 * self.hidden_size], 1)
        forget = forget.reshape(len(before), self.arity, self.hidden_size).sum(1)
        return torch.cat([others, forget], 1)

    def below_gradient(self, tape: Tape) -> Tensor:
        return gradient(tape.slope, tape.below)
