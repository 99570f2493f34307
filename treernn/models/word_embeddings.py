"""Embeddings of words that also give vectors to words outside the vocabulary.

``WordTable`` composes unknown words from pieces; ``WordFeatures`` adds hashed subwords to every
word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn

from treernn.checks import brief
from treernn.encoders.word_pieces import CONTINUATION
from treernn.errors import InputError

PREFIXES = (1, 2, 3)
SUFFIXES = (1, 2, 3, 4)
NUM_SUBWORDS = len(PREFIXES) + len(SUFFIXES) + 1

_PUNCTUATION = str.maketrans(
    {'"': "``", "“": "``", "”": "''", "‘": "`", "’": "'", "—": "--", "–": "--", "…": "..."}
)
_ESCAPES = {"-LRB-": "(", "-RRB-": ")"}

# Runs of letters, divided before a capital letter after a small one ("GoodFilm"); numbers.
_PARTS = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]|\d+")
_MAX_PIECE_LENGTH = 24  # no tokenizer has longer pieces; bounds the time for a long word


class Vocabulary:
    """The words of an embedding table; row 0 is for unknown words.

    A word is looked up as it is written, then in lower case.

    Args:
        words: one word per row, row 0 usually ``UNKNOWN_WORD``.

    Raises:
        InputError: there are no words, or a word is repeated.

    >>> Vocabulary(["<unk>", "film", "Film"]).ids(["Film", "FILM", "xyzzy"]).tolist()
    [2, 1, 0]
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._row = {word: row for row, word in enumerate(self.words)}
        if not words:
            raise InputError("the vocabulary is empty")
        if len(self._row) < len(self.words):
            twice = next(word for row, word in enumerate(self.words) if self._row[word] != row)
            raise InputError(f"the vocabulary has the word {brief(twice)} twice")

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._row or word.lower() in self._row

    def row(self, word: str) -> int:
        """Row of ``word`` exactly as written, 0 if there is none."""
        return self._row.get(word, 0)

    def ids(self, words: Iterable[str]) -> np.ndarray:
        """Rows of ``words``, int64, 0 for unknown words."""
        rows = self._row
        return np.array(
            [
                row if (row := rows.get(word)) is not None else rows.get(word.lower(), 0)
                for word in words
            ],
            dtype=np.int64,
        )


class ComposedWords(NamedTuple):
    """Encoded words, some of which are composed of pieces.

    Attributes:
        rows: rows of the table, word after word.
        offsets: ``[words]`` where each word starts in ``rows``.
    """

    rows: Any
    offsets: Any


class WordTable(nn.Embedding):
    """One vector per word, independent of the context; has the interface of ``Encoder``.

    If the vocabulary has pieces that continue a word (``##ing``), an unknown word is the mean of
    its parts between hyphens and other signs, and an unknown part the mean of its pieces, found by
    greedy longest match as in WordPiece; see ``distil_vectors``.

    Args:
        words: the vocabulary, one word per row; row 0 is for unknown words.
        size: dimension of the vectors.

    >>> table = WordTable(["<unk>", "good", "film", "##s"], 4)
    >>> table(table.collate(table.encode([["A", "good", "film"], ["films"]]))).shape
    torch.Size([4, 4])
    """

    def __init__(self, words: Sequence[str], size: int) -> None:
        super().__init__(len(words), size, sparse=True)
        self.vocabulary = Vocabulary(words)
        self.output_size = size
        self._has_pieces = any(word.startswith(CONTINUATION) for word in words)

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray | ComposedWords]:
        """Look up words: rows, int64 ``[words]``, or pieces if a word is composed."""
        return [self._encode(words) for words in sentences]

    encode_training = encode

    def collate(self, sentences: Sequence[np.ndarray | ComposedWords]) -> Tensor | ComposedWords:
        """Concatenate encoded sentences; on the CPU."""
        if not any(isinstance(words, ComposedWords) for words in sentences):
            return torch.from_numpy(np.concatenate(sentences))
        parts = [
            words
            if isinstance(words, ComposedWords)
            else ComposedWords(words, np.arange(len(words)))
            for words in sentences
        ]
        shifts = np.cumsum([0, *(len(part.rows) for part in parts[:-1])])
        rows = np.concatenate([part.rows for part in parts])
        offsets = [part.offsets + shift for part, shift in zip(parts, shifts, strict=True)]
        return ComposedWords(torch.from_numpy(rows), torch.from_numpy(np.concatenate(offsets)))

    def forward(self, batch: Tensor | ComposedWords) -> Tensor:
        """Vectors of words, ``[words, output_size]``."""
        if isinstance(batch, Tensor):
            return super().forward(batch)
        return nn.functional.embedding_bag(
            batch.rows, self.weight, batch.offsets, mode="mean", sparse=self.sparse
        )

    def _encode(self, words: Sequence[str]) -> np.ndarray | ComposedWords:
        rows = self.vocabulary.ids(words)
        if not self._has_pieces or rows.all():
            return rows
        pieces = [
            [row] if row else self._compose(word)
            for word, row in zip(words, rows.tolist(), strict=True)
        ]
        sizes = np.array([len(of_word) for of_word in pieces])
        return ComposedWords(np.concatenate(pieces), np.cumsum(sizes) - sizes)

    def _compose(self, word: str) -> list[int]:
        """Rows of the parts of an unknown word, and of the pieces of unknown parts."""
        rows: list[int] = []
        for part in self.split(word):
            row = self.vocabulary.row(part.lower())
            rows += [row] if row else self._pieces(part.lower())
        return [row for row in rows if row] or [0]

    def split(self, word: str) -> list[str]:
        """The words that an unknown compound is made of ("badly-acted", "good/great"); a known
        word, and one that cannot be divided, as it is."""
        if not self._has_pieces or word in self.vocabulary:
            return [word]
        parts = _PARTS.findall(word)
        joined = "".join(parts)
        return [joined] if joined in self.vocabulary else parts or [word]  # "over-rated"

    def _pieces(self, word: str) -> list[int]:
        """Rows of the pieces of an unknown word, by greedy longest match; row 0 if none fit."""
        rows: list[int] = []
        start = 0
        while start < len(word):
            prefix = CONTINUATION if start else ""
            matches = (
                (row, end)
                for end in range(min(len(word), start + _MAX_PIECE_LENGTH), start, -1)
                if (row := self.vocabulary.row(prefix + word[start:end]))
            )
            row, start = next(matches, (0, 0))
            if not row:
                return [0]
            rows.append(row)
        return rows or [0]


