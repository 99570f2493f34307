"""Matrix products, in place where torch's own are.

torch hands float32 products on a CPU to MKL, which on AMD's processors leaves half the width of
AVX-512 unused. oneDNN, which torch brings along for its other layers, does not: it is twice as
fast there from some sixteen rows on. Elsewhere everything here is torch's own product.

oneDNN compiles a kernel for every new shape and keeps a thousand of them, so that it gets shapes
that come again: a multiple of 128 rows, then one of 32; fewer than 128 at once.
"""

from __future__ import annotations

import functools
import platform
from pathlib import Path

import torch
from torch import Tensor

_BLOCK, _TAIL, _FEWEST = 128, 32, 16


def product(a: Tensor, b: Tensor, out: Tensor, bias: Tensor | None = None) -> Tensor:
    """``out = a @ b + bias``."""
    fast = _rows_for_onednn(a)
    if not fast:
        return torch.mm(a, b, out=out) if bias is None else torch.addmm(bias, a, b, out=out)
    if fast[-1].stop < len(a):
        fast.append(slice(len(a) - _TAIL, len(a)))  # some rows twice: a shape that comes again
    for rows in fast:
        out[rows] = _onednn(a[rows], b, bias)
    return out


def add_product(total: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """``total += a @ b``."""
    if len(a) < _FEWEST:
        return total.addmm_(a, b)
    fast = _rows_for_onednn(a)
    if not fast:
        return total.addmm_(a, b)
    if fast[0].stop == len(a):  # most levels; slices cost as much as small products
        return total.add_(_onednn(a, b))
    for rows in fast:
        total[rows].add_(_onednn(a[rows], b))
    rest = fast[-1].stop if fast else 0
    if rest < len(a):
        total[rest:].addmm_(a[rest:], b)
    return total


def gradient(above: Tensor, below: Tensor) -> Tensor:
    """``above.T @ below``, the gradient of a weight: a sum over many rows."""
    blocks = _rows_for_onednn(above)[:1]
    if not blocks or blocks[0].stop < _BLOCK:
        return above.t() @ below
    total = _onednn(above[blocks[0]].t(), below[blocks[0]])
    rest = blocks[0].stop
    return total.addmm_(above[rest:].t(), below[rest:])


def _rows_for_onednn(a: Tensor) -> list[slice]:
    """The first rows of ``a``, in up to two slices; none where torch is as fast."""
    count = len(a)
    if count < _FEWEST or a.dtype != torch.float32 or a.is_cuda or not onednn_is_faster():
        return []
    if count < _BLOCK:
        return [slice(count)]
    blocks, rest = count - count % _BLOCK, count % _BLOCK
    parts = [slice(0, blocks)]
    if rest >= _TAIL:
        parts.append(slice(blocks, count - rest % _TAIL))
    return parts


def _onednn(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    if not (b.is_contiguous() or b.t().is_contiguous()):
        b = b.contiguous()  # oneDNN has only slow loops for a slice of columns
    return torch.ops.mkldnn._linear_pointwise(a, b.t(), bias, "none", [], "")


@functools.cache
def onednn_is_faster() -> bool:
    """Whether this is a processor where oneDNN multiplies faster than MKL."""
    return (
        torch.backends.mkldnn.is_available()
        and torch.backends.cpu.get_cpu_capability().startswith("AVX512")
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        and "AuthenticAMD" in _processor()
        and _works()
    )


def _works() -> bool:
    """Whether this torch has the operator as it is used here; it is not part of its interface."""
    ones = torch.ones(_FEWEST, 2)
    try:
        return bool(torch.equal(_onednn(ones, torch.ones(2, 3)), torch.full((_FEWEST, 3), 2.0)))
    except (RuntimeError, TypeError):
        return False


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    return info.read_text(errors="replace") if info.is_file() else platform.processor()
