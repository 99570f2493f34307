"""The N-ary Tree-LSTM (Tai et al. 2015, section 3.2); with one slot it is the LSTM over a chain
(Hochreiter & Schmidhuber 1997)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.memory import MemoryCell
from treernn.cells.products import add_product, gradient
from treernn.cells.tape import Tape
from treernn.structure.plan import Level


class LSTM(MemoryCell):
    """With H the concatenated child states and one forget gate per child::

        u = tanh(W_u x + U_u H + b_u)     o, i = σ(W x + U H + b)     f_k = σ(W_f x + U_k H + b_f)
        c = i ∘ u + Σ f_k ∘ c_k     h = o ∘ tanh(c)

    Rows of W and ``bias``: u, o, i, f. Rows of U: u, o, i, then f_k for each slot. Forget biases
    are initialized to 1 (Jozefowicz et al. 2015).
    """

    name, title, torch_counterpart = "lstm", "LSTM", nn.LSTM
    arity: int

    def __init__(self, input_size: int, hidden_size: int, arity: int = 2) -> None:
        self.children_blocks = 3 + arity
        super().__init__(input_size, hidden_size, arity)

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Inputs ``[n, input]`` and child states h and c ``[n, k, hidden]`` to states: the
        definition."""
        assert c is not None
        x_u, x_o, x_i, x_f = (x @ self.weight_input.t() + self.bias).chunk(4, 1)
        h_u, h_o, h_i, *h_f = (self.join(h) @ self.weight_children.t()).chunk(3 + self.arity, 1)
        memory = self.update((x_u + h_u).tanh(), (x_i + h_i).sigmoid())
        for slot, h_k in enumerate(h_f):
            memory = memory + (x_f + h_k).sigmoid() * c[:, slot]
        return (x_o + h_o).sigmoid() * memory.tanh(), memory

    def start(self, tape: Tape) -> None:
        super().start(tape)
        tape.child_c = tape.scratch("child_c", *tape.child_h.shape)
        tables = [tape.by_level(table) for table in (tape.gates, tape.c, tape.tanh_c, tape.h)]
        no_masks = [None] * len(tape.plan.levels)
        masks = no_masks if tape.dropout_mask is None else tape.by_level(tape.dropout_mask)
        tape.views = list(zip(*tables, masks, strict=True))
        tape.weight_children = tape.weight_children.t()

    def forward_level(self, tape: Tape, level: Level) -> None:
        gates, c, tanh_c, h, mask = tape.views[level.position]
        child_c: tuple[Tensor, ...]
        if tape.child_slices is not None:
            children = tape.child_slices[level.position]
            child_h, child_c = tape.h[children], (tape.c[children],)
        else:
            child_h, child_c = tape.join(level), self._gather_child_c(tape, level)
        self.activate(tape, add_product(gates, child_h, tape.weight_children))
        u, o, i, *forget = gates.chunk(self.children_blocks, 1)
        self.write_update(u, i, c, mask)
        for f_k, c_k in zip(forget, child_c, strict=True):
            c.addcmul_(f_k, c_k)
        self.write_h(o, c, tanh_c, h)

    def _gather_child_c(self, tape: Tape, level: Level) -> tuple[Tensor, ...]:
        """The memory cells of a level's children, slot by slot."""
        child_c = tape.child_c[level.inner]
        out = child_c.view(-1, self.hidden_size)
        torch.index_select(tape.c, 0, tape.children(level), out=out)
        return child_c.chunk(self.arity, 1)

    def local_gradients(self, tape: Tape) -> None:
        super().local_gradients(tape)
        if tape.child_slices is not None:
            torch.index_select(tape.c, 0, tape.plan.children, out=tape.child_c)
        else:
            tape.child_c_grad = tape.c_table[:-1].view(tape.child_c.shape)
        tape.local_grad[:, 3 * self.hidden_size :].mul_(tape.child_c)

    def backward_level(self, tape: Tape, level: Level) -> None:
        grad = tape.local_grad[level.inner]
        c_grad = self.backpropagate(tape, grad, level.nodes)
        forget = tape.gates[level.inner, 3 * self.hidden_size :]
        if tape.child_slices is not None:
            tape.grad_c[tape.child_slices[level.position]].addcmul_(forget, c_grad)
        else:
            slots = len(c_grad), self.arity, self.hidden_size
            child_c_grad = tape.child_c_grad[level.inner].view(slots)
            torch.mul(forget.view(slots), c_grad.unsqueeze(1), out=child_c_grad)
        tape.backward_children(level, grad, tape.weights[1])

    def inner_gradients(self, tape: Tape, count: int) -> tuple[Tensor, Tensor, Tensor]:
        grad = tape.local_grad
        bias_grad = self._sum_forget_gates(grad.sum(0, keepdim=True))[0]
        return self._sum_forget_gates(grad[:count]), gradient(grad, tape.child_h), bias_grad

    def _sum_forget_gates(self, grad: Tensor) -> Tensor:
        """The forget gates share W and the bias."""
        if self.arity == 1:
            return grad
        others, forget = grad.tensor_split([3 * self.hidden_size], 1)
        forget = forget.reshape(len(grad), self.arity, self.hidden_size).sum(1)
        return torch.cat([others, forget], 1)
