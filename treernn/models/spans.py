"""Phrases as runs of words: what a model sees of a tree that does not look at its branches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from treernn.models.phrase_classifier import labels_of
from treernn.models.vocabulary import Vocabulary
from treernn.types import Tree


class Example(NamedTuple):
    """A sentence and the phrases of it that are scored.

    Attributes:
        words: ``[n]`` rows of the embedding table.
        spans: ``[phrases, 2]`` the words of each phrase, half-open; a phrase stands before the
            phrases that hold it.
        labels: ``[phrases]`` classes, -1 where there is none.
    """

    words: np.ndarray
    spans: np.ndarray
    labels: np.ndarray

    @property
    def size(self) -> int:
        """The words of all phrases together."""
        return int(np.diff(self.spans).sum())


def examples(vocabulary: Vocabulary, trees: Iterable[Tree]) -> list[Example]:
    """Look up the words of ``trees``; every node is a phrase."""
    return [
        Example(vocabulary.ids(tree.words), np.array(tree.spans()), labels_of(tree))
        for tree in trees
    ]


def joined(
    examples: Sequence[Example],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sentence after sentence: the rows of all words, where each phrase starts and stops among
    them, and its label."""
    words = np.concatenate([example.words for example in examples])
    sizes = np.array([len(example.words) for example in examples])
    shift = np.repeat(np.cumsum(sizes) - sizes, [len(example.spans) for example in examples])
    starts, stops = np.concatenate([example.spans for example in examples]).T + shift
    return words, starts, stops, np.concatenate([example.labels for example in examples])
