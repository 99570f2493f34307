"""Mixed precision (Micikevicius et al. 2018): products in bfloat16; weights, losses in float32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

PRECISIONS = ("float32", "bfloat16")
"""Values of the setting ``precision``."""


def mixed(precision: str, device: torch.device) -> torch.autocast:
    """A context in which layers and encoders compute in bfloat16 if that is the precision.

    Cells stay in float32, see ``treernn.engine.run``.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


@contextmanager
def fast_products(precision: str, device: torch.device) -> Iterator[None]:
    """A context in which a GPU multiplies what stays in float32 as TF32, with 10 bits of mantissa,
    if the precision is bfloat16, which has 7."""
    before = torch.get_float32_matmul_precision()
    if device.type == "cuda" and precision == "bfloat16":
        torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
