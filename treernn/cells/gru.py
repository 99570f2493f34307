"""The gated recurrent unit (Cho et al. 2014), over trees as in Kokkinos & Potamianos (2017).

The reset gate works on U h, as in cuDNN and torch, so that one product serves all gates.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.cell import Cell, Tape, project, tanh_
from treernn.cells.products import add_product, gradient, product
from treernn.structure.plan import Level


class GRU(Cell):
    """With H the children's states side by side (Child-Sum: their sum), s their sum::

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

    def weights(self) -> tuple[Tensor, ...]:
        return self.weight_input, self.weight_children, self.bias, self.bias_children

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, None]:
        """The definition: inputs ``[n, input]`` and child states ``[n, k, hidden]`` to states."""
        x_n, x_r, x_z = (x @ self.weight_input.t() + self.bias).chunk(3, 1)
        h_r, h_z, h_n = (self.merge(h) @ self.weight_children.t()).chunk(3, 1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        n = (x_n + r * (h_n + self.bias_children)).tanh()
        return (1 - z) * n + z * h.sum(1), None

    # A row of ``gates`` is [n | r | z | q], q being U_n H + b_children: W writes the first three,
    # U adds to the last three.

    def start(self, tape: Tape) -> None:
        plan, hidden = tape.plan, self.hidden_size
        weight_input, _, bias, bias_children = tape.weights
        tape.sums = self.arity is not None and self.arity > 1
        tape.carry = tape.scratch("carry", plan.num_inner, hidden) if tape.sums else tape.below
        tape.gates = tape.scratch("gates", plan.num_nodes, 4 * hidden)
        project(tape.x, weight_input, bias, tape.gates[tape.computed, : 3 * hidden])
        tape.gates[:, 3 * hidden :] = bias_children
        if not tape.has_initial_states:
            n, z = self._activate(tape.gates[tape.leaves])
            torch.addcmul(n, n, z, value=-1, out=tape.h[tape.leaves])

    def forward_level(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        below = carry = tape.merge(level)
        if tape.sums:
            carry = tape.carry[level.inner]
            torch.sum(below.view(len(below), -1, hidden), 1, out=carry)
        gates = tape.gates[level.nodes]
        add_product(gates[:, hidden:], below, tape.weights[1].t())
        n, z = self._activate(gates)
        torch.lerp(n, carry, z, out=tape.h[level.nodes])

    def _activate(self, gates: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden_size
        gates[:, hidden : 3 * hidden].sigmoid_()
        n, r, z, q = gates.split(hidden, 1)
        return tanh_(n.addcmul_(r, q)), z

    def local_gradients(self, tape: Tape) -> None:
        tape.fill_below()
        leaves = tape.plan.num_leaves
        n, r, z, q = tape.gates.split(self.hidden_size, 1)
        tape.slope = tape.scratch("slope", *tape.gates.shape)
        to_n, to_r, to_z, to_q = tape.slope.split(self.hidden_size, 1)
        torch.addcmul(n.new_ones(()), n, n, value=-1, out=to_n)
        to_n.addcmul_(to_n, z, value=-1)
        torch.mul(to_n, r, out=to_q)
        torch.addcmul(to_q, to_q, r, value=-1, out=to_r)
        to_r.mul_(q)
        torch.addcmul(z, z, z, value=-1, out=to_z)
        to_z[:leaves].mul_(n[:leaves]).neg_()
        to_z[leaves:].mul_(tape.carry - n[leaves:])

    # Once a level's gradient has arrived, ``slope`` holds the gradient before the gates.

    def backward_level(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        dh = self._arrive(tape, level.nodes)
        message = tape.send(level, tape.slope[level.nodes, hidden:], tape.weights[1])
        z = tape.gates[level.nodes, 2 * hidden : 3 * hidden]
        message.view(len(dh), -1, hidden).add_((z * dh).unsqueeze(1))

    def _arrive(self, tape: Tape, nodes: slice) -> Tensor:
        dh = tape.arriving(nodes)
        tape.slope[nodes].view(len(dh), 4, -1).mul_(dh.unsqueeze(1))
        return dh

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        hidden, slope, x = self.hidden_size, tape.slope[tape.computed], tape.x
        if not tape.has_initial_states:
            self._arrive(tape, tape.leaves)
        seen, inner = slope[: len(x), : 3 * hidden], tape.slope[tape.plan.num_leaves :, hidden:]
        bias = slope.sum(0)
        return (
            product(seen, tape.weights[0], out=torch.empty_like(x)),
            gradient(seen, x),
            gradient(inner, tape.below),
            bias[: 3 * hidden],
            bias[3 * hidden :],
        )
