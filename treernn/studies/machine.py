"""The machine of a measurement, and a stopwatch."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch


def machine(**settings: Any) -> dict[str, Any]:
    """Settings of a measurement, then the machine, its load, and versions."""
    return {
        **settings,
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "cpu": cpu_name(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def device_name(device: torch.device | str) -> str:
    """``cpu``, or the name of a GPU."""
    device = torch.device(device)
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def cpu_name() -> str:
    """The model name of the processor."""
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.is_file() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def seconds(step: Callable[[], object], device: torch.device | str = "cpu") -> float:
    """Duration of a call; on a GPU by its own clock, from its start to the end of all that it has
    started there."""
    if torch.device(device).type == "cuda":
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize(device)
        first.record(torch.cuda.current_stream(device))
        step()
        last.record(torch.cuda.current_stream(device))
        last.synchronize()
        return first.elapsed_time(last) / 1000
    start = time.perf_counter()
    step()
    return time.perf_counter() - start
