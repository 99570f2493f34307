"""What the parser sees of a word besides the word: beginnings, endings, shape."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np

PREFIXES = (1, 2, 3)
SUFFIXES = (1, 2, 3, 4)
FEATURES = len(PREFIXES) + len(SUFFIXES) + 1

# Typographic signs as the treebank writes them.
_PLAIN = str.maketrans(
    {'"': "``", "“": "``", "”": "''", "‘": "`", "’": "'", "—": "--", "–": "--", "…": "..."}
)
_ESCAPES = {"-LRB-": "(", "-RRB-": ")"}


def plain(word: str) -> str:
    """The word with quotes, dashes and brackets as the Stanford Sentiment Treebank has them.

    >>> plain("isn’t"), plain("—"), plain("-LRB-")
    ("isn't", '--', '(')
    """
    return _ESCAPES.get(word, word).translate(_PLAIN)


def shape(word: str) -> str:
    """Capitals as X, small letters as x, digits as d, runs of one kind shortened to two.

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
def _hashes(word: str) -> tuple[int, ...]:
    """One 32-bit number for each part; the same on every machine, as ``hash`` is not."""
    small = word.lower()
    parts = [f"<{small[:n]}" for n in PREFIXES]
    parts += [f"{small[-n:]}>" for n in SUFFIXES]
    parts.append(shape(word))
    return tuple(crc32(part.encode("utf-8", "replace")) for part in parts)


def feature_rows(words: Sequence[str], rows: int) -> np.ndarray:
    """Rows of the sub-word table for each word, ``(len(words), FEATURES)``, int64."""
    hashes = np.array([_hashes(word) for word in words], dtype=np.int64)
    return hashes.reshape(-1, FEATURES) % rows
