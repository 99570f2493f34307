"""Vocabularies: words to rows of an embedding table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from treernn.corpora.glove import WordVectors

UNKNOWN_WORD = "<unk>"


class Vocabulary:
    """The words of an embedding table; row 0 is for unknown words.

    A word is looked up as it is written, then in lower case.

    Args:
        words: one word per row, row 0 usually ``UNKNOWN_WORD``.

    >>> Vocabulary(["<unk>", "film", "Film"]).ids(["Film", "FILM", "xyzzy"]).tolist()
    [2, 1, 0]
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._row = {word: row for row, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._row or word.lower() in self._row

    def row(self, word: str) -> int:
        """Row of ``word`` exactly as written, 0 if there is none."""
        return self._row.get(word, 0)

    def ids(self, words: Iterable[str]) -> np.ndarray:
        """Rows of ``words``, int64, 0 for unknown words."""
        row = self._row
        return np.array(
            [
                found if (found := row.get(word)) is not None else row.get(word.lower(), 0)
                for word in words
            ],
            dtype=np.int64,
        )


def build_vocabulary(
    special: Iterable[str],
    sentences: Iterable[Iterable[str]],
    *,
    min_count: int = 1,
    extra: Iterable[str] = (),
) -> list[str]:
    """List the words of a corpus by falling frequency, one per row of an embedding table.

    Args:
        special: words of the first rows, such as ``UNKNOWN_WORD``.
        sentences: words to count.
        min_count: words that occur less often get no row.
        extra: words of the last rows.

    Returns:
        Each word once. Equally frequent words are in order of first occurrence.

    >>> build_vocabulary(["<unk>"], [["a", "good", "film"], ["good"]], extra=["film", "plot"])
    ['<unk>', 'good', 'a', 'film', 'plot']
    """
    counts = Counter(word for words in sentences for word in words)
    frequent = (word for word, count in counts.most_common() if count >= min_count)
    return list(dict.fromkeys((*special, *frequent, *extra)))


def fill_embedding(table: Tensor, words: Iterable[str], vectors: WordVectors | None) -> None:
    """Copy pretrained word vectors into an embedding table, in place.

    Args:
        table: ``[words, dimension]`` without gradients, such as ``embedding.weight.data``.
        words: the word of each row.
        vectors: rows of words without a vector stay as they are; None changes nothing.
    """
    row = {word: number for number, word in enumerate(words)}
    known = [] if vectors is None else [n for n, word in enumerate(vectors.words) if word in row]
    if vectors is not None and known:
        rows = [row[vectors.words[number]] for number in known]
        table[rows] = torch.from_numpy(vectors.vectors[known])
