"""The order of an epoch over data of any size: shuffled by blocks, then within a pool of some.

What is read from disk together is used together. TensorFlow Datasets, WebDataset and
``IterableDataset.shuffle`` of Hugging Face's ``datasets`` shuffle in the same two steps, the files
and then a buffer. Data of a pool or less are shuffled as a whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from treernn.training.data import corpus


def block_order(count: int, rng: np.random.Generator) -> np.ndarray:
    """The indices 0 to ``count`` - 1: in random order if a pool holds them, otherwise blocks in
    random order, each in its own order."""
    if count <= corpus.IN_MEMORY:
        return rng.permutation(count)
    size = corpus.SIZE
    starts = rng.permutation(-(-count // size)) * size
    return np.concatenate([np.arange(start, min(start + size, count)) for start in starts])


def pools(drawn: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """The indices of an epoch in pools, each with its share of every source.

    Args:
        drawn: the indices of each source, in the order of ``block_order``.
    """
    count = max(1, -(-sum(map(len, drawn)) // corpus.IN_MEMORY))
    for number in range(count):
        yield np.concatenate(
            [
                each[len(each) * number // count : len(each) * (number + 1) // count]
                for each in drawn
            ]
        )


def packed(batches: Iterable[Iterable[Sequence[int]]]) -> list[Sequence[int]]:
    """The batches of all pools, with 4 bytes for each index."""
    return [array("i", batch) for pool in batches for batch in pool]
