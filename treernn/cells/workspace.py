"""Scratch memory that outlives a step.

A fresh buffer of megabytes costs its page faults anew at every step; they were a quarter of a
training step's time before the buffers were kept.
"""

from __future__ import annotations

import threading

import torch


class Workspace:
    """Named buffers of one device and type, each as large as the largest ever asked for."""

    def __init__(self, like: torch.Tensor) -> None:
        self._like = like.new_empty(0)
        self._buffers: dict[str, torch.Tensor] = {}

    def take(self, name: str, *shape: int) -> torch.Tensor:
        """A contiguous tensor of ``shape`` with arbitrary content."""
        size = 1
        for extent in shape:
            size *= extent
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < size:
            buffer = self._buffers[name] = self._like.new_empty(size + size // 4)
        return buffer[:size].view(shape)


class _Free(threading.local):
    """The workspaces nobody uses at the moment, by device and type; one set per thread."""

    def __init__(self) -> None:
        self.workspaces: dict[tuple[torch.device, torch.dtype], list[Workspace]] = {}


_free = _Free()


def borrow(like: torch.Tensor) -> Workspace:
    """A workspace for tensors of the device and type of ``like``, for the caller alone."""
    idle = _free.workspaces.get((like.device, like.dtype))
    return idle.pop() if idle else Workspace(like)


def give_back(workspace: Workspace) -> None:
    """Let others use the workspace; its tensors must not be read any more.

    One is kept: whatever more were out at once (several forward passes before a backward pass)
    are left to the garbage collector.
    """
    key = (workspace._like.device, workspace._like.dtype)
    _free.workspaces[key] = [workspace]
