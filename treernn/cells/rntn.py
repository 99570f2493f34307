"""The recursive neural tensor network (Socher et al. 2013, section 4.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.elman import Elman
from treernn.cells.products import add_product, gradient, product
from treernn.cells.tape import Tape
from treernn.structure.plan import Level


class RNTN(Elman):
    """With z the concatenated states of two children::

        h = tanh(W x + U z + zᵀ V z / (2 hidden) + b)

    V ``[hidden, 2 * hidden, 2 * hidden]`` has one matrix for each element of h. The paper's tensor
    is V / (2 hidden). Here it is scaled because it multiplies (2 hidden)² products: AdaGrad's first
    steps, which have one length for all weights, would saturate tanh for good. In the paper the
    state of a word is its vector; here it is tanh(W x + b), as in the other cells.

    A run stores 2 · hidden² numbers per inner node.
    """

    name, title = "rntn", "RNTN"
    torch_counterpart = None  # type: ignore[assignment]  # unlike Elman, two children always

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        width = 2 * hidden_size
        self.weight_tensor = nn.Parameter(torch.empty(hidden_size, width, width))
        nn.init.uniform_(self.weight_tensor, -0.5, 0.5)

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, None]:
        """Inputs ``[n, input]`` and child states ``[n, 2, hidden]`` to states: the definition."""
        z = self.join(h)
        children = z @ self.weight_children.t()
        children = children + torch.einsum("ni,kij,nj->nk", z, self.weight_tensor, z) / z.shape[1]
        return (x @ self.weight_input.t() + children + self.bias).tanh(), None

    # With S_k = V_k + V_kᵀ, S_k z is the derivative of zᵀ V_k z, and half of z · S_k z is its
    # value: ``forms`` keeps S_k z of all nodes, so the backward pass needs no product with V.

    def start(self, tape: Tape) -> None:
        super().start(tape)
        tensor = tape.weights[3]
        hidden, width, _ = tensor.shape
        symmetric = tape.scratch("symmetric", *tensor.shape)
        torch.add(tensor, tensor.transpose(1, 2), out=symmetric).div_(width)
        tape.symmetric = symmetric.view(hidden * width, width).t()
        tape.forms = tape.scratch("forms", tape.plan.num_inner, hidden, width)

    def forward_level(self, tape: Tape, level: Level) -> None:
        z, h, forms = tape.join(level), tape.h[level.nodes], tape.forms[level.inner]
        product(z, tape.symmetric, out=forms.flatten(1))
        h.unsqueeze(2).baddbmm_(forms, z.unsqueeze(2), alpha=0.5)
        self._activate(add_product(h, z, tape.weights[1].t()))

    def backward_level(self, tape: Tape, level: Level) -> None:
        grad = tape.local_grad[level.nodes].mul_(tape.h_grad(level.nodes))
        child_h_grad = tape.backward_children(level, grad, tape.weights[1])
        child_h_grad.unsqueeze(1).baddbmm_(grad.unsqueeze(1), tape.forms[level.inner])

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        others = super().weight_gradients(tape)
        grad, z, outer = tape.local_grad[tape.plan.num_leaves :], tape.child_h, tape.forms
        torch.mul((grad / z.shape[1]).unsqueeze(2), z.unsqueeze(1), out=outer)
        return *others, gradient(outer.flatten(1), z).view(tape.weights[3].shape)
