"""The simple recurrent cell: h = f(W x + Σ U h_child + b) (Elman 1990; Socher et al. 2011)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from treernn.cells.cell import Cell, Tape, collect, gather_below, project, tanh_
from treernn.structure.plan import Level


class Elman(Cell):
    """``h = f(W x + U [h_1; h_2] + b)``, for Child-Sum ``h = f(W x + U Σ h_k + b)``.

    Args:
        nonlinearity: f, ``"tanh"`` or ``"relu"``.
    """

    input_blocks = below_blocks = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        arity: int | None = 2,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
    ) -> None:
        super().__init__(input_size, hidden_size, arity)
        self.nonlinearity = nonlinearity

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, None]:
        """The definition: inputs ``[n, input]`` and child states ``[n, k, hidden]`` to states."""
        before = x @ self.weight_input.t() + self.gather(h) @ self.weight_below.t() + self.bias
        return (before.tanh() if self.nonlinearity == "tanh" else before.relu()), None

    def begin(self, tape: Tape) -> None:
        plan, hidden = tape.plan, self.hidden_size
        weight_input, _, bias = tape.weights
        tape.buffer("below", plan.num_nodes - plan.num_leaves, (self.arity or 1) * hidden)
        h = tape.states("h", hidden)
        project(tape.x, weight_input, bias, h[:-1])
        self._squash(h[: plan.num_leaves])

    def up(self, tape: Tape, level: Level) -> None:
        below = gather_below(self, tape, level)
        h = tape.h[level.start : level.stop]
        self._squash(h.addmm_(below, tape.weights[1].t()))

    def _squash(self, h: Tensor) -> None:
        tanh_(h) if self.nonlinearity == "tanh" else h.relu_()

    def local(self, tape: Tape) -> None:
        plan, h = tape.plan, tape.h[:-1]
        slope = tape.buffer("slope", *h.shape)
        if self.nonlinearity == "tanh":
            torch.addcmul(h.new_ones(()), h, h, value=-1, out=slope)
        else:
            torch.sign(h, out=slope)
        inner = plan.num_nodes - plan.num_leaves
        tape.messages("message", inner * (self.arity or 1), self.hidden_size)
        tape.returns = (
            plan.parent_returns if self.arity is None else plan.at_slots(self.arity).returns
        )

    def down(self, tape: Tape, level: Level) -> None:
        gate = self._arrive(tape, level.start, level.stop)
        message = tape.message[:-1].view(-1, tape.below.shape[1])
        torch.mm(gate, tape.weights[1], out=message[level.inner])

    def _arrive(self, tape: Tape, start: int, stop: int) -> Tensor:
        dh = tape.dh[start:stop].add_(collect(tape.message, tape.returns, start, stop))
        return tape.slope[start:stop].mul_(dh)

    def gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        self._arrive(tape, 0, tape.plan.num_leaves)
        gate, seen = tape.slope, tape.slope[: len(tape.x)]
        return (
            seen @ tape.weights[0],
            seen.t() @ tape.x,
            gate[tape.plan.num_leaves :].t() @ tape.below,
            gate.sum(0),
        )
