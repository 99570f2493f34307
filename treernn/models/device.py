"""Choose the device of a model."""

from __future__ import annotations

import functools
from pathlib import Path

import torch

from treernn.errors import InputError

AUTO = "auto"
"""The first GPU where there is one, otherwise the CPU."""

_EXPECTED = "expected auto, cpu, cuda or cuda:N"


def usable_device(name: str) -> torch.device:
    """Check that a device exists and can be used.

    Args:
        name: ``auto``, ``cpu``, ``cuda``, or ``cuda:N`` for GPU number N.

    Raises:
        InputError: torch does not know or find the device, or it is not supported.
    """
    if name == AUTO:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"no device is called {name!r}, {_EXPECTED}") from None
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"device {name!r} is not supported, {_EXPECTED}")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device {name!r}: torch {torch.__version__} finds no GPU")
    if device.type == "cuda" and (device.index or 0) >= (count := torch.cuda.device_count()):
        raise InputError(f"device {name!r}: torch finds {count} GPU(s), numbered from 0")
    return device


@functools.cache
def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the device is a CPU that multiplies matrices in bfloat16 faster than in float32.

    Others can do it too, but convert each number first, which is slower. torch has no public
    function that says so; Linux lists the instructions of the processor.
    """
    info = Path("/proc/cpuinfo")
    if device.type != "cpu" or not info.is_file() or not torch.backends.mkldnn.is_available():
        return False
    uses_avx512 = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    return uses_avx512 and "avx512_bf16" in info.read_text("utf-8", "replace").split()
