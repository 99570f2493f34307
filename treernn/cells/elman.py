"""The simple recurrent cell: h = f(W x + Σ U h_child + b) (Elman 1990; Socher et al. 2011)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from treernn.cells.cell import Cell, Tape, project, tanh_
from treernn.cells.products import add_product, gradient, product
from treernn.structure.plan import Level


class Elman(Cell):
    """``h = f(W x + U [h_1; h_2] + b)``, for Child-Sum ``h = f(W x + U Σ h_k + b)``.

    Args:
        nonlinearity: f, ``"tanh"`` or ``"relu"``.
    """

    name, title, torch_counterpart = "elman", "Elman", nn.RNN
    input_blocks = children_blocks = 1

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
        before = x @ self.weight_input.t() + self.merge(h) @ self.weight_children.t() + self.bias
        return (before.tanh() if self.nonlinearity == "tanh" else before.relu()), None

    def start(self, tape: Tape) -> None:
        weight_input, _, bias, *_ = tape.weights
        project(tape.x, weight_input, bias, tape.h[tape.computed])
        if not tape.has_initial_states:
            self._squash(tape.h[tape.leaves])

    def forward_level(self, tape: Tape, level: Level) -> None:
        self._squash(add_product(tape.h[level.nodes], tape.merge(level), tape.weights[1].t()))

    def _squash(self, h: Tensor) -> None:
        tanh_(h) if self.nonlinearity == "tanh" else h.relu_()

    def local_gradients(self, tape: Tape) -> None:
        h = tape.h[:-1]
        tape.slope = tape.scratch("slope", *h.shape)
        if self.nonlinearity == "tanh":
            torch.addcmul(h.new_ones(()), h, h, value=-1, out=tape.slope)
        else:
            torch.sign(h, out=tape.slope)

    # Once a level's gradient has arrived, ``slope`` holds the gradient before f.

    def backward_level(self, tape: Tape, level: Level) -> None:
        before = tape.slope[level.nodes].mul_(tape.arriving(level.nodes))
        tape.send(level, before, tape.weights[1])

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        before, x, inner = tape.slope[tape.computed], tape.x, tape.slope[tape.plan.num_leaves :]
        if not tape.has_initial_states:
            before[tape.leaves].mul_(tape.arriving(tape.leaves))
        tape.fill_below()
        seen = before[: len(x)]
        return (
            product(seen, tape.weights[0], out=torch.empty_like(x)),
            gradient(seen, x),
            gradient(inner, tape.below),
            before.sum(0),
        )
