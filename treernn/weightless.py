"""Build modules in bounds: a configuration can describe a model that takes hours to make."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from treernn.errors import InputError

_MAKERS = frozenset(("empty", "zeros", "ones", "full", "tensor", "arange", "rand", "randn"))
# A module makes more tensors than it keeps, and an encoder tables that are not in its file.
_FACTOR, _SOME_TENSORS, _SOME_NUMBERS = 4, 256, 1 << 26


@contextlib.contextmanager
def weightless(weights: Mapping[str, Tensor]) -> Iterator[None]:
    """Modules that are made in the block have their tensors on the meta device: shapes, no memory.

    Initialization is skipped, which is slow and imports torch's compiler there.

    Args:
        weights: of the file that they are loaded from later.

    Raises:
        InputError: as ``bounded_by``.
    """
    with torch.device("meta"), bounded_by(weights):
        yield


def bounded_by(weights: Mapping[str, Tensor]) -> Bounded:
    """The bound of a model with these weights.

    Raises:
        InputError: in the block, if many more are made, so these are not of this model.
    """
    return Bounded(
        _FACTOR * len(weights) + _SOME_TENSORS,
        _FACTOR * sum(weight.numel() for weight in weights.values()) + _SOME_NUMBERS,
        "it describes a larger model than the one in the file of weights",
    )


class Bounded(TorchFunctionMode):
    """Counts the tensors that a block makes, before each is made. Skips initialization of those on
    the meta device.

    Args:
        tensors: how many may be made.
        numbers: how many these may have together.
        problem: the message of the ``InputError`` if there are more.
    """

    def __init__(self, tensors: int, numbers: int, problem: str) -> None:
        super().__init__()
        self._tensors, self._numbers, self._problem = tensors, numbers, problem

    def __torch_function__(
        self, func: Any, _types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        # But inside ``orthogonal_`` older versions of torch transpose by ``t_``, and use the shape.
        if name.endswith("_") and not name.endswith("__") and name != "t_":
            target = args[0] if args else kwargs.get("tensor")
            if isinstance(target, Tensor) and target.is_meta:
                return target
        if name in _MAKERS and "out" not in kwargs:
            self._tensors -= 1
            self._numbers -= func(*args, **{**kwargs, "device": "meta"}).numel()
            if self._tensors < 0 or self._numbers < 0:
                raise InputError(self._problem)
        return func(*args, **kwargs)
