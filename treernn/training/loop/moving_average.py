"""Exponential moving average of the weights during training (Polyak & Juditsky 1992)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

_MIN_DECAY = 1e-30  # practically zero, but it has a logarithm


class MovingAverage:
    """``mean ← decay · mean + (1 − decay) · weight`` after each step, for all trainable weights.

    A step changes few rows of a table with sparse gradients, and only these rows are updated here.
    The mean of a row that has not changed for some steps decays by the product of their decays;
    this is applied when the row changes again, or by ``settle``. So the cost of a step does not
    depend on the size of the table.

    Args:
        mean: a copy of ``model``; holds the average.
        model: is trained; its gradients must stay until ``update``.
        decay: fraction of the old mean at each step, 0 to below 1. The decay at step t is at most
            t / (t + 10), so that the initial weights fade quickly.
        steps: number of steps before.
    """

    def __init__(self, mean: nn.Module, model: nn.Module, decay: float, steps: int) -> None:
        self.decay, self.steps = decay, steps
        tables = {*sparse_tables(model)}
        pairs = [
            pair
            for pair in zip(mean.parameters(), model.parameters(), strict=True)
            if pair[1].requires_grad
        ]
        self._dense = [(average, weight) for average, weight in pairs if weight not in tables]
        self._tables = [_Table(average, weight) for average, weight in pairs if weight in tables]

    @torch.no_grad()
    def update(self) -> None:
        """Include the weights after a step."""
        self.steps += 1
        decay = max(min(self.decay, self.steps / (self.steps + 10)), _MIN_DECAY)
        for mean, weight in self._dense:
            mean.lerp_(weight, 1 - decay)
        for table in self._tables:
            table.update(decay)

    @torch.no_grad()
    def settle(self) -> None:
        """Apply all pending decays; the mean is exact afterwards."""
        for table in self._tables:
            table.settle()


def sparse_tables(model: nn.Module) -> list[Tensor]:
    """The embedding tables with sparse gradients."""
    return [
        module.weight
        for module in model.modules()
        if isinstance(module, nn.Embedding | nn.EmbeddingBag) and module.sparse
    ]


class _Table:
    """The mean of one embedding table.

    Times are sums of log decays: the decay over several steps is the exponential of a difference
    of two times.
    """

    def __init__(self, mean: Tensor, weight: Tensor) -> None:
        self.mean, self.weight = mean, weight
        self.last_weight = weight.detach().clone()  # each row after its last change
        self.last_time = torch.zeros(len(weight), dtype=torch.float64, device=weight.device)
        self.now = 0.0

    def update(self, decay: float) -> None:
        rows: Any = slice(None)
        gradient = self.weight.grad
        if gradient is not None and gradient.is_sparse:
            rows = gradient._indices()[0]  # may repeat, each time with the same result
        mean, weight = self._current(rows), self.weight[rows]
        self.mean[rows] = mean.lerp_(weight, 1 - decay)
        self.last_weight[rows] = weight
        self.now += math.log(decay)
        self.last_time[rows] = self.now

    def settle(self) -> None:
        self.mean.copy_(self._current(slice(None)))
        self.last_time.fill_(self.now)

    def _current(self, rows: Any) -> Tensor:
        """The mean of ``rows`` now, if they have not changed since."""
        decay = (self.now - self.last_time[rows]).exp().to(self.mean).unsqueeze(1)
        return torch.lerp(self.last_weight[rows], self.mean[rows], decay)
