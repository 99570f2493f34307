"""The gated recurrent unit (Cho et al. 2014), over trees as in Kokkinos & Potamianos (2017).

The reset gate works on U h, as in cuDNN and torch, so that one product serves all gates.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.cell import Cell, Tape, collect, gather_below, project, tanh_
from treernn.structure.plan import Level


class GRU(Cell):
    """With H the children's states side by side (Child-Sum: their sum), s their sum::

        r = σ(W_r x + U_r H + b_r)        z = σ(W_z x + U_z H + b_z)
        n = tanh(W_n x + b_n + r ∘ (U_n H + b_below))
        h = (1 - z) ∘ n + z ∘ s

    Rows of W and of ``bias``: n, r, z. Rows of U: r, z, n.
    """

    input_blocks = below_blocks = 3

    def __init__(self, input_size: int, hidden_size: int, arity: int | None = 2) -> None:
        super().__init__(input_size, hidden_size, arity)
        self.bias_below = nn.Parameter(torch.zeros(hidden_size))

    def weights(self) -> tuple[Tensor, ...]:
        return self.weight_input, self.weight_below, self.bias, self.bias_below

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, None]:
        """The definition: inputs ``[n, input]`` and child states ``[n, k, hidden]`` to states."""
        x_n, x_r, x_z = (x @ self.weight_input.t() + self.bias).chunk(3, 1)
        h_r, h_z, h_n = (self.gather(h) @ self.weight_below.t()).chunk(3, 1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        n = (x_n + r * (h_n + self.bias_below)).tanh()
        return (1 - z) * n + z * h.sum(1), None

    # A row of ``gates`` is [n | r | z | q], q being U_n H + b_below: W writes the first three,
    # U adds to the last three.

    def begin(self, tape: Tape) -> None:
        plan, hidden = tape.plan, self.hidden_size
        weight_input, _, bias, bias_below = tape.weights
        inner = plan.num_nodes - plan.num_leaves
        tape.buffer("below", inner, (self.arity or 1) * hidden)
        tape.carry = tape.below if self.arity in (None, 1) else tape.buffer("carry", inner, hidden)
        tape.states("h", hidden)
        gates = tape.buffer("gates", plan.num_nodes, 4 * hidden)
        project(tape.x, weight_input, bias, gates[:, : 3 * hidden])
        gates[:, 3 * hidden :] = bias_below
        n, z = self._activate(gates[: plan.num_leaves])
        torch.addcmul(n, n, z, value=-1, out=tape.h[: plan.num_leaves])

    def up(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        below, carry = gather_below(self, tape, level), tape.carry[level.inner]
        if tape.carry is not tape.below:
            torch.sum(below.view(len(below), -1, hidden), 1, out=carry)
        gates = tape.gates[level.start : level.stop]
        gates[:, hidden:].addmm_(below, tape.weights[1].t())
        n, z = self._activate(gates)
        torch.lerp(n, carry, z, out=tape.h[level.start : level.stop])

    def _activate(self, gates: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden_size
        gates[:, hidden : 3 * hidden].sigmoid_()
        n, r, z, q = gates.split(hidden, 1)
        return tanh_(n.addcmul_(r, q)), z

    def local(self, tape: Tape) -> None:
        plan, hidden, leaves = tape.plan, self.hidden_size, tape.plan.num_leaves
        n, r, z, q = tape.gates.split(hidden, 1)
        slope = tape.buffer("slope", plan.num_nodes, 4 * hidden)
        to_n, to_r, to_z, to_q = slope.split(hidden, 1)
        one = n.new_ones(())
        torch.addcmul(one, n, n, value=-1, out=to_n)
        to_n.addcmul_(to_n, z, value=-1)
        torch.mul(to_n, r, out=to_q)
        torch.addcmul(to_q, to_q, r, value=-1, out=to_r)
        to_r.mul_(q)
        torch.addcmul(z, z, z, value=-1, out=to_z)
        to_z[:leaves].mul_(n[:leaves]).neg_()
        to_z[leaves:].mul_(tape.carry - n[leaves:])
        tape.messages("message", (plan.num_nodes - leaves) * (self.arity or 1), hidden)
        tape.returns = (
            plan.parent_returns if self.arity is None else plan.at_slots(self.arity).returns
        )

    def down(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        dh, gate = self._arrive(tape, level.start, level.stop)
        message = tape.message[:-1].view(-1, tape.below.shape[1])[level.inner]
        torch.mm(gate[:, hidden:], tape.weights[1], out=message)
        z = tape.gates[level.start : level.stop, 2 * hidden : 3 * hidden]
        message.view(len(dh), -1, hidden).add_((z * dh).unsqueeze(1))

    def _arrive(self, tape: Tape, start: int, stop: int) -> tuple[Tensor, Tensor]:
        dh = tape.dh[start:stop].add_(collect(tape.message, tape.returns, start, stop))
        gate = tape.slope[start:stop]
        gate.view(stop - start, 4, -1).mul_(dh.unsqueeze(1))
        return dh, gate

    def gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        hidden, leaves = self.hidden_size, tape.plan.num_leaves
        self._arrive(tape, 0, leaves)
        seen = tape.slope[: len(tape.x), : 3 * hidden]
        bias = tape.slope.sum(0)
        return (
            seen @ tape.weights[0],
            seen.t() @ tape.x,
            tape.slope[leaves:, hidden:].t() @ tape.below,
            bias[: 3 * hidden],
            bias[3 * hidden :],
        )
