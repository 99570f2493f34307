"""Scratch memory that outlives a step.

A fresh buffer of megabytes costs its page faults anew at every step; they were a quarter of a
training step's time before the buffers were kept.
"""

from __future__ import annotations

import math
import threading

import torch


class Workspace:
    """Named buffers of one device and type, each as large as the largest ever asked for."""

    def __init__(self, like: torch.Tensor, home: list[Workspace]) -> None:
        self._device, self._dtype = like.device, like.dtype
        self._buffers: dict[str, torch.Tensor] = {}
        self.home = home  # where it goes when nobody uses it

    def take(self, name: str, *shape: int) -> torch.Tensor:
        """A contiguous tensor of ``shape`` with arbitrary content."""
        size = math.prod(shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < size:
            # A tensor made in inference mode would be of no use to training afterwards.
            with torch.inference_mode(False):
                buffer = torch.empty(size + size // 4, dtype=self._dtype, device=self._device)
            self._buffers[name] = buffer
        return buffer[:size].view(shape)


class _Idle(threading.local):
    """The workspaces nobody uses at the moment, by device and type; one set per thread."""

    def __init__(self) -> None:
        self.workspaces: dict[tuple[torch.device, torch.dtype], list[Workspace]] = {}


_idle = _Idle()


def borrow(like: torch.Tensor) -> Workspace:
    """A workspace for tensors of the device and type of ``like``, for the caller alone."""
    home = _idle.workspaces.setdefault((like.device, like.dtype), [])
    return home.pop() if home else Workspace(like, home)


def give_back(workspace: Workspace) -> None:
    """Let the thread that borrowed the workspace use it again; its tensors must not be read any
    more.

    One is kept: whatever more were out at once (several forward passes before a backward pass)
    are left to the garbage collector.
    """
    workspace.home[:] = [workspace]
