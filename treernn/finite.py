"""Weights have to be numbers."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from treernn.errors import DataError

_LARGEST_NORM = 1e12  # far below where sums of products overflow


def check_finite(name: str, weight: Tensor, path: Path) -> None:
    """Check the norm of a weight, in a tenth of the time of ``isfinite``.

    Raises:
        DataError: a number is NaN or infinite, or so large that products would be.
    """
    if not torch.linalg.vector_norm(weight) < _LARGEST_NORM:
        raise DataError(
            f"{name} has numbers that are not finite, or beyond {_LARGEST_NORM:g}", path
        )
