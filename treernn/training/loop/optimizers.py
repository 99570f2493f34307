"""The optimizers of torch, without its compiler.

torch marks methods of its optimizers as not to be compiled, and imports its compiler with sympy and
others to do so: when the first optimizer is made, which was a quarter of the time until the first
step. Here are the same methods without the mark. If a version of torch marks nothing, these are its
optimizers as they are.
"""

from __future__ import annotations

import inspect
from typing import TypeVar

import torch
from torch.optim import Optimizer

Kind = TypeVar("Kind", bound=Optimizer)


def _without_compiler(kind: type[Kind]) -> type[Kind]:
    names = ("add_param_group", "state_dict", "load_state_dict", "zero_grad")
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    methods["step"] = torch.no_grad()(inspect.unwrap(kind.step))  # what its mark does besides
    return type(kind.__name__, (kind,), methods)


SGD = _without_compiler(torch.optim.SGD)
Adagrad = _without_compiler(torch.optim.Adagrad)
AdamW = _without_compiler(torch.optim.AdamW)
SparseAdam = _without_compiler(torch.optim.SparseAdam)
