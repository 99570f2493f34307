"""A moving average of weights while they learn (Polyak & Juditsky 1992)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

_LEAST = 1e-30  # is nothing, and has a logarithm


class MovingAverage:
    """``mean ← keep · mean + (1 − keep) · weight`` after each step, for all weights that learn.

    Of a table with sparse gradients a step changes few rows, and only these are averaged: a row
    that rests since some steps has its mean come nearer by the product of their ``keep``, which is
    made up for when the row changes again, or in ``settle``. So a step takes no longer over a large
    table.

    Args:
        mean: like ``model``, holds the average.
        model: learns; gradients stay until the average has been updated.
        keep: share of the old average at each step, 0 to below 1.
        steps: how many there were before. Early on the average is young too, lest the initial
            weights linger in it: at step t no more than t / (t + 10) of it is kept.
    """

    def __init__(self, mean: nn.Module, model: nn.Module, keep: float, steps: int) -> None:
        self.keep, self.steps = keep, steps
        tables = {
            module.weight
            for module in model.modules()
            if isinstance(module, nn.Embedding | nn.EmbeddingBag) and module.sparse
        }
        pairs = [
            pair
            for pair in zip(mean.parameters(), model.parameters(), strict=True)
            if pair[1].requires_grad
        ]
        self._dense = [(each, weight) for each, weight in pairs if weight not in tables]
        self._tables = [_Table(each, weight) for each, weight in pairs if weight in tables]

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights after a step into the average."""
        self.steps += 1
        keep = max(min(self.keep, self.steps / (self.steps + 10)), _LEAST)
        for mean, weight in self._dense:
            mean.lerp_(weight, 1 - keep)
        for table in self._tables:
            table.update(keep)

    @torch.no_grad()
    def settle(self) -> None:
        """Bring the rows that rest up to the present; the average is whole then."""
        for table in self._tables:
            table.settle()


class _Table:
    """One table, its mean, and since when each row rests.

    Times are sums of log keep, so that the share of the mean's distance that is left after some
    steps is the exponential of a difference of two.
    """

    def __init__(self, mean: Tensor, weight: Tensor) -> None:
        self.mean, self.weight = mean, weight
        self.resting = weight.detach().clone()  # each row as it was when it last changed
        self.since = torch.zeros(len(weight), dtype=torch.float64, device=weight.device)
        self.now = 0.0

    def update(self, keep: float) -> None:
        rows: Any = slice(None)
        gradient = self.weight.grad
        if gradient is not None and gradient.is_sparse:
            rows = gradient._indices()[0].unique()
        mean, weight = self._present(rows), self.weight[rows]
        self.mean[rows] = mean.lerp_(weight, 1 - keep)
        self.resting[rows] = weight
        self.now += math.log(keep)
        self.since[rows] = self.now

    def settle(self) -> None:
        self.mean.copy_(self._present(slice(None)))
        self.since.fill_(self.now)

    def _present(self, rows: Any) -> Tensor:
        """The mean of ``rows`` now, were they to rest."""
        left = (self.now - self.since[rows]).exp().to(self.mean).unsqueeze(1)
        return torch.lerp(self.resting[rows], self.mean[rows], left)
