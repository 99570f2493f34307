"""Dropout (Srivastava et al. 2014)."""

from __future__ import annotations

import torch
from torch import Tensor


def dropout(x: Tensor, probability: float) -> Tensor:
    """``x`` with elements zeroed with this probability, and the others scaled up to keep the mean.

    ``F.dropout`` takes four times as long on a CPU, nearly all of it for random numbers.
    """
    if probability == 0:
        return x
    dropout_mask = torch.rand(x.shape, device=x.device) >= probability
    return x * dropout_mask.to(x.dtype).div_(1 - probability)
