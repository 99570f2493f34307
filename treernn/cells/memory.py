"""What both Tree-LSTMs share: a memory cell c beside the hidden state h (Tai et al. 2015)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.cells.cell import Cell
from treernn.cells.products import gradient, product, project
from treernn.cells.tape import Tape


class MemoryCell(Cell):
    """A cell with an update u, an output gate o, an input gate i and forget gates f::

        c = i ∘ u + Σ f_k ∘ c_k
        h = o ∘ tanh(c)

    Rows of W and of ``bias``: u, o, i, f. Rows of U: u, o, i, then those of the forget gates.
    Forget biases are initialized to 1 (Jozefowicz et al. 2015).

    ``recurrent_dropout`` is the dropout probability of ``i ∘ u``, what a node adds to the memory
    (Semeniuta et al. 2016, section 3.2).
    """

    has_memory = True
    input_blocks = 4
    recurrent_dropout = 0.0

    def __init__(self, input_size: int, hidden_size: int, arity: int | None) -> None:
        super().__init__(input_size, hidden_size, arity)
        with torch.no_grad():
            self.bias[3 * hidden_size :] = 1

    def update(self, u: Tensor, i: Tensor) -> Tensor:
        """``i ∘ u`` with dropout, for the definition."""
        return F.dropout(i * u, self.recurrent_dropout, self.training)

    # A row of ``gates`` is [u' | o | i | f …], of ``leaf_gates`` [u' | o | i]: leaves forget
    # nothing. tanh(a) = 1 - 2σ(-2a), and u' is that σ, so one pass of σ computes a row whose
    # pre-activation of u is scaled by -2. That scales the rows of u in W x + b and in a copy of U,
    # or, where the run has so few nodes that the copy would cost more than the products
    # (``few_nodes``), each level's pre-activations. In the same way ``tanh_c`` holds σ(-2c).

    def start(self, tape: Tape) -> None:
        plan, hidden = tape.plan, self.hidden_size
        weight, weight_children, bias = tape.weights
        tape.few_nodes = plan.num_inner * hidden < weight_children.numel()
        tape.weight_children = weight_children
        if not tape.few_nodes:
            scaled = tape.scratch("weight_children", *weight_children.shape).copy_(weight_children)
            scaled[:hidden].mul_(-2)
            tape.weight_children = scaled
        tape.tanh_c = tape.scratch("tanh_c", plan.num_nodes, hidden)
        tape.gates = tape.scratch("gates", plan.num_inner, self.children_blocks * hidden)
        num_leaves = 0 if tape.has_initial_states else plan.num_leaves
        tape.leaf_x, tape.inner_x = tape.x.tensor_split([num_leaves])
        project(tape.inner_x, weight, bias, tape.gates[:, : 4 * hidden])
        if not tape.few_nodes:
            tape.gates[:, :hidden].mul_(-2)
        blocks = tape.gates.view(plan.num_inner, self.children_blocks, hidden)
        blocks[:, 4:] = blocks[:, 3:4]  # the forget gates share W and the bias

        self.draw_dropout_mask(tape)
        tape.leaf_gates = tape.scratch("leaf_gates", num_leaves, 3 * hidden)
        if tape.has_initial_states:
            return
        project(tape.leaf_x, weight[: 3 * hidden], bias[: 3 * hidden], tape.leaf_gates)
        tape.leaf_gates[:, :hidden].mul_(-2)
        u, o, i = tape.leaf_gates.sigmoid_().split(hidden, 1)
        mask = None if tape.dropout_mask is None else tape.dropout_mask[tape.leaves]
        c = self.write_update(u, i, tape.c[tape.leaves], mask)
        self.write_h(o, c, tape.tanh_c[tape.leaves], tape.h[tape.leaves])

    def draw_dropout_mask(self, tape: Tape) -> None:
        """``tape.dropout_mask``, the factor of i ∘ u, ``[N, hidden]``; None without dropout."""
        tape.dropout_mask = None
        if self.training and self.recurrent_dropout:
            mask = tape.scratch("dropout_mask", tape.plan.num_nodes, self.hidden_size).uniform_()
            tape.dropout_mask = mask.ge_(self.recurrent_dropout).div_(1 - self.recurrent_dropout)

    def activate(self, tape: Tape, gates: Tensor) -> Tensor:
        """Pre-activations of a level to gates, in place."""
        if tape.few_nodes:
            gates[:, : self.hidden_size].mul_(-2)
        return gates.sigmoid_()

    def write_update(self, u: Tensor, i: Tensor, c: Tensor, mask: Tensor | None) -> Tensor:
        """``c = i ∘ u``, from u', with dropout."""
        torch.addcmul(i, i, u, value=-2, out=c)
        return c if mask is None else c.mul_(mask)

    def write_h(self, o: Tensor, c: Tensor, tanh_c: Tensor, h: Tensor) -> None:
        """``h = o ∘ tanh(c)``."""
        torch.mul(c, -2, out=tanh_c).sigmoid_()
        torch.addcmul(o, o, tanh_c, value=-2, out=h)

    def local_gradients(self, tape: Tape) -> None:
        tape.gather_child_h()
        leaves, hidden = tape.plan.num_leaves, self.hidden_size
        tape.dh_dc = tape.scratch("dh_dc", *tape.tanh_c.shape)
        tape.leaf_grad = tape.scratch("leaf_grad", *tape.leaf_gates.shape)
        tape.local_grad = tape.scratch("local_grad", *tape.gates.shape)
        for gates, grad, nodes in (
            (tape.leaf_gates, tape.leaf_grad, slice(0, len(tape.leaf_gates))),
            (tape.gates, tape.local_grad, slice(leaves, None)),
        ):
            self._local_gradients(gates, grad, tape.tanh_c[nodes], tape.dh_dc[nodes])
            if tape.dropout_mask is not None:
                grad[:, :hidden].mul_(tape.dropout_mask[nodes])
                grad[:, 2 * hidden : 3 * hidden].mul_(tape.dropout_mask[nodes])
        if tape.child_slices is None:
            rows = len(tape.h_table) - 1
            tape.c_table = tape.grad_table("c_table", rows, self.memory_size)

    def _local_gradients(self, gates: Tensor, grad: Tensor, tanh_c: Tensor, dh_dc: Tensor) -> None:
        """dc/du, dh/do and dc/di by the pre-activations of u, o and i, and σ' of the forget gates,
        in the blocks of ``gates``; and dh/dc."""
        u, o, i = gates[:, : 3 * self.hidden_size].split(self.hidden_size, 1)
        u_grad, o_grad, i_grad = grad[:, : 3 * self.hidden_size].split(self.hidden_size, 1)
        torch.addcmul(gates, gates, gates, value=-1, out=grad)  # σ' = σ - σ²
        u_grad.mul_(i).mul_(4)  # u = 1 - 2u', so du/da = 4 u' (1 - u')
        o_grad.addcmul_(o_grad, tanh_c, value=-2)
        i_grad.addcmul_(i_grad, u, value=-2)
        torch.addcmul(tanh_c, tanh_c, tanh_c, value=-1, out=dh_dc)
        dh_dc.mul_(o).mul_(4)

    def backpropagate(self, tape: Tape, grad: Tensor, nodes: slice) -> Tensor:
        """Turn local gradients into the gradients of the pre-activations; return that of c."""
        h_grad = tape.h_grad(nodes)
        c_grad = tape.c_grad(nodes)
        c_grad.addcmul_(h_grad, tape.dh_dc[nodes])
        blocks = grad.view(len(c_grad), -1, self.hidden_size)
        blocks[:, 0].mul_(c_grad)
        blocks[:, 1].mul_(h_grad)
        blocks[:, 2:].mul_(c_grad.unsqueeze(1))
        return c_grad

    def backward_leaves(self, tape: Tape) -> None:
        self.backpropagate(tape, tape.leaf_grad, tape.leaves)

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        rows, leaf_x, inner_x = 3 * self.hidden_size, tape.leaf_x, tape.inner_x
        weight = tape.weights[0]
        inner_grad, children_grad, bias_grad = self.inner_gradients(tape, len(inner_x))
        x_grad, weight_grad = torch.empty_like(tape.x), torch.zeros_like(weight)
        if not tape.has_initial_states:
            bias_grad[:rows] += tape.leaf_grad.sum(0)
            grad = tape.leaf_grad[: len(leaf_x)]
            product(grad, weight[:rows], out=x_grad[: len(leaf_x)])
            weight_grad[:rows] = gradient(grad, leaf_x)
        if len(inner_x):
            product(inner_grad, weight, out=x_grad[len(leaf_x) :])
            weight_grad += gradient(inner_grad, inner_x)
        return x_grad, weight_grad, children_grad, bias_grad

    def inner_gradients(self, tape: Tape, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """From the inner nodes: the gradients of W x of the first ``count``, ``[count, 4 *
        hidden]``, of U and of ``bias``."""
        raise NotImplementedError
