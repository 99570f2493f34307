"""The Child-Sum Tree-LSTM (Tai et al. 2015, section 3.1): any number of children, in any order."""

from __future__ import annotations

import torch
from torch import Tensor

from treernn.cells.memory import MemoryCell
from treernn.cells.products import add_product, gradient, product
from treernn.cells.tape import Tape, sum_rows
from treernn.structure.plan import Level, Plan


class ChildSumLSTM(MemoryCell):
    """With s the sum of the child states and one forget gate per child::

        u = tanh(W_u x + U_u s + b_u)     o, i = σ(W x + U s + b)     f_k = σ(W_f x + U_f h_k + b_f)
        c = i ∘ u + Σ f_k ∘ c_k     h = o ∘ tanh(c)

    Rows of W, U and ``bias``: u, o, i, f. Forget biases are initialized to 1 (Jozefowicz et al.
    2015).
    """

    name, title = "child-sum-lstm", "Child-Sum LSTM"
    children_blocks = 4

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, None)

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Inputs ``[n, input]`` and child states h and c ``[n, k, hidden]`` to states: the
        definition."""
        assert c is not None
        x_u, x_o, x_i, x_f = (x @ self.weight_input.t() + self.bias).chunk(4, 1)
        weight, weight_forget = self.weight_children.tensor_split([3 * self.hidden_size])
        h_u, h_o, h_i = (self.join(h) @ weight.t()).chunk(3, 1)
        forget = (x_f.unsqueeze(1) + h @ weight_forget.t()).sigmoid()
        memory = self.update((x_u + h_u).tanh(), (x_i + h_i).sigmoid()) + (forget * c).sum(1)
        return (x_o + h_o).sigmoid() * memory.tanh(), memory

    # Forget gates, and all else that a child has of its own, are tables of edges. The last block of
    # ``gates`` is W_f x + b_f, which all edges to one parent share; the last block of
    # ``local_grad`` is filled in the end, with the sum over the edges.

    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        _ = plan.edge_rows if self.training else plan.edge_parents

    def start(self, tape: Tape) -> None:
        super().start(tape)
        shape = len(tape.plan.children), self.hidden_size
        tape.forget = tape.scratch("forget", *shape)
        tape.edge_h = tape.scratch("edge_h", *shape)
        tape.edge_c = tape.scratch("edge_c", *shape)
        tape.edges = torch.arange(len(tape.plan.children), device=tape.x.device)

    def forward_level(self, tape: Tape, level: Level) -> None:
        rows, plan = 3 * self.hidden_size, tape.plan
        weight, weight_forget = tape.weight_children.tensor_split([rows])
        forget, edge_h, edge_c = (
            table[level.edges] for table in (tape.forget, tape.edge_h, tape.edge_c)
        )
        torch.index_select(tape.h, 0, plan.children[level.edges], out=edge_h)
        torch.index_select(tape.c, 0, plan.children[level.edges], out=edge_c)
        forget.copy_(tape.gates[:, rows:].index_select(0, plan.edge_parents[level.edges]))
        add_product(forget, edge_h, weight_forget.t()).sigmoid_()

        gates = add_product(tape.gates[level.inner, :rows], tape.join(level), weight.t())
        u, o, i = self.activate(tape, gates).split(self.hidden_size, 1)
        remembered = forget.mul(edge_c)
        remembered = sum_rows(remembered, tape.edges[: len(forget)], plan.offsets, level.inner)
        mask = None if tape.dropout_mask is None else tape.dropout_mask[level.nodes]
        c = self.write_update(u, i, tape.c[level.nodes], mask).add_(remembered)
        self.write_h(o, c, tape.tanh_c[level.nodes], tape.h[level.nodes])

    def local_gradients(self, tape: Tape) -> None:
        tape.parent_rows = tape.plan.edge_rows
        tape.h_table = tape.grad_table("edge_h_table", *tape.forget.shape)
        super().local_gradients(tape)
        forget, tape.forget_grad = tape.forget, tape.scratch("forget_grad", *tape.forget.shape)
        torch.addcmul(forget, forget, forget, value=-1, out=tape.forget_grad).mul_(tape.edge_c)

    def backward_level(self, tape: Tape, level: Level) -> None:
        rows, weight, edges = 3 * self.hidden_size, tape.weights[1], level.edges
        grad = tape.local_grad[level.inner, :rows]
        c_grad = self.backpropagate(tape, grad, level.nodes)
        parents = tape.plan.edge_parents[edges]
        c_grad = c_grad.index_select(0, parents - level.inner.start)
        torch.mul(tape.forget[edges], c_grad, out=tape.c_table[edges])
        product(grad, weight[:rows], out=tape.child_h_grad[level.inner])
        edge_h_grad = torch.index_select(tape.child_h_grad, 0, parents, out=tape.h_table[edges])
        add_product(edge_h_grad, tape.forget_grad[edges].mul_(c_grad), weight[rows:])

    def inner_gradients(self, tape: Tape, count: int) -> tuple[Tensor, Tensor, Tensor]:
        rows, forget_grad, plan = 3 * self.hidden_size, tape.forget_grad, tape.plan
        grad = tape.local_grad[:, :rows]
        children_grads = gradient(grad, tape.child_h), gradient(forget_grad, tape.edge_h)
        bias_grad = torch.cat([grad.sum(0), forget_grad.sum(0)])
        if count:
            inner = slice(0, plan.num_inner)
            tape.local_grad[:, rows:] = sum_rows(forget_grad, tape.edges, plan.offsets, inner)
        return tape.local_grad[:count], torch.cat(children_grads), bias_grad
