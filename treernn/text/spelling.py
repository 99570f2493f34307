"""Spelling as people vary it: repeated letters, typing errors, stars in swear words, hashtags.

What counts as a word are the 58,000 most frequent words of GloVe 6B (Pennington et al. 2014, public
domain), in order of frequency.
"""

from __future__ import annotations

import gzip
import re
from functools import cache, lru_cache
from importlib import resources
from math import inf, log

from treernn.text.english import CENSORED

MIN_LENGTH = 6
"""Shorter words are not corrected: too many words are one letter away."""

MAX_LENGTH = 40
"""Longer runs of letters are not words."""

MAX_RANK = 20_000
"""Rarer words are not taken for what was meant."""

_REPEATED = re.compile(r"([a-z])\1{2,}")
_VOWELS = "aeiou"
_ENDING = re.compile(
    "(?:s|es|ed|d|ing|ings|ly|er|ers|est|y|ies|ness|ish|able|like|less|isms?|ists?)$"
)


@cache
def known_words() -> dict[str, int]:
    """Lower-case words of English and their rank by frequency, from 0."""
    packed = resources.files("treernn.text").joinpath("words.txt.gz").read_bytes()
    return {word: rank for rank, word in enumerate(gzip.decompress(packed).decode().split("\n"))}


@lru_cache(maxsize=65_536)
def corrected(word: str) -> str:
    """The known word that is most probably meant, in lower case; or the word as it is.

    Three or more equal letters become two or one ("sooo", "amaaazing"), stars become letters of
    swear words ("sh*t"), and a long unknown word that is a typical misspelling of a common one
    becomes that one ("excelent").

    >>> corrected("amaaaazing"), corrected("terribel"), corrected("Tolkein"), corrected("sh*t")
    ('amazing', 'terrible', 'Tolkein', 'shit')
    """
    lower = word.lower()
    if "*" in word:
        return _uncensored(lower) or word
    if not lower.isascii() or not lower.isalpha() or len(word) > MAX_LENGTH:
        return word
    known = known_words()
    if lower in known:
        return word
    if _REPEATED.search(lower):
        return _unrepeated(lower) or word
    # A capital letter marks a name.
    if len(word) < MIN_LENGTH or word[0] != lower[0] or _is_inflected(lower):
        return word
    return _nearest(lower) or word


def _is_inflected(word: str) -> bool:
    """Whether a word is a known one with an ending: rare forms are no typing errors."""
    stem = _ENDING.sub("", word)
    known = known_words()
    return stem != word and any(each in known for each in (stem, stem + "e", stem + "y", stem[:-1]))


def _nearest(word: str) -> str | None:
    """The most frequent of the common words that ``word`` is a typical error for."""
    known = known_words()
    fits = [each for each in _typical_errors(word) if known.get(each, MAX_RANK) < MAX_RANK]
    return min(fits, key=known.__getitem__, default=None)


def _unrepeated(word: str) -> str | None:
    """The most frequent known word with runs of letters cut to two or one."""
    known = known_words()
    runs = _REPEATED.findall(word)[:4]
    parts = _REPEATED.sub("\0", word, count=len(runs)).split("\0")
    best: list[str] = [parts[0]]
    for letter, rest in zip(runs, parts[1:], strict=True):
        best = [start + letter * count + rest for start in best for count in (1, 2)]
    fits = [each for each in best if each in known]
    if fits:
        return min(fits, key=known.__getitem__)
    near = [each for start in best if (each := _nearest(start))]
    return min(near, key=known.__getitem__) if near and len(word) >= MIN_LENGTH else best[0]


def _typical_errors(word: str) -> set[str]:
    """Words of which ``word`` is a typical misspelling: two letters exchanged, a double letter
    written once or the other way round, a vowel wrong, missing or too many (Kukich 1992)."""
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    return {
        *(left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1),
        *(left + left[-1] + right for left, right in cuts),
        *(left + right[1:] for left, right in cuts if right and right[0] in left[-1] + _VOWELS),
        *(left + vowel + right for left, right in cuts for vowel in _VOWELS),
        *(
            left + vowel + right[1:]
            for left, right in cuts
            if right and right[0] in _VOWELS
            for vowel in _VOWELS
        ),
    }


def _uncensored(word: str) -> str | None:
    """The swear word that fits the letters around the stars."""
    if not re.search("[a-z]", word):
        return None
    pattern = re.compile(re.sub(r"\*+", r"[a-z]+", word))
    exact = re.compile(word.replace("*", "[a-z]"))
    fits = [each for each in CENSORED if exact.fullmatch(each)] or [
        each for each in CENSORED if pattern.fullmatch(each)
    ]
    return fits[0] if fits else None


@lru_cache(maxsize=4096)
def words_of_hashtag(tag: str) -> tuple[tuple[int, int], ...]:
    """The character ranges of the words in a hashtag, without its "#".

    Divided at underscores, capital letters and digits; a run of small letters that is no known
    word is divided into the most probable known words (by Zipf's law, from their ranks).

    >>> tag = "worst_film_ever2024andLoveIt"
    >>> [tag[start:end] for start, end in words_of_hashtag(tag)]
    ['worst', 'film', 'ever', '2024', 'and', 'Love', 'It']
    """
    found = []
    for match in re.finditer(r"[A-Z]{2,}(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]|\d+", tag):
        start, end = match.span()
        word = match.group().lower()
        if word.isascii() and word.isalpha() and word not in known_words() and len(word) <= 60:
            found += [(start + first, start + last) for first, last in _segmented(word)]
        else:
            found.append((start, end))
    return tuple(found)


def _segmented(word: str) -> list[tuple[int, int]]:
    """The most probable division into known words; the word itself where there is none."""
    known = known_words()
    best: list[tuple[float, int]] = [
        (0.0, 0)
    ]  # cost of the first n letters, start of the last word
    for end in range(1, len(word) + 1):
        costs = [
            (best[start][0] + log((rank + 2) * 12) + (2.0 if end - start == 1 else 0.0), start)
            for start in range(max(0, end - 20), end)
            if (rank := known.get(word[start:end])) is not None
        ]
        best.append(min(costs, default=(inf, 0)))
    if best[-1][0] == inf:
        return [(0, len(word))]
    found: list[tuple[int, int]] = []
    end = len(word)
    while end:
        found.append((best[end][1], end))
        end = best[end][1]
    return found[::-1]
