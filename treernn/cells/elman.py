"""The simple recurrent cell (Elman 1990), over trees as in Socher et al. (2011)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from treernn.cells.cell import Cell
from treernn.cells.products import add_product, gradient, product, project, tanh_
from treernn.cells.tape import Tape
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
        """Inputs ``[n, input]`` and child states ``[n, k, hidden]`` to states: the definition."""
        children = self.join(h) @ self.weight_children.t()
        pre_activation = x @ self.weight_input.t() + children + self.bias
        function = torch.tanh if self.nonlinearity == "tanh" else torch.relu
        return function(pre_activation), None

    def start(self, tape: Tape) -> None:
        weight_input, _, bias, *_ = tape.weights
        tape.rows = tape.by_level(tape.h)
        tape.weight_children = tape.weights[1].t()
        project(tape.x, weight_input, bias, tape.h[tape.computed])
        if not tape.has_initial_states:
            self._activate(tape.h[tape.leaves])

    def forward_level(self, tape: Tape, level: Level) -> None:
        h = tape.rows[level.position]
        self._activate(add_product(h, tape.join(level), tape.weight_children))

    def _activate(self, h: Tensor) -> None:
        tanh_(h) if self.nonlinearity == "tanh" else h.relu_()

    def local_gradients(self, tape: Tape) -> None:
        tape.gather_child_h()
        h = tape.h[:-1]
        tape.local_grad = tape.scratch("local_grad", *h.shape)
        if self.nonlinearity == "tanh":
            torch.addcmul(h.new_ones(()), h, h, value=-1, out=tape.local_grad)
        else:
            torch.sign(h, out=tape.local_grad)

    # Backpropagation turns ``local_grad``, dh/d(pre-activation), into the gradient of that.

    def backward_level(self, tape: Tape, level: Level) -> None:
        grad = tape.local_grad[level.nodes].mul_(tape.h_grad(level.nodes))
        tape.backward_children(level, grad, tape.weights[1])

    def backward_leaves(self, tape: Tape) -> None:
        tape.local_grad[tape.leaves].mul_(tape.h_grad(tape.leaves))

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        grad, x = tape.local_grad[tape.computed], tape.x
        input_grad, inner_grad = grad[: len(x)], tape.local_grad[tape.plan.num_leaves :]
        return (
            product(input_grad, tape.weights[0], out=torch.empty_like(x)),
            gradient(input_grad, x),
            gradient(inner_grad, tape.child_h),
            grad.sum(0),
        )
