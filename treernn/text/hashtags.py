"""Hashtags to words."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from math import inf, log

from treernn.text.english import CONTRACTIONS
from treernn.text.lexicon import common_words, is_word, known_words, rare_words
from treernn.text.spelling import corrected

_PART = re.compile(r"(?P<capitals>[A-Z]{2,})[^\W\d_A-Z]*|[A-Z]?[^\W\d_A-Z]+|[A-Z]|\d+")
_LONGEST = 60  # letters of a run that is divided
_LONGEST_WORD = 20
_INITIALS = 5  # capitals that are no word are an abbreviation up to here
_NAME = 3.0  # what it costs that a word is a name, or a rare word
_PIECE = 1.5  # and that a word has two letters
_SHORT = frozenset(
    re.findall(
        r"\w+",
        "a i am an as at be by do go he hi if in is it me my no of oh ok on or so to tv up us we vs"
        " the and for you not are was his her she who how why yes",
    )
)
_PREFIXES = ("un", "in", "im", "dis", "non", "over", "under", "anti", "super", "re", "mis", "ultra")
_SUFFIXES = ("fest", "able", "less", "ness", "ish", "esque", "worthy", "ful", "ly", "like")


@lru_cache(maxsize=4096)
def words_of_hashtag(tag: str) -> tuple[tuple[int, int], ...]:
    """The character ranges of the words in a hashtag, without its "#".

    Divided at underscores, capital letters and digits; a run of letters that is no word is divided
    into the most probable words (by Zipf's law, from their ranks).

    >>> tag = "worst_film_ever2024andLoveIt"
    >>> [tag[start:end] for start, end in words_of_hashtag(tag)]
    ['worst', 'film', 'ever', '2024', 'and', 'Love', 'It']
    """
    found = []
    for match in _PART.finditer(tag):
        for start, end in _by_capitals(match):
            found += [(start + first, start + last) for first, last in _divided(tag[start:end])]
    return tuple(found)


def _by_capitals(match: re.Match[str]) -> list[tuple[int, int]]:
    """ "LOVEit" is "LOVE it", "BBCNews" is "BBC News": the last capital is of the better word."""
    start, end = match.span()
    middle = match.end("capitals")
    if middle in (-1, end):
        return [(start, end)]
    text = match.string.lower()
    rest, word = text[middle:end], text[middle - 1 : end]
    if rest == "s":  # DVDs
        return [(start, end)]
    common = common_words()
    if text[start:middle] in common and rest in common and word not in common:
        return [(start, middle), (middle, end)]
    return [(start, middle - 1), (middle - 1, end)]


def _divided(run: str) -> list[tuple[int, int]]:
    """The words of a run of letters; itself where it is one or is made of none."""
    word = run.lower()
    if (
        not (word.isascii() and word.isalpha())
        or len(word) > _LONGEST
        or (run.isupper() and len(run) <= _INITIALS)
        or _is_one(word)
    ):
        return [(0, len(run))]
    return _most_probable(word)


def _is_one(word: str) -> bool:
    """Whether this is one word, made with a prefix or a suffix or misspelt perhaps."""
    if is_word(word):
        return True
    common = common_words()
    for prefix in _PREFIXES:
        if word.startswith(prefix) and _is_long(rest := word[len(prefix) :]) and rest in common:
            return True
    for suffix in _SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and _is_long(stem) and (stem in common or stem + "e" in common):
            return True
    return corrected(word) in common


def _is_long(word: str) -> bool:
    return len(word) > 3


@cache
def _costs() -> dict[str, float]:
    """The negative logarithm of each word's probability, and what speaks against it."""
    common = common_words()
    costs = {
        word: log((rank + 2) * 12) + (0 if word in common else _NAME)
        for word, rank in known_words().items()
        if len(word) > 3 or word in _SHORT or (len(word) == 3 and word in common)
    }
    for word in _SHORT:
        costs[word] = log((known_words().get(word, 20) + 2) * 12)
        if len(word) < 3:
            costs[word] += _PIECE
    for word in CONTRACTIONS:
        costs[word] = min(costs.get(word, inf), log(500 * 12))
    return costs


def _cost(word: str) -> float:
    costs = _costs()
    if (cost := costs.get(word)) is not None:
        return cost
    if len(word) > 4 and word in rare_words():
        return log(60_000 * 12) + _NAME
    if word.endswith("in") and len(word) > 5 and (clipped := _cost(word + "g")) < inf:
        return clipped
    if re.search(r"([a-z])\1\1", word) and (known := costs.get(corrected(word))) is not None:
        return known + _NAME
    return inf


def _most_probable(word: str) -> list[tuple[int, int]]:
    """The most probable division into words; the word itself where there is none."""
    # cost of the first n letters, start of the last word
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(word) + 1):
        best.append(
            min(
                (best[start][0] + _cost(word[start:end]), start)
                for start in range(max(0, end - _LONGEST_WORD), end)
            )
        )
    if best[-1][0] == inf:
        return [(0, len(word))]
    found: list[tuple[int, int]] = []
    end = len(word)
    while end:
        found.append((best[end][1], end))
        end = best[end][1]
    return found[::-1]
