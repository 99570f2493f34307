"""Memory that processes do not need while they score large files.

oneDNN, which is part of torch, compiles a kernel for every new shape of an LSTM or a product, and
keeps a thousand of them. Texts come in so many shapes that a process grows by hundreds of MB until
it has them, although most are not used again: with 64 it is as fast.

glibc keeps what is freed, in gaps between small things that stay, such as the words that are
remembered, into which the tensors of the next texts do not fit.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

KERNELS = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64"}
"""Environment of processes that score; oneDNN reads it when it is used first."""


def keep_few_kernels() -> None:
    """Let this process keep few kernels of oneDNN, unless its environment has a number."""
    for name, value in KERNELS.items():
        os.environ.setdefault(name, value)


def give_back() -> None:
    """Give free memory back to the system. It takes some milliseconds, so after seconds of work."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> ctypes._NamedFuncPointer | None:
    """The function of glibc; None with another C library."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
