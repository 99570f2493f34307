"""Where a model runs."""

from __future__ import annotations

import torch

from treernn.errors import InputError


def usable_device(name: str) -> torch.device:
    """The device of that name.

    Raises:
        InputError: torch knows no such device, or does not see one.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"no device is called {name!r}; there are cpu and cuda") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"{name} was asked for, but torch {torch.__version__} sees no GPU")
    if device.type == "cuda" and (device.index or 0) >= (count := torch.cuda.device_count()):
        many = "1 GPU" if count == 1 else f"{count} GPUs"
        raise InputError(f"{name} was asked for, but torch sees {many}, numbered from 0")
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"device {name!r} is not supported; there are cpu and cuda")
    return device
