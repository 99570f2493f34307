"""Matrix products, in place where torch's are.

torch computes float32 products on a CPU with MKL, which on AMD processors uses half the width of
AVX-512. oneDNN, which is part of torch, uses all of it and is twice as fast there from about
sixteen rows on. Everywhere else these functions call torch.

oneDNN compiles a kernel for every new shape and caches a thousand of them. So it gets few shapes: a
multiple of 128 rows, then a multiple of 32; fewer than 128 rows as they are.
"""

from __future__ import annotations

import functools
import platform
from pathlib import Path

import torch
from torch import Tensor

_BLOCK, _TAIL, _MIN_ROWS = 128, 32, 16


def product(a: Tensor, b: Tensor, out: Tensor, bias: Tensor | None = None) -> Tensor:
    """``out = a @ b + bias``."""
    parts = _onednn_rows(a)
    if not parts:
        return torch.mm(a, b, out=out) if bias is None else torch.addmm(bias, a, b, out=out)
    if parts[-1].stop < len(a):
        parts.append(slice(len(a) - _TAIL, len(a)))  # some rows twice, to avoid a new shape
    for rows in parts:
        out[rows] = _onednn(a[rows], b, bias)
    return out


def add_product(total: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """``total += a @ b``."""
    parts = _onednn_rows(a) if len(a) >= _MIN_ROWS else []
    if not parts:
        return total.addmm_(a, b)
    if parts[0].stop == len(a):  # most levels; slicing takes as long as a small product
        return total.add_(_onednn(a, b))
    for rows in parts:
        total[rows].add_(_onednn(a[rows], b))
    rest = parts[-1].stop
    if rest < len(a):
        total[rest:].addmm_(a[rest:], b)
    return total


def gradient(output_grad: Tensor, inputs: Tensor) -> Tensor:
    """``output_grad.T @ inputs``, the gradient of a weight: a sum over many rows."""
    parts = _onednn_rows(output_grad)
    if not parts or parts[0].stop < _BLOCK:
        return output_grad.t() @ inputs
    rest = parts[0].stop
    total = _onednn(output_grad[:rest].t(), inputs[:rest])
    return total.addmm_(output_grad[rest:].t(), inputs[rest:])


def _onednn_rows(a: Tensor) -> list[slice]:
    """Up to two slices from the first row on, for oneDNN; none where torch is as fast."""
    count = len(a)
    if count < _MIN_ROWS or a.dtype != torch.float32 or a.is_cuda or not onednn_is_faster():
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
        b = b.contiguous()  # oneDNN is slow for a slice of columns
    return torch.ops.mkldnn._linear_pointwise(a, b.t(), bias, "none", [], "")


@functools.cache
def onednn_is_faster() -> bool:
    """Whether oneDNN is faster than MKL on this processor."""
    return (
        torch.backends.mkldnn.is_available()
        and torch.backends.cpu.get_cpu_capability().startswith("AVX512")
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        and "AuthenticAMD" in _processor()
        and _onednn_works()
    )


def _onednn_works() -> bool:
    """Whether torch's private operator still takes these arguments."""
    ones = torch.ones(_MIN_ROWS, 2)
    try:
        result = _onednn(ones, torch.ones(2, 3))
    except (RuntimeError, TypeError):
        return False
    return bool(torch.equal(result, torch.full((_MIN_ROWS, 3), 2.0)))


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    return info.read_text(errors="replace") if info.is_file() else platform.processor()


def project(x: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """``x @ weight.T + bias`` into the first ``len(x)`` rows of ``out``, and ``bias`` into the
    others, whose nodes have no input."""
    product(x, weight.t(), out[: len(x)], bias)
    out[len(x) :] = bias


def tanh_(x: Tensor) -> Tensor:
    """``tanh`` in place; on a CPU as 1 - 2σ(-2x), which is several times faster in torch."""
    if x.device.type != "cpu":
        return x.tanh_()
    x.mul_(-2).sigmoid_()
    return torch.add(_one(x.dtype), x, alpha=-2, out=x)


@functools.cache
def _one(dtype: torch.dtype) -> Tensor:
    with torch.inference_mode(False):  # training cannot use a tensor that was made in it
        return torch.ones((), dtype=dtype)
