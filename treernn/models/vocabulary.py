"""Words to row numbers of an embedding table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


class Vocabulary:
    """The words of an embedding table; row 0 stands for every unknown word.

    A word is looked up as it is written, then in lower case.

    Args:
        words: one word per row, row 0 the unknown word's name.

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
        """The row of ``word`` as it is written, 0 where there is none."""
        return self._row.get(word, 0)

    def ids(self, words: Iterable[str]) -> np.ndarray:
        """Row numbers of ``words``, int64, 0 where a word is unknown."""
        row = self._row
        return np.array(
            [
                found if (found := row.get(word)) is not None else row.get(word.lower(), 0)
                for word in words
            ],
            dtype=np.int64,
        )
