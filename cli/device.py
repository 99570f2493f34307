"""The value of ``--device``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.cli.failures import report

if TYPE_CHECKING:
    import torch


def chosen_device(name: str) -> torch.device:
    """The device that an option names; a GPU that ``auto`` has found is reported.

    Raises:
        InputError: see ``usable_device``.
    """
    import torch

    from treernn.models.device import AUTO, usable_device

    device = usable_device(name)
    if name == AUTO and device.type == "cuda":
        report(f"on {torch.cuda.get_device_name(device)}; --device cpu is for the processor")
    return device
