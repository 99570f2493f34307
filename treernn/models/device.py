"""Choose the device of a model."""

from __future__ import annotations

import torch

from treernn.errors import InputError


def usable_device(name: str) -> torch.device:
    """Check that a device exists and can be used.

    Raises:
        InputError: torch does not know or find the device, or it is not supported.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"no device is called {name!r}, expected cpu or cuda") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device {name!r}: torch {torch.__version__} finds no GPU")
    if device.type == "cuda" and (device.index or 0) >= (count := torch.cuda.device_count()):
        raise InputError(f"device {name!r}: torch finds {count} GPU(s), numbered from 0")
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"device {name!r} is not supported, expected cpu or cuda")
    return device
