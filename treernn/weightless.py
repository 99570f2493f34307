"""Build modules without weights, which are loaded from a file later."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from treernn.errors import InputError

_MAKERS = frozenset(("empty", "zeros", "ones", "full", "tensor", "arange", "rand", "randn"))
# A module makes more tensors than it keeps, and an encoder tables that are not in its file.
_FACTOR, _SOME_TENSORS, _SOME_NUMBERS = 4, 256, 1 << 26


@contextlib.contextmanager
def weightless(tensors: int, numbers: int) -> Iterator[None]:
    """Modules that are made in the block have their tensors on the meta device: shapes, no memory.

    Initialization is skipped, which is slow and imports torch's compiler there.

    Args:
        tensors: how many the file has.
        numbers: how many these have together.

    Raises:
        InputError: the modules have many more, so the file is not theirs. Raised early, since a
            configuration can describe a model that takes hours to make.
    """
    with torch.device("meta"), Bounded(tensors, numbers):
        yield


class Bounded(TorchFunctionMode):
    """The bound of ``weightless`` without a change of device. Skips initialization of tensors that
    are on the meta device, counts what is made on any."""

    def __init__(self, tensors: int, numbers: int) -> None:
        super().__init__()
        self.tensors = _FACTOR * tensors + _SOME_TENSORS
        self.numbers = _FACTOR * numbers + _SOME_NUMBERS

    def __torch_function__(
        self, func: Any, _types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        if name.endswith("_") and not name.endswith("__"):
            target = args[0] if args else kwargs.get("tensor")
            if isinstance(target, Tensor) and target.is_meta:
                return target
        result = func(*args, **kwargs)
        if name in _MAKERS:
            self.tensors -= 1
            self.numbers -= result.numel()
            if self.tensors < 0 or self.numbers < 0:
                raise InputError("it describes a larger model than the one in the file of weights")
        return result
