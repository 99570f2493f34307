"""Make untrained models: from a seed, and no larger than the memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from treernn.errors import InputError
from treernn.weightless import Bounded

_MAX_TENSORS = 10_000
_BYTES = 8  # that a weight takes at least, with its gradient


@contextmanager
def new_model(seed: int) -> Iterator[None]:
    """Make a model in the block, with random weights of ``seed``; global random state is left as it
    was.

    Raises:
        InputError: the model that is being made would not fit into the memory. Raised early, since
            settings can describe a model that takes hours to make.
    """
    numbers = _memory() // _BYTES
    problem = (
        f"a model of these sizes has more than {numbers:,} weights, for which the memory is too "
        f"small, or more than {_MAX_TENSORS:,} tensors"
    )
    with torch.random.fork_rng(devices=[]), Bounded(_MAX_TENSORS, numbers, problem):
        torch.manual_seed(seed)
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError) or "memory" in str(error):
                raise InputError("not enough memory for a model of these sizes") from None
            raise


def _memory() -> int:
    """Bytes of the machine's memory; much where that is unknown."""
    if sys.platform == "win32":
        return 1 << 42
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 1 << 42
