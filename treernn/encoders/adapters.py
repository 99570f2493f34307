"""Averages of adapters (LoRA, Hu et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def average_adapters(
    pairs: Sequence[tuple[Tensor, Tensor]], shares: Sequence[float]
) -> tuple[Tensor, Tensor]:
    """The adapter whose change of a weight is nearest to the mean of those of several adapters.

    A change is B A. The mean of the factors would not be the mean of the changes, which has a
    higher rank; so its largest singular values are kept (Eckart and Young 1936).

    Args:
        pairs: A ``[rank, in]`` and B ``[out, rank]`` of each adapter, all of the same rank.
        shares: of each.

    Returns:
        A and B of the same shapes. Both have the square roots of the singular values, so that
        further training moves both.
    """
    rank = len(pairs[0][0])
    lower = torch.cat([first for first, _ in pairs])  # [n rank, in]
    upper = torch.cat([share * last for share, (_, last) in zip(shares, pairs, strict=True)], 1)
    # The singular values of a product of two thin matrices are those of a small one.
    left, small_left = torch.linalg.qr(upper.double())
    right, small_right = torch.linalg.qr(lower.double().T)
    u, values, v = torch.linalg.svd(small_left @ small_right.T)
    roots = values[:rank].sqrt()
    a = roots[:, None] * (v[:rank] @ right.T)
    b = left @ (u[:, :rank] * roots)
    return a.to(lower.dtype), b.to(upper.dtype)
