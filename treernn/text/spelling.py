"""Spelling as people vary it: repeated letters, typing errors, "-in'", signs in swear words."""

from __future__ import annotations

import re
from functools import lru_cache

from treernn.text.english import CENSORED
from treernn.text.lexicon import (
    MAX_RANK,
    by_collapsed,
    by_consonants,
    collapsed,
    common_words,
    consonants,
    is_word,
    known_words,
    rare_words,
)
from treernn.text.misspellings import MISSPELLINGS, NOT_DRAWN_OUT, SIGNS_AS_LETTERS

MIN_LENGTH = 6
"""Shorter words are corrected only by a double letter: too many words are one letter away."""

MAX_LENGTH = 40
"""Longer runs of characters are not words."""

_REPEATED = re.compile(r"([a-z])\1{2,}")
_ROMAN = re.compile("[ivx]+")
_HYPHENATED = re.compile("[a-z]+(?:-[a-z]+)+", re.IGNORECASE)
_VOWELS = "aeiou"
_ENDING = re.compile(
    "(?:s|es|ed|d|ing|ings|ly|er|ers|est|y|ies|ness|ish|able|like|less|isms?|ists?)$"
)
_ENDINGS = ("s", "d", "r", "ed", "ly", "er", "est", "ing", "ness")


@lru_cache(maxsize=65_536)
def corrected(word: str) -> str:
    """The known word that is most probably meant, in lower case; or the word as it is.

    Three or more equal letters become two or one ("sooo", "amaaazing"), signs become letters of
    swear words ("sh*t", "b!tch"), "-in" becomes "-ing" ("missin"), and well-known misspellings
    and unknown words that are a typical error for a common one become that one ("excelent").
    A word that begins with a capital letter may be a name.

    >>> corrected("amaaaazing"), corrected("terribel"), corrected("Tolkein"), corrected("sh*t")
    ('amazing', 'terrible', 'Tolkein', 'shit')
    """
    lower = word.lower()
    if len(word) > MAX_LENGTH:
        return word
    if not lower.isascii() or not lower.isalpha():
        if _HYPHENATED.fullmatch(word):
            return "-".join(corrected(part) for part in word.split("-"))
        return _uncensored(lower) or word
    if lower in known_words():
        return word
    if meant := _well_known(lower):
        return meant
    if _REPEATED.search(lower):
        return word if _ROMAN.fullmatch(lower) else _unrepeated(lower)
    is_name = word not in (lower, word.upper())
    if is_name or len(word) < MIN_LENGTH - 1 or lower in rare_words():
        return word
    return _meant(lower) or word


def _meant(word: str) -> str | None:
    """What is meant by an unknown word in lower case."""
    if word.endswith("in") and word + "g" in known_words():
        return word + "g"
    if found := _doubled(word):
        return found
    if len(word) < MIN_LENGTH or _is_inflected(word):
        return None
    return _nearest(word)


def _well_known(word: str) -> str | None:
    """What a misspelling of the table means, with an ending or without."""
    if found := MISSPELLINGS.get(word):
        return found
    for ending in _ENDINGS:
        if word.endswith(ending) and (stem := MISSPELLINGS.get(word[: -len(ending)])):
            return stem + ending if is_word(stem + ending) else None
    return None


def _is_inflected(word: str) -> bool:
    """Whether a word is a common one with an ending: rare forms are no typing errors."""
    stem = _ENDING.sub("", word)
    stems = [stem, stem + "e", stem + "y"]
    if len(stem) > 4 and stem[-1] == stem[-2]:
        stems.append(stem[:-1])
    return stem != word and any(len(each) > 2 and each in common_words() for each in stems)


def _doubled(word: str) -> str | None:
    """The most frequent of the common words that differ by double letters only: "realy".

    Words of five and six letters may only stand for frequent words or swear words.
    """
    single, common = collapsed(word), common_words()
    limit = MAX_RANK if len(word) <= MIN_LENGTH else len(known_words())
    fits = [
        each
        for each in (single, *by_collapsed().get(single, ()))
        if common.get(each, limit) < limit or (each in CENSORED and each in common)
    ]
    return min(fits, key=common.__getitem__, default=None)


def _nearest(word: str) -> str | None:
    """The most frequent of the common words that ``word`` is a typical misspelling of.

    Typical is that two letters are exchanged, or a vowel is wrong, missing or too many (Kukich
    1992).
    """
    common = common_words()
    exchanged = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)
    )
    fits = [each for each in exchanged if common.get(each, MAX_RANK) < MAX_RANK] or [
        each for each in by_consonants().get(consonants(word), ()) if _by_a_vowel(word, each)
    ]
    return min(fits, key=common.__getitem__, default=None)


def _by_a_vowel(word: str, other: str) -> bool:
    """Whether the words differ in one vowel, which is neither the first letter nor, since foreign
    words have them, one at the end. A wrong one counts in long words only."""
    if abs(len(word) - len(other)) > 1 or (len(word) == len(other) <= MIN_LENGTH):
        return False
    if word[-1] in "aio" and word[-1] != other[-1]:
        return False
    if len(word) > len(other) and word.startswith(other):
        return False
    shorter = min(len(word), len(other))
    start = 0
    while start < shorter and word[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and word[-1 - end] == other[-1 - end]:
        end += 1
    wrong, right = word[start : len(word) - end], other[start : len(other) - end]
    return start > 0 and all(len(part) < 2 and part in _VOWELS for part in (wrong, right))


def _unrepeated(word: str) -> str:
    """The most frequent word that has one or two letters for each run of more.

    Where no word has, other double letters may be wrong as well, or there is a typical error.
    """
    single, known, common = collapsed(word), known_words(), common_words()
    pattern = re.compile(_REPEATED.sub(r"\1{1,2}", word))
    if (meant := NOT_DRAWN_OUT.get(single)) and pattern.fullmatch(meant):
        return meant
    near = [each for each in (single, *by_collapsed().get(single, ())) if each in known]
    fits = [each for each in near if pattern.fullmatch(each)]
    for group in ([each for each in fits if each in common], fits, near):
        if group:
            return min(group, key=known.__getitem__)
    once, twice = _REPEATED.sub(r"\1", word), _REPEATED.sub(r"\1\1", word)
    for each in (once, twice):
        if each in rare_words():
            return each
    if meant := _well_known(once) or _well_known(twice) or _well_known(single):
        return meant
    for each in (once, twice):
        if len(each) >= MIN_LENGTH and (meant := _meant(each)):
            return meant
    return once if any(letter in _VOWELS for letter in word) else twice


def _uncensored(word: str) -> str | None:
    """The swear word that fits the letters around the stars and other signs."""
    letters = re.sub("[^a-z]", "", word)
    if not letters or not all(char in SIGNS_AS_LETTERS for char in set(word) - set(letters)):
        return None
    if letters + "*" == word and (is_word(letters) or len(letters) < 2):
        return None  # "as*", "hell*": rather the mark of a note
    exact = re.compile("".join(SIGNS_AS_LETTERS.get(char, char) for char in word))
    for each in CENSORED:
        if exact.fullmatch(each):
            return each
    if "*" not in word or len(letters) < 2:
        return None
    pattern = re.compile(re.sub(r"(?:\[a-z\])+", "[a-z]+", exact.pattern))
    return next((each for each in CENSORED if pattern.fullmatch(each)), None)
