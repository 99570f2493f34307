"""Batches of items of similar length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def bucket_by_length(
    lengths: Sequence[int] | np.ndarray,
    *,
    batch_size: int | Callable[[int], int] | None = None,
    max_total: int | None = None,
    mean_total: int | None = None,
    longest_first: bool = False,
    rng: np.random.Generator | None = None,
    jitter: float = 0.0,
) -> list[list[int]]:
    """Group the indices of items of similar length into batches.

    Exactly one of ``batch_size``, ``max_total`` and ``mean_total`` sets where a batch ends.

    Args:
        lengths: length of each item.
        batch_size: items per batch; a function gets the length of the batch's first item.
        max_total: upper bound of the sum of lengths in a batch; an item longer than that is a batch
            of its own.
        mean_total: average sum of lengths in a batch.
        longest_first: sort by falling length instead of rising length.
        rng: breaks ties between equal lengths at random and shuffles the batches. Without it, items
            of equal length stay in order.
        jitter: with ``rng``, sort by length plus uniform noise from 0 to ``jitter``, so that
            batches differ more from epoch to epoch.

    Returns:
        The indices of each batch; every index occurs once.

    >>> bucket_by_length([9, 3, 20, 3, 3], max_total=9)
    [[1, 3, 4], [0], [2]]
    >>> bucket_by_length([9, 3, 20, 3, 3], batch_size=2, longest_first=True)
    [[2, 0], [1, 3], [4]]
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    order = np.arange(len(sizes))
    keys: np.ndarray = -sizes if longest_first else sizes
    if rng is not None and jitter:
        keys = keys + rng.uniform(0, jitter, len(sizes))
    elif rng is not None:
        order = rng.permutation(len(sizes))
    order = order[np.argsort(keys[order], kind="stable")]
    batches: list[list[int]] = []
    capacity = batch_size if isinstance(batch_size, int) else 1
    in_batch = before = 0  # sums of lengths
    for index, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        if max_total is not None:
            full = in_batch + size > max_total
        elif mean_total is not None:
            full = (before + size) // mean_total > before // mean_total
        else:
            full = bool(batches) and len(batches[-1]) >= capacity
        if full or not batches:
            batches.append([])
            in_batch = 0
            capacity = max(1, batch_size(size)) if callable(batch_size) else capacity
        batches[-1].append(index)
        in_batch, before = in_batch + size, before + size
    return batches if rng is None else [batches[i] for i in rng.permutation(len(batches))]


def map_batches(
    batches: Iterable[Sequence[int]],
    counts: Sequence[int],
    function: Callable[[Sequence[int]], np.ndarray],
) -> list[np.ndarray]:
    """Apply a function to each batch and return its rows item by item.

    Args:
        batches: indices of items; every index occurs once.
        counts: rows of each item.
        function: takes the indices of a batch; returns its rows, item after item.

    Returns:
        The rows of each item, in the order of ``counts``.
    """
    results = [np.empty(0)] * len(counts)
    for batch in batches:
        ends = np.cumsum([counts[index] for index in batch])[:-1]
        for index, rows in zip(batch, np.split(function(batch), ends), strict=True):
            results[index] = rows
    return results


def batch_nodes(device: torch.device) -> int:
    """How many nodes of trees or steps of chains a model reads at once.

    On a CPU larger products are no faster, and only take memory; a GPU is idle with few.
    """
    return 4096 if device.type == "cpu" else 32_768
