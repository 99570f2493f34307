"""The state of a training run in one safetensors file; plain values lie in its header."""

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
    """The state of a run.

    Attributes:
        tensors: by name.
        header: plain values, as JSON holds them.
    """

    tensors: dict[str, Tensor]
    header: dict[str, Any]


def save_checkpoint(
    path: str | os.PathLike[str], tensors: Mapping[str, Tensor], header: Mapping[str, Any]
) -> None:
    """Write a checkpoint atomically; it replaces the previous one."""
    save_tensors(path, tensors, {"state": json.dumps(header)})


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint | None:
    """Read a checkpoint; None if there is no such file.

    Raises:
        ModelError: the file is not a checkpoint.
    """
    if not Path(path).exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            # The file gives views at any address; a copy is aligned.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            header = json.loads(file.metadata()["state"])
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise ModelError(f"{path}: not a checkpoint ({error}); remove it to start again") from None
    return Checkpoint(tensors, header)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The state of an optimizer as a flat dict: ``"3.sum"`` is ``sum`` of its fourth parameter."""
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{key}": torch.as_tensor(value)
        for index, values in state.items()
        for key, value in values.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Restore the state of an optimizer from ``optimizer_tensors``."""
    state: dict[int, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        index, key = name.split(".")
        # Some optimizers count their steps in Python integers.
        is_count = tensor.dim() == 0 and not tensor.is_floating_point()
        state.setdefault(int(index), {})[key] = tensor.item() if is_count else tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def with_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start with ``prefix``; the prefix is removed."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
