"""How frequent a word is in English in general, so that a corpus can be compared with it."""

from __future__ import annotations

import math
from functools import cache, lru_cache

from treernn.text.lexicon import known_words

_SHIFT = 2.7
"""Of the law of Zipf and Mandelbrot: the word of rank r has a share of c / (r + 2.7)."""


@lru_cache(maxsize=1 << 16)
def share(word: str) -> float:
    """The share of a noun's singular and plural among all words of general English, estimated from
    their rank among the 58,000 most frequent words of GloVe 6B; a rarer word has that of the last.

    >>> share("camera") > share("viewfinder") > 0
    True
    """
    ranks = known_words()
    found = [ranks[form] for form in (word, f"{word}s") if form in ranks]
    return sum(_constant() / (rank + _SHIFT) for rank in found or [len(ranks)])


@cache
def _constant() -> float:
    return 1 / sum(1 / (rank + _SHIFT) for rank in range(len(known_words())))


def log_likelihood(count: int, expected: float) -> float:
    """The log-likelihood ratio (Dunning 1993) of a word that occurs ``count`` times where
    ``expected`` were to be expected; negative if it occurs less often.

    >>> log_likelihood(20, 1.0) > log_likelihood(2, 1.0) > 0 > log_likelihood(1, 20.0)
    True
    """
    ratio = 2 * ((count * math.log(count / expected) if count else 0.0) - (count - expected))
    return ratio if count >= expected else -ratio
