"""Scores of spans from vectors of their two boundaries.

A biaffine product of two projections of the boundaries, one for the start and one for the end of a
span: Zhang, Zhou and Li (2020), "Fast and Accurate Neural CRF Constituency Parsing", section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Biaffine(nn.Module):
    """A score for each span.

    Args:
        boundary_size: size of the vector of a boundary.
        span_rank: size of its two projections.

    Attributes:
        dropout: dropout probability of boundaries and projections; see ``variational_dropout``.
    """

    def __init__(self, boundary_size: int, span_rank: int) -> None:
        super().__init__()
        self.dropout = 0.0
        self.start_projection = nn.Linear(boundary_size, span_rank)
        self.end_projection = nn.Linear(boundary_size, span_rank)
        self.weight = nn.Parameter(torch.empty(span_rank + 1, span_rank + 1))
        nn.init.normal_(self.weight, std=0.01)

    def forward(self, boundaries: Tensor) -> Tensor:
        """Score all spans.

        Args:
            boundaries: ``(n + 1, batch, boundary_size)``, before, between and after the words.

        Returns:
            ``(batch, n + 1, n + 1)``, see ``cky.inside``.
        """
        boundaries = self._dropout(boundaries)
        start, end = (
            functional.pad(self._dropout(projection(boundaries).relu()), (0, 1), value=1.0)
            for projection in (self.start_projection, self.end_projection)
        )
        return (start @ self.weight).transpose(0, 1) @ end.permute(1, 2, 0)

    def _dropout(self, x: Tensor) -> Tensor:
        return variational_dropout(x, self.dropout) if self.training else x


def variational_dropout(x: Tensor, p: float) -> Tensor:
    """Dropout on ``(steps, batch, size)`` with one mask for all steps (Gal and Ghahramani 2016)."""
    return x * functional.dropout(x.new_ones(x.shape[1:]), p) if p else x
