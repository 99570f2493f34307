"""Make untrained models: from a seed, and no larger than the memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from treernn.errors import InputError

_MAKERS = frozenset(("empty", "zeros", "ones", "full"))
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
    with torch.random.fork_rng(devices=[]), _Bounded(_memory() // _BYTES):
        torch.manual_seed(seed)
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError) or "memory" in str(error):
                raise InputError("not enough memory for a model of these sizes") from None
            raise


class _Bounded(TorchFunctionMode):
    """Count the numbers of what will be made."""

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.limit = self.numbers = numbers
        self.tensors = _MAX_TENSORS

    def __torch_function__(
        self, func: Any, _types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in _MAKERS and "out" not in kwargs:
            self.tensors -= 1
            self.numbers -= func(*args, **{**kwargs, "device": "meta"}).numel()
            if self.numbers < 0:
                raise InputError(
                    f"a model of these sizes has more than {self.limit:,} weights, for which the "
                    "memory is too small"
                )
            if self.tensors < 0:
                raise InputError(f"a model of these sizes has more than {_MAX_TENSORS:,} tensors")
        return func(*args, **kwargs)


def _memory() -> int:
    """Bytes of the machine's memory; much where that is unknown."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 1 << 42
