"""The linear layers and dropout of other people's nets, as fast as ours on a CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from treernn.cells.dropout import dropout
from treernn.cells.products import gradient, onednn_is_faster, product


def quicken(module: nn.Module) -> None:
    """Let the layers inside ``module`` compute by ``treernn.cells.products`` where that is faster.

    The layers stay what they are, with their own weights; only how they compute changes.
    """
    for layer in module.modules():
        if type(layer) is nn.Dropout:
            layer.__class__ = Dropout
        elif type(layer) is nn.Linear and onednn_is_faster():
            layer.__class__ = Linear


class Dropout(nn.Dropout):
    """Dropout by ``treernn.cells.dropout``."""

    def forward(self, input: Tensor) -> Tensor:
        """``input`` of any shape, with a share of it left out in training."""
        return dropout(input, self.p if self.training else 0)


class Linear(nn.Linear):
    """A linear layer by ``treernn.cells.products``; it can be differentiated once."""

    def forward(self, input: Tensor) -> Tensor:
        """``[…, in]`` to ``[…, out]``."""
        if input.dtype != torch.float32 or torch.is_autocast_enabled(input.device.type):
            return super().forward(input)
        rows = input.reshape(-1, self.in_features)
        return _Product.apply(rows, self.weight, self.bias).view(
            *input.shape[:-1], self.out_features
        )


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return product(x, weight.t(), x.new_empty(len(x), len(weight)), bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        above_rows = above[0].contiguous()
        for_x, for_weight, for_bias = ctx.needs_input_grad
        return (
            product(above_rows, weight, torch.empty_like(x)) if for_x else None,
            gradient(above_rows, x) if for_weight else None,
            above_rows.sum(0) if for_bias else None,
        )
