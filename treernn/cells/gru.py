"""The gated recurrent unit (Cho et al. 2014), over trees as in Kokkinos & Potamianos (2017).

The reset gate is applied to U h, as in cuDNN and torch, so that one product serves all gates.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.cell import Cell
from treernn.cells.products import add_product, gradient, product, project, tanh_
from treernn.cells.tape import Tape
from treernn.structure.plan import Level


class GRU(Cell):
    """With H the concatenated child states (Child-Sum: their sum) and s the sum of the child
    states::

        r = σ(W_r x + U_r H + b_r)        z = σ(W_z x + U_z H + b_z)
        n = tanh(W_n x + b_n + r ∘ (U_n H + b_children))
        h = (1 - z) ∘ n + z ∘ s

    Rows of W and of ``bias``: n, r, z. Rows of U: r, z, n.
    """

    name, title, torch_counterpart = "gru", "GRU", nn.GRU
    input_blocks = children_blocks = 3

    def __init__(self, input_size: int, hidden_size: int, arity: int | None = 2) -> None:
        super().__init__(input_size, hidden_size, arity)
        self.bias_children = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, None]:
        """Inputs ``[n, input]`` and child states ``[n, k, hidden]`` to states: the definition."""
        x_n, x_r, x_z = (x @ self.weight_input.t() + self.bias).chunk(3, 1)
        h_r, h_z, h_n = (self.join(h) @ self.weight_children.t()).chunk(3, 1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        n = (x_n + r * (h_n + self.bias_children)).tanh()
        return (1 - z) * n + z * h.sum(1), None

    # A row of ``gates`` is [n | r | z | q] with q = U_n H + b_children: W x goes to the first three
    # blocks and U H to the last three.

    def start(self, tape: Tape) -> None:
        plan, hidden = tape.plan, self.hidden_size
        weight_input, _, bias, bias_children = tape.weights
        tape.child_sum = tape.child_h
        if (self.arity or 1) > 1:
            tape.child_sum = tape.scratch("child_sum", plan.num_inner, hidden)
        tape.gates = tape.scratch("gates", plan.num_nodes, 4 * hidden)
        project(tape.x, weight_input, bias, tape.gates[tape.computed, : 3 * hidden])
        tape.gates[:, 3 * hidden :] = bias_children
        tape.weight_children = tape.weights[1].t()
        n, r, z, q = tape.gates.split(hidden, 1)
        blocks = n, r, z, q, tape.gates[:, hidden:], tape.gates[:, hidden : 3 * hidden]
        tape.views = list(zip(*map(tape.by_level, (*blocks, tape.h)), strict=True))
        if not tape.has_initial_states:
            n, r, z, q, _, both = (block[tape.leaves] for block in blocks)
            self._activate(n, r, q, both)
            torch.addcmul(n, n, z, value=-1, out=tape.h[tape.leaves])

    def forward_level(self, tape: Tape, level: Level) -> None:
        n, r, z, q, of_children, both, h = tape.views[level.position]
        child_h = child_sum = tape.join(level)
        if (self.arity or 1) > 1:
            child_sum = tape.child_sum[level.inner]
            torch.sum(child_h.view(len(child_h), -1, self.hidden_size), 1, out=child_sum)
        add_product(of_children, child_h, tape.weight_children)
        self._activate(n, r, q, both)
        torch.lerp(n, child_sum, z, out=h)

    def _activate(self, n: Tensor, r: Tensor, q: Tensor, both: Tensor) -> None:
        """Pre-activations to gates, in place; ``both`` is [r | z]."""
        both.sigmoid_()
        tanh_(n.addcmul_(r, q))

    def local_gradients(self, tape: Tape) -> None:
        tape.gather_child_h()
        leaves = tape.plan.num_leaves
        n, r, z, q = tape.gates.split(self.hidden_size, 1)
        tape.local_grad = tape.scratch("local_grad", *tape.gates.shape)
        dh_dn, dh_dr, dh_dz, dh_dq = tape.local_grad.split(self.hidden_size, 1)
        torch.addcmul(n.new_ones(()), n, n, value=-1, out=dh_dn)
        dh_dn.addcmul_(dh_dn, z, value=-1)
        torch.mul(dh_dn, r, out=dh_dq)
        torch.addcmul(dh_dq, dh_dq, r, value=-1, out=dh_dr)
        dh_dr.mul_(q)
        torch.addcmul(z, z, z, value=-1, out=dh_dz)
        dh_dz[:leaves].mul_(n[:leaves]).neg_()
        dh_dz[leaves:].mul_(tape.child_sum - n[leaves:])

    # Backpropagation turns ``local_grad``, dh/d(pre-activations), into the gradients of those.

    def backward_level(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        h_grad = self._backpropagate(tape, level.nodes)
        grad = tape.local_grad[level.nodes, hidden:]
        child_h_grad = tape.backward_children(level, grad, tape.weights[1])
        z = tape.gates[level.nodes, 2 * hidden : 3 * hidden]
        child_h_grad.view(len(h_grad), -1, hidden).add_((z * h_grad).unsqueeze(1))

    def _backpropagate(self, tape: Tape, nodes: slice) -> Tensor:
        h_grad = tape.h_grad(nodes)
        tape.local_grad[nodes].view(len(h_grad), 4, -1).mul_(h_grad.unsqueeze(1))
        return h_grad

    def backward_leaves(self, tape: Tape) -> None:
        self._backpropagate(tape, tape.leaves)

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        hidden, x = self.hidden_size, tape.x
        grad, inner_grad = tape.local_grad[tape.computed], tape.local_grad[tape.plan.num_leaves :]
        input_grad, bias_grad = grad[: len(x), : 3 * hidden], grad.sum(0)
        return (
            product(input_grad, tape.weights[0], out=torch.empty_like(x)),
            gradient(input_grad, x),
            gradient(inner_grad[:, hidden:], tape.child_h),
            bias_grad[: 3 * hidden],
            bias_grad[3 * hidden :],
        )
