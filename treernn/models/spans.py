"""Phrases as runs of words: what a model sees of a tree that does not look at its branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from treernn.models.phrase_classifier import labels_of
from treernn.types import Tree


class Example(NamedTuple):
    """A sentence and the phrases of it that are scored.

    Attributes:
        words: as the word vectors' ``encode`` or ``encode_training`` gives them.
        num_words: how many.
        spans: ``[phrases, 2]`` the words of each phrase, half-open; a phrase stands before the
            phrases that hold it.
        labels: ``[phrases]`` classes, -1 where there is none.
    """

    words: Any
    num_words: int
    spans: np.ndarray
    labels: np.ndarray

    @property
    def size(self) -> int:
        """The words of all phrases together."""
        return int(np.diff(self.spans).sum())


def encode(trees: Sequence[Tree], words: Sequence[Any]) -> list[Example]:
    """Every node of ``trees`` is a phrase; ``words`` are theirs, see ``Example``."""
    return [
        Example(each, len(tree.words), np.array(tree.spans()), labels_of(tree))
        for tree, each in zip(trees, words, strict=True)
    ]


def joined(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sentence after sentence: where each phrase starts and stops among the words of all, and its
    label."""
    sizes = np.array([example.num_words for example in examples])
    shift = np.repeat(np.cumsum(sizes) - sizes, [len(example.spans) for example in examples])
    starts, stops = np.concatenate([example.spans for example in examples]).T + shift
    return starts, stops, np.concatenate([example.labels for example in examples])
