"""Equality of models and of what they compute.

Processors round differently by a number's place in a batch and by its address in memory. So only
weights are compared bit for bit; results that come by two ways are compared within rounding.
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn


def assert_same_weights(found: nn.Module, expected: nn.Module) -> None:
    """Both models have the same tensors, bit for bit."""
    mine, theirs = found.state_dict(), expected.state_dict()
    assert list(mine) == list(theirs)
    for name, tensor in mine.items():
        assert tensor.dtype == theirs[name].dtype, name
        assert torch.equal(tensor, theirs[name]), name


def assert_close(found: Iterable[np.ndarray], expected: Iterable[np.ndarray]) -> None:
    """Equally many float32 arrays, equal but for rounding."""
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
