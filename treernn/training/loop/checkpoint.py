"""The state of a training run in one safetensors file; plain values lie in its header."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from treernn import strict_json
from treernn.errors import DataError, ModelError, one_line
from treernn.files import save_tensors
from treernn.models.storage import trainable_state

_ADAM = {"step", "exp_avg", "exp_avg_sq"}
_STATES: dict[type, set[str]] = {
    torch.optim.Adagrad: {"step", "sum"},
    torch.optim.AdamW: _ADAM,
    torch.optim.SparseAdam: _ADAM,
}
"""What some optimizers keep of each weight."""


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
    state = json.dumps(header)
    # One text, because safetensors writes several in an order that changes from run to run.
    save_tensors(path, tensors, {"state": f"{_digest(tensors, state)} {state}"})


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint | None:
    """Read a checkpoint; None if there is no such file.

    Raises:
        ModelError: the file is not a checkpoint, or not as it was written.
    """
    path = Path(path)
    if not os.path.lexists(path):
        return None
    try:
        if not path.is_file():
            raise ValueError("no file")
        with safe_open(path, framework="pt") as file:
            # The file gives views at any address; a copy is aligned.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
        checksum, _, state = metadata["state"].partition(" ")
        if checksum != _digest(tensors, state):
            raise ValueError("its checksum is wrong")
        header = strict_json.loads(state)
        if not isinstance(header, dict):
            raise ValueError("it has no state")
    except (SafetensorError, DataError, KeyError, TypeError, ValueError, OSError) as error:
        raise not_a_checkpoint(path, error) from None
    return Checkpoint(tensors, header)


def not_a_checkpoint(path: str | os.PathLike[str], error: Exception) -> ModelError:
    """The error of a file that cannot be one."""
    reason = f"{error} is missing" if isinstance(error, KeyError) else one_line(error)
    return ModelError(f"{path}: not a checkpoint ({reason}); remove it to start again")


def check_state(module: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Check that these are finite values for all trained weights of a module, and no others.

    Raises:
        ValueError: they are not.
    """
    expected = trainable_state(module)
    for name in sorted(expected.keys() | weights.keys()):
        found, wanted = (state.get(name) for state in (weights, expected))
        if found is None or wanted is None:
            raise ValueError(f"{name} is {'missing' if found is None else 'no weight'}")
        if (found.shape, found.dtype) != (wanted.shape, wanted.dtype):
            raise ValueError(f"{name} is {found.dtype} {[*found.shape]}")
        if found.is_floating_point() and not bool(torch.isfinite(found).all()):
            raise ValueError(f"{name} is not finite")


def _digest(tensors: Mapping[str, Tensor], state: str) -> str:
    digest = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"\0{name}\0{tensor.dtype}\0{[*tensor.shape]}\0".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The state of an optimizer as a flat dict: ``"3.sum"`` is ``sum`` of its fourth parameter."""
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{key}": torch.as_tensor(value)
        for index, values in state.items()
        for key, value in values.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Restore the state of an optimizer from ``optimizer_tensors``.

    Raises:
        ValueError, IndexError: it is that of other weights.
    """
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        index, key = name.split(".")
        if tensor.shape != (() if key == "step" else weights[int(index)].shape):
            raise ValueError(f"{name} of the optimizer is {[*tensor.shape]}")
        # Some optimizers count their steps in Python integers.
        is_count = tensor.dim() == 0 and not tensor.is_floating_point()
        state.setdefault(int(index), {})[key] = tensor.item() if is_count else tensor
    known = next((keys for kind, keys in _STATES.items() if isinstance(optimizer, kind)), None)
    if known and any(values.keys() != known for values in state.values()):
        raise ValueError(f"the optimizer has something else than {', '.join(sorted(known))}")
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def with_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start with ``prefix``; the prefix is removed."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
