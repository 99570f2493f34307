"""Faster linear layers and dropout on a CPU, for models of other libraries."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from treernn.cells.dropout import dropout
from treernn.cells.products import gradient, onednn_is_faster, product


def accelerate(module: nn.Module) -> None:
    """Replace the computation of the layers in ``module``, not their weights, where
    ``treernn.cells.products`` and ``treernn.cells.dropout`` are faster."""
    for layer in module.modules():
        if type(layer) is nn.Dropout:
            layer.__class__ = Dropout
        elif type(layer) is nn.Linear and onednn_is_faster():
            layer.__class__ = Linear


class Dropout(nn.Dropout):
    """Dropout by ``treernn.cells.dropout``."""

    def forward(self, input: Tensor) -> Tensor:
        """See ``nn.Dropout``."""
        return dropout(input, self.p if self.training else 0)


class Linear(nn.Linear):
    """A linear layer by ``treernn.cells.products``; it can be differentiated once."""

    def forward(self, input: Tensor) -> Tensor:
        """``[…, in]`` to ``[…, out]``."""
        if input.dtype != torch.float32:
            return super().forward(input)
        rows = input.reshape(-1, self.in_features)
        return linear(rows, self.weight, self.bias).view(*input.shape[:-1], self.out_features)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """``F.linear`` of ``[rows, in]`` by ``treernn.cells.products``."""
    if torch.is_autocast_enabled(x.device.type):
        return F.linear(x, weight, bias)
    return _Linear.apply(x, weight, bias)


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return product(x, weight.t(), x.new_empty(len(x), len(weight)), bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        grad = grads[0].contiguous()
        x_needs_grad, weight_needs_grad, bias_needs_grad = ctx.needs_input_grad
        return (
            product(grad, weight, torch.empty_like(x)) if x_needs_grad else None,
            gradient(grad, x) if weight_needs_grad else None,
            grad.sum(0) if bias_needs_grad else None,
        )