class WordFeatures(nn.Module):
    """Embeds words and their subwords.

    Args:
        words: the vocabulary, one word per row; row 0 is for unknown words.
        embedding_size: dimension of the word embeddings.
        subword_size: dimension of the subword embeddings.
        subword_rows: rows of the table that subwords are hashed into.
        sparse: give sparse gradients for the subword table too, as for the word table.
    """

    def __init__(
        self,
        words: Sequence[str],
        embedding_size: int,
        subword_size: int,
        subword_rows: int,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        self.vocabulary = Vocabulary(words)
        self.embedding = nn.Embedding(len(words), embedding_size, sparse=True)
        self.subwords = nn.EmbeddingBag(subword_rows, subword_size, mode="sum", sparse=sparse)
        self.output_size = embedding_size + subword_size

    def encode(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Look up words.

        Returns:
            Rows of the word table, int64 ``[words]``, and of the subword table, int64
            ``[words, NUM_SUBWORDS]``.
        """
        normalized = [normalize(word) for word in words]
        hashes = np.array([_subword_hashes(word) for word in normalized], dtype=np.int64)
        subwords = hashes.reshape(-1, NUM_SUBWORDS) % self.subwords.num_embeddings
        return self.vocabulary.ids(normalized), subwords

    def forward(self, rows: Tensor, subwords: Tensor) -> Tensor:
        """Embed encoded words: ``[words, output_size]``."""
        return torch.cat([self.embedding(rows), self.subwords(subwords)], 1)


def normalize(word: str) -> str:
    """Spell quotes, dashes and brackets as the Stanford Sentiment Treebank does.

    >>> normalize("isn’t"), normalize("—"), normalize("-LRB-")
    ("isn't", '--', '(')
    """
    return _ESCAPES.get(word, word).translate(_PUNCTUATION)


def shape(word: str) -> str:
    """Write capitals as X, small letters as x and digits as d; shorten runs to two characters.

    >>> shape("Schwarzenegger"), shape("R2-D2"), shape("1990s")
    ('Xxx', 'Xd-Xd', 'ddx')
    """
    kinds: list[str] = []
    for letter in word[:16]:
        if letter.isalpha():
            kind = "X" if letter.isupper() else "x"
        else:
            kind = "d" if letter.isdigit() else letter
        if kinds[-2:] != [kind, kind]:
            kinds.append(kind)
    return "".join(kinds)


@lru_cache(maxsize=1 << 16)
def _subword_hashes(word: str) -> tuple[int, ...]:
    """32-bit hashes of a word's subwords; the same on every machine, unlike ``hash``."""
    lower = word.lower()
    subwords = [f"<{lower[:n]}" for n in PREFIXES]
    subwords += [f"{lower[-n:]}>" for n in SUFFIXES]
    subwords.append(shape(word))
    return tuple(crc32(subword.encode("utf-8", "replace")) for subword in subwords)
