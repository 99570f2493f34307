"""Move batches to a device without waiting for it."""

from __future__ import annotations

import copy
from dataclasses import is_dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

Value = TypeVar("Value")


def to_device(value: Value, device: torch.device | str) -> Value:
    """The same value with all its tensors on a device.

    To a GPU they are copied from pinned memory, so that only what uses them there waits for them.

    Args:
        value: on the CPU: a tensor; a tuple, a dictionary or a dataclass of such values, with what
            it has computed of itself; anything else stays as it is.
        device: the device.

    >>> to_device((torch.zeros(2), None, "x"), "cpu")
    (tensor([0., 0.]), None, 'x')
    """
    device = torch.device(device)
    return value if device.type == "cpu" else _moved(value, device)


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, Tensor):
        if device.type == "cuda" and value.device.type == "cpu":
            value = value.pin_memory()
        return value.to(device, non_blocking=True)
    if isinstance(value, tuple):
        parts = (_moved(part, device) for part in value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, dict):
        return {name: _moved(part, device) for name, part in value.items()}
    if is_dataclass(value):
        moved = copy.copy(value)
        vars(moved).update(_moved(vars(value), device))
        return moved
    return value
