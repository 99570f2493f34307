"""Word vectors with subword features, for words that no vocabulary holds.

The vector of a word is its embedding, concatenated with the sum of hashed embeddings of its
prefixes, suffixes and shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn

from treernn.models.vocabulary import Vocabulary

PREFIXES = (1, 2, 3)
SUFFIXES = (1, 2, 3, 4)
NUM_SUBWORDS = len(PREFIXES) + len(SUFFIXES) + 1

_PUNCTUATION = str.maketrans(
    {'"': "``", "“": "``", "”": "''", "‘": "`", "’": "'", "—": "--", "–": "--", "…": "..."}
)
_ESCAPES = {"-LRB-": "(", "-RRB-": ")"}


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
