"""Scores of spans from what is known of their two boundaries.

A biaffine form of two views of a boundary, as one where a span opens and as one where it closes:
Zhang, Zhou and Li (2020), "Fast and Accurate Neural CRF Constituency Parsing", section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Biaffine(nn.Module):
    """A score for each span.

    Args:
        size: numbers that are known of a boundary.
        rank: numbers of each of its two views.

    Attributes:
        dropout: share of them that training leaves out, see ``drop_alike``.
    """

    def __init__(self, size: int, rank: int) -> None:
        super().__init__()
        self.dropout = 0.0
        self.opening = nn.Linear(size, rank)
        self.closing = nn.Linear(size, rank)
        self.form = nn.Parameter(torch.empty(rank + 1, rank + 1))
        nn.init.normal_(self.form, std=0.01)

    def forward(self, bounds: Tensor) -> Tensor:
        """``(batch, n + 1, n + 1)`` scores, as ``cky.best_splits`` takes them, of the boundaries
        ``(n + 1, batch, size)`` before, between and after the words of sentences."""
        bounds = self._drop(bounds)
        opening = functional.pad(self._drop(self.opening(bounds).relu()), (0, 1), value=1.0)
        closing = functional.pad(self._drop(self.closing(bounds).relu()), (0, 1), value=1.0)
        return (opening @ self.form).transpose(0, 1) @ closing.permute(1, 2, 0)

    def _drop(self, values: Tensor) -> Tensor:
        return drop_alike(values, self.dropout) if self.training else values


def drop_alike(values: Tensor, share: float) -> Tensor:
    """``(steps, batch, size)`` with the same numbers of each sentence dropped at all steps, and
    the others larger for it (Gal and Ghahramani 2016)."""
    if not share:
        return values
    return values * functional.dropout(values.new_ones(values.shape[1:]), share)
