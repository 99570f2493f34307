"""Phrases as spans of words, for models that ignore the branches of a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor, nn

from treernn.models.phrase_classifier import label_array
from treernn.types import Tree


class Example(NamedTuple):
    """An encoded sentence and its phrases.

    Attributes:
        words: encoded by the model's embedding.
        num_words: words of the sentence.
        spans: ``[phrases, 2]`` half-open word ranges; inner phrases come before outer ones.
        labels: ``[phrases]`` classes, or -1.
        size: words of all phrases.
    """

    words: Any
    num_words: int
    spans: np.ndarray
    labels: np.ndarray
    size: int

    def select(self, spans: np.ndarray, labels: np.ndarray) -> Example:
        """The same sentence with other phrases."""
        return Example(self.words, self.num_words, spans, labels, int(np.diff(spans).sum()))


def encode(trees: Sequence[Tree], encoded_words: Sequence[Any]) -> list[Example]:
    """Examples with every node of the trees as a phrase."""
    return [
        Example(
            words,
            len(tree.words),
            spans,
            label_array(tree.labels, tree.num_nodes),
            int(np.diff(spans).sum()),
        )
        for tree, words in zip(trees, encoded_words, strict=True)
        for spans in [np.array(tree.spans())]
    ]


def collate(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start, end and label of all phrases; words are numbered sentence after sentence."""
    sizes = np.array([example.num_words for example in examples])
    shift = np.repeat(np.cumsum(sizes) - sizes, [len(example.spans) for example in examples])
    starts, ends = np.concatenate([example.spans for example in examples]).T + shift
    return starts, ends, np.concatenate([example.labels for example in examples])


def means(x: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """The mean of the rows of each span.

    Args:
        x: ``[words, size]``.
        starts, ends: ``[spans]`` half-open ranges, not empty.

    Returns:
        ``[spans, size]``.
    """
    # The sum of a span is the difference of two prefix sums; float64 loses no precision.
    prefix = nn.functional.pad(x.double().cumsum(0), (0, 0, 1, 0))
    return (prefix[ends] - prefix[starts]).to(x.dtype) / (ends - starts)[:, None]
