"""What leaves see: rows of a table of word vectors, or what an encoder makes of the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.encoders.encoder import Encoder
from treernn.encoders.word_pieces import GOES_ON
from treernn.errors import InputError
from treernn.models.vocabulary import Vocabulary

# No piece of a tokenizer is longer; a long word takes no longer for it.
_LONGEST_PIECE = 24


class Composed(NamedTuple):
    """Words of which some are composed of pieces.

    Attributes:
        rows: of the table, word after word.
        starts: ``[words]`` where each word begins in ``rows``.
    """

    rows: Any
    starts: Any

    def to(self, device: torch.device | str) -> Composed:
        """The same batch on another device."""
        return Composed(self.rows.to(device), self.starts.to(device))


class WordTable(nn.Embedding):
    """One vector for each word, whatever stands beside it; has the methods of ``Encoder``.

    Where the vocabulary has pieces that go on a word (``##ing``), an unknown word is the mean of
    the pieces that it is cut into, the longest first, as WordPiece does; see ``distil_vectors``.

    Args:
        words: the vocabulary, row by row; row 0 stands for unknown words.
        size: numbers per vector.

    >>> table = WordTable(["<unk>", "good", "film", "##s"], 4)
    >>> table(table.collate(table.encode([["A", "good", "film"], ["films"]]))).shape
    torch.Size([4, 4])
    """

    def __init__(self, words: Sequence[str], size: int) -> None:
        super().__init__(len(words), size, sparse=True)
        self.vocabulary = Vocabulary(words)
        self._composes = any(word.startswith(GOES_ON) for word in words)

    @property
    def output_size(self) -> int:
        """Numbers per vector."""
        return self.embedding_dim

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray | Composed]:
        """Rows of the words of each sentence, int64 ``[words]``, or what they are composed of."""
        return [self._prepare(words) for words in sentences]

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray | Composed]:
        """The same, of sentences that are read again and again."""
        return self.encode(sentences)

    def collate(self, sentences: Sequence[np.ndarray | Composed]) -> Tensor | Composed:
        """Sentence after sentence, ``[words]``; on the CPU."""
        if not any(isinstance(rows, Composed) for rows in sentences):
            return torch.from_numpy(np.concatenate(sentences))
        found = [
            rows if isinstance(rows, Composed) else Composed(rows, np.arange(len(rows)))
            for rows in sentences
        ]
        shift = np.cumsum([0, *(len(each.rows) for each in found[:-1])])
        starts = [each.starts + by for each, by in zip(found, shift, strict=True)]
        rows = np.concatenate([each.rows for each in found])
        return Composed(torch.from_numpy(rows), torch.from_numpy(np.concatenate(starts)))

    def forward(self, batch: Tensor | Composed) -> Tensor:
        """Vectors of words, ``[words, output_size]``."""
        if isinstance(batch, Tensor):
            return super().forward(batch)
        return nn.functional.embedding_bag(
            batch.rows, self.weight, batch.starts, mode="mean", sparse=self.sparse
        )

    def _prepare(self, words: Sequence[str]) -> np.ndarray | Composed:
        rows = self.vocabulary.ids(words)
        if not self._composes or rows.all():
            return rows
        parts = [
            [row] if row else self._pieces(word.lower())
            for word, row in zip(words, rows.tolist(), strict=True)
        ]
        sizes = np.array([len(part) for part in parts])
        return Composed(np.concatenate(parts), np.cumsum(sizes) - sizes)

    def _pieces(self, word: str) -> list[int]:
        """Rows of an unknown word's pieces, the longest first; row 0 where they do not make it."""
        found: list[int] = []
        start = 0
        while start < len(word):
            mark = GOES_ON if start else ""
            fits = (
                (row, end)
                for end in range(min(len(word), start + _LONGEST_PIECE), start, -1)
                if (row := self.vocabulary.row(mark + word[start:end]))
            )
            row, start = next(fits, (0, 0))
            if not row:
                return [0]
            found.append(row)
        return found or [0]


def word_vectors(words: Sequence[str] | Encoder, size: int) -> WordTable | Encoder:
    """A table of these words, or the encoder that is given in its place.

    Raises:
        InputError: the encoder's vectors have another size.
    """
    if not isinstance(words, Encoder):
        return WordTable(words, size)
    if words.output_size != size:
        raise InputError(f"embedding_size is {size}, the encoder gives {words.output_size}")
    return words
