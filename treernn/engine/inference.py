"""Running a model without learning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def inference(model: nn.Module) -> Iterator[None]:
    """No dropout and no gradients; afterwards the model is as it was before."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        model.train(was_training)


def batches(sizes: Sequence[int], limit: int) -> list[list[int]]:
    """Numbers of examples, those of like size together: graphs of one size have levels of like
    height, hence fewer and larger ones per batch.

    The sizes of a batch sum to at most ``limit``, unless it is a single example.

    >>> batches([9, 3, 20, 3, 3], 9)
    [[1, 3, 4], [0], [2]]
    """
    found: list[list[int]] = []
    left = 0
    for number in sorted(range(len(sizes)), key=sizes.__getitem__):
        if not found or sizes[number] > left:
            found.append([])
            left = limit
        found[-1].append(number)
        left -= sizes[number]
    return found
