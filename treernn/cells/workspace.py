"""Scratch memory that is reused by later steps.

Page faults of newly allocated buffers took a quarter of the time of a training step.
"""

from __future__ import annotations

import math
import threading

import torch


class Workspace:
    """Named buffers of one device and type; each grows to the largest size requested."""

    def __init__(self, like: torch.Tensor, pool: list[Workspace]) -> None:
        self._device, self._dtype = like.device, like.dtype
        self._buffers: dict[str, torch.Tensor] = {}
        self.pool = pool  # where it waits between runs

    def take(self, name: str, *shape: int) -> torch.Tensor:
        """A contiguous tensor of ``shape`` with arbitrary content."""
        size = math.prod(shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < size:
            # Training cannot use a tensor that was made in inference mode.
            with torch.inference_mode(False):
                buffer = torch.empty(size + size // 4, dtype=self._dtype, device=self._device)
            self._buffers[name] = buffer
        return buffer[:size].view(shape)


class _Pools(threading.local):
    """The unused workspaces of a thread, by device and type."""

    def __init__(self) -> None:
        self.by_type: dict[tuple[torch.device, torch.dtype], list[Workspace]] = {}


_pools = _Pools()


def borrow(like: torch.Tensor) -> Workspace:
    """A workspace of the device and type of ``like``, which no other run uses."""
    pool = _pools.by_type.setdefault((like.device, like.dtype), [])
    return pool.pop() if pool else Workspace(like, pool)


def give_back(workspace: Workspace) -> None:
    """Return a workspace to the thread that borrowed it; its tensors must not be read any more.

    A pool keeps one workspace. Others, from several forward passes before a backward pass, are
    garbage collected.
    """
    workspace.pool[:] = [workspace]
