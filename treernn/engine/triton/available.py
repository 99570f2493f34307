"""Whether the ``triton`` backend can run a cell, found without importing triton where it cannot."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import torch

from treernn.cells import Cell
from treernn.errors import InputError, one_line

_OLDEST = (3, 5)  # older interpreters multiply no float64
# Subclasses of these cells have other rules.
_KERNELS = {
    "treernn.cells.lstm.LSTM": "lstm.LSTMKernels",
    "treernn.cells.child_sum_lstm.ChildSumLSTM": "child_sum_lstm.ChildSumLSTMKernels",
    "treernn.cells.gru.GRU": "gru.GRUKernels",
    "treernn.cells.elman.Elman": "elman.ElmanKernels",
}


def kernels_of(cell: Cell, required: bool = False) -> Any:
    """The steps of a cell as kernels; None if it has none, or they cannot run where the cell is.

    Raises:
        InputError: they are required and cannot run.
    """
    reason = _why_not(cell)
    if reason is None:
        return load_kernels(cell)
    if required:
        raise InputError(f"{reason}; use the levels backend")
    return None


def load_kernels(cell: Cell) -> Any:
    """The kernels of a cell that has some; imports triton."""
    module, _, name = _KERNELS[_path(cell)].rpartition(".")
    return getattr(importlib.import_module(f"treernn.engine.triton.{module}"), name)(cell)


def _why_not(cell: Cell) -> str | None:
    """Why a cell cannot run in kernels; None if it can."""
    device, dtype = cell.weight_input.device, cell.weight_input.dtype
    if _path(cell) not in _KERNELS:
        return f"the triton backend has no kernels for the cell {cell.name}"
    reason = why_not_on(device)
    if reason is None and device.type != "cpu" and dtype != torch.float32:
        return f"the triton backend computes in float32, the cell is {dtype}"
    return reason


@functools.cache
def why_not_on(device: torch.device) -> str | None:
    """Why kernels do not run on a device; None if they do."""
    try:
        from treernn.engine.triton import blocks
    except Exception as error:  # whatever an import of another build of torch or triton raises
        return f"triton cannot be imported here ({one_line(error)})"
    if tuple(map(int, blocks.VERSION.split(".")[:2])) < _OLDEST:
        return f"the triton backend needs triton 3.5 or newer, not {blocks.VERSION}"
    if device.type == "cpu":
        if blocks.INTERPRETED:
            return None
        return "the triton backend is for CUDA devices, the cell is on cpu"
    if blocks.INTERPRETED:
        return f"triton is in its interpreter (TRITON_INTERPRET), which is no use on {device}"
    if torch.version.cuda is None or torch.cuda.get_device_capability(device) < (8, 0):
        return f"the triton backend needs a CUDA device of compute capability 8.0, not {device}"
    try:
        with torch.cuda.device(device):
            works = blocks.works_on(device)
    except Exception as error:  # no compiler, no driver, …
        return f"triton does not work on {device} ({one_line(error)})"
    return None if works else f"triton computes wrongly on {device}"


def _path(cell: Cell) -> str:
    return f"{type(cell).__module__}.{type(cell).__qualname__}"
