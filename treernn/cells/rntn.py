"""The recursive neural tensor network (Socher et al. 2013, section 4.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.cell import Tape
from treernn.cells.elman import Elman
from treernn.cells.products import add_product, gradient, product
from treernn.structure.plan import Level


class RNTN(Elman):
    """With z the two children's states side by side::

        h = tanh(W x + U z + zᵀ V z / (2 hidden) + b)

    V ``[hidden, 2 * hidden, 2 * hidden]`` has a matrix for each number of h. The paper's tensor is
    V / (2 hidden): it multiplies (2 hidden)² products, and AdaGrad's first steps, which are of one
    length for every weight, would drive tanh to its ends for good. In the paper the state of a
    word is its vector; here it is, as in the other cells, tanh(W x + b).

    A run keeps 2 · hidden² numbers for each node with children.
    """

    name, title, torch_counterpart = "rntn", "RNTN", None

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        width = 2 * hidden_size
        self.weight_tensor = nn.Parameter(torch.empty(hidden_size, width, width))
        nn.init.uniform_(self.weight_tensor, -0.5, 0.5)

    def weights(self) -> tuple[Tensor, ...]:
        return *super().weights(), self.weight_tensor

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, None]:
        """The definition: inputs ``[n, input]`` and child states ``[n, 2, hidden]`` to states."""
        z = self.merge(h)
        products = torch.einsum("ni,kij,nj->nk", z, self.weight_tensor, z) / z.shape[1]
        before = x @ self.weight_input.t() + z @ self.weight_children.t() + products + self.bias
        return before.tanh(), None

    # With S_k = V_k + V_kᵀ, zᵀ V_k z is half of z · S_k z, and S_k z is its derivative: kept from
    # the way up in ``forms``, it spares the way down a product with V.

    def start(self, tape: Tape) -> None:
        super().start(tape)
        tensor = tape.weights[3]
        hidden, width, _ = tensor.shape
        symmetric = tape.scratch("symmetric", *tensor.shape)
        torch.add(tensor, tensor.transpose(1, 2), out=symmetric).div_(width)
        tape.symmetric = symmetric.view(hidden * width, width).t()
        tape.forms = tape.scratch("forms", tape.plan.num_inner, hidden, width)

    def forward_level(self, tape: Tape, level: Level) -> None:
        z, h, forms = tape.merge(level), tape.h[level.nodes], tape.forms[level.inner]
        product(z, tape.symmetric, out=forms.flatten(1))
        h.unsqueeze(2).baddbmm_(forms, z.unsqueeze(2), alpha=0.5)
        self._squash(add_product(h, z, tape.weights[1].t()))

    def backward_level(self, tape: Tape, level: Level) -> None:
        before = tape.slope[level.nodes].mul_(tape.arriving(level.nodes))
        message = tape.send(level, before, tape.weights[1])
        message.unsqueeze(1).baddbmm_(before.unsqueeze(1), tape.forms[level.inner])

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        others = super().weight_gradients(tape)
        before, z, outer = tape.slope[tape.plan.num_leaves :], tape.below, tape.forms
        torch.mul((before / z.shape[1]).unsqueeze(2), z.unsqueeze(1), out=outer)
        return *others, gradient(outer.flatten(1), z).view(tape.weights[3].shape)
