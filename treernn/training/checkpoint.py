"""The state of a training run in one file: tensors, and a few plain values in its header."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from treernn.errors import ModelError
from treernn.files import save_tensors


class Checkpoint(NamedTuple):
    """What a run needs to go on.

    Attributes:
        tensors: by name.
        values: whatever JSON can hold.
    """

    tensors: dict[str, Tensor]
    values: dict[str, Any]


def save_checkpoint(
    path: str | os.PathLike[str], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
) -> None:
    """Write a checkpoint, in place of the one before it, whole or not at all."""
    save_tensors(path, tensors, {"state": json.dumps(values)})


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint | None:
    """The checkpoint, or None where there is none.

    Raises:
        ModelError: the file is not a checkpoint.
    """
    if not Path(path).exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            # Copies: what the file gives is a view of it, at whatever address.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            values = json.loads(file.metadata()["state"])
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise ModelError(f"{path}: not a checkpoint ({error}); remove it to start anew") from None
    return Checkpoint(tensors, values)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """An optimizer's state, flat: ``"3.sum"`` is the ``sum`` kept for its fourth parameter."""
    state = optimizer.state_dict()["state"]
    return {
        f"{number}.{key}": torch.as_tensor(value)
        for number, kept in state.items()
        for key, value in kept.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put back what ``optimizer_tensors`` gave."""
    state: dict[int, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        number, key = name.split(".")
        # Some count their steps in Python's own numbers.
        counts = tensor.dim() == 0 and not tensor.is_floating_point()
        state.setdefault(int(number), {})[key] = tensor.item() if counts else tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix``, without it."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
