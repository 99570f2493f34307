"""The Child-Sum Tree-LSTM (Tai et al. 2015, section 3.1): any number of children, in no order."""

from __future__ import annotations

import torch
from torch import Tensor

from treernn.cells.cell import Tape, sum_rows
from treernn.cells.memory import MemoryCell
from treernn.cells.products import add_product, gradient, product
from treernn.structure.plan import Level


class ChildSumLSTM(MemoryCell):
    """With s the sum of the children's states and one forget gate for each child::

        u = tanh(W_u x + U_u s + b_u)     o, i = σ(W x + U s + b)     f_k = σ(W_f x + U_f h_k + b_f)
        c = i ∘ u + Σ f_k ∘ c_k     h = o ∘ tanh(c)

    Rows of W, U and ``bias``: u, o, i, f. Forget biases begin at 1 (Jozefowicz et al. 2015).
    """

    name, title = "child-sum-lstm", "Child-Sum LSTM"
    children_blocks = 4

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, None)

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The definition: inputs ``[n, input]``, child states and memories ``[n, k, hidden]`` to
        states and memories."""
        assert c is not None
        x_u, x_o, x_i, x_f = (x @ self.weight_input.t() + self.bias).chunk(4, 1)
        weight, weight_forget = self.weight_children.tensor_split([3 * self.hidden_size])
        h_u, h_o, h_i = (self.merge(h) @ weight.t()).chunk(3, 1)
        forget = (x_f.unsqueeze(1) + h @ weight_forget.t()).sigmoid()
        memory = self.added((x_u + h_u).tanh(), (x_i + h_i).sigmoid()) + (forget * c).sum(1)
        return (x_o + h_o).sigmoid() * memory.tanh(), memory

    # The last block of ``gates`` is W_f x + b_f, which every edge starts from; the forget gates
    # themselves, like all that there is one of for each child, are tables of edges. The last
    # block of ``slope`` is filled from theirs at the end.

    def start(self, tape: Tape) -> None:
        super().start(tape)
        edges = len(tape.plan.children), self.hidden_size
        tape.forget = tape.scratch("forget", *edges)
        tape.child_h = tape.scratch("child h", *edges)
        tape.child_c = tape.scratch("child c", *edges)
        tape.places = torch.arange(len(tape.plan.children), device=tape.x.device)

    def forward_level(self, tape: Tape, level: Level) -> None:
        hidden, children = 3 * self.hidden_size, tape.plan.children[level.edges]
        weight, forget = tape.scaled, tape.forget[level.edges]
        child_h, child_c = tape.child_h[level.edges], tape.child_c[level.edges]
        torch.index_select(tape.h, 0, children, out=child_h)
        torch.index_select(tape.c, 0, children, out=child_c)
        before = tape.gates[:, hidden:].index_select(0, tape.plan.edge_parents[level.edges])
        add_product(forget.copy_(before), child_h, weight[hidden:].t()).sigmoid_()

        gates = tape.gates[level.inner, :hidden]
        add_product(gates, tape.merge(level), weight[:hidden].t())
        u, o, i = self.open(tape, gates).split(self.hidden_size, 1)
        kept = forget.mul(child_c)
        kept = sum_rows(kept, tape.places[: len(kept)], tape.plan.offsets, level.inner)
        dropped = None if tape.kept is None else tape.kept[level.nodes]
        c = self.remember(u, i, tape.c[level.nodes], dropped).add_(kept)
        self.emit(o, c, tape.squashed[level.nodes], tape.h[level.nodes])

    def local_gradients(self, tape: Tape) -> None:
        tape.returns = tape.plan.edge_returns
        tape.messages = tape.message_table("edge message", *tape.forget.shape)
        super().local_gradients(tape)
        forget, tape.forget_slope = tape.forget, tape.scratch("forget slope", *tape.forget.shape)
        torch.addcmul(forget, forget, forget, value=-1, out=tape.forget_slope).mul_(tape.child_c)

    def backward_level(self, tape: Tape, level: Level) -> None:
        hidden, weight, edges = 3 * self.hidden_size, tape.weights[1], level.edges
        slope = tape.slope[level.inner, :hidden]
        dc = self.arrive(tape, slope, level.nodes)
        parents = tape.plan.edge_parents[edges]
        dc = dc.index_select(0, parents - level.inner.start)
        torch.mul(tape.forget[edges], dc, out=tape.memory_messages[edges])
        product(slope, weight[:hidden], out=tape.message[level.inner])
        to_child = torch.index_select(tape.message, 0, parents, out=tape.messages[edges])
        add_product(to_child, tape.forget_slope[edges].mul_(dc), weight[hidden:])

    def bias_gradient(self, tape: Tape) -> Tensor:
        return torch.cat([tape.slope[:, : 3 * self.hidden_size].sum(0), tape.forget_slope.sum(0)])

    def input_gradient(self, tape: Tape, count: int) -> Tensor:
        everything = slice(0, tape.plan.num_inner)
        forget = sum_rows(tape.forget_slope, tape.places, tape.plan.offsets, everything)
        tape.slope[:, 3 * self.hidden_size :] = forget
        return tape.slope[:count]

    def below_gradient(self, tape: Tape) -> Tensor:
        before = tape.slope[:, : 3 * self.hidden_size]
        return torch.cat([gradient(before, tape.below), gradient(tape.forget_slope, tape.child_h)])
