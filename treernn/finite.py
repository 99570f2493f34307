"""Weights and scores have to be numbers."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor

from treernn.errors import DataError, ModelError

_LARGEST_NORM = 1e12  # far below where sums of products overflow


def finite(scores: Tensor) -> Tensor:
    """``scores``, which have to be numbers.

    Raises:
        ModelError: one is NaN or infinite, by weights or inputs that are too large.
    """
    if not math.isfinite(torch.linalg.vector_norm(scores)):
        raise ModelError("the model gives scores that are not finite; its weights are damaged")
    return scores


def check_finite(name: str, weight: Tensor, path: Path) -> None:
    """Check the norm of a weight, in a tenth of the time of ``isfinite``.

    Raises:
        DataError: a number is NaN or infinite, or so large that products would be.
    """
    if not torch.linalg.vector_norm(weight) < _LARGEST_NORM:
        raise DataError(
            f"{name} has numbers that are not finite, or beyond {_LARGEST_NORM:g}", path
        )
