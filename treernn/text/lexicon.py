"""The English words that spelling, hashtags and language go by.

``words.txt.gz`` has two lists with an empty line between them:

- the 58,000 most frequent words of GloVe 6B (Pennington et al. 2014, public domain), in order of
  frequency; those with a capital letter are names, foreign words and abbreviations: they are not
  in the American English dictionary of Hunspell (from SCOWL, Kevin Atkinson, free for any use; as
  in spylls 0.1.7, all its forms written out);
- more words, in alphabetical order: the rest of that dictionary, of the words of pyspellchecker
  0.9.1 (MIT licence) and, where spelling would change them, of the 200,000 most frequent words of
  GloVe 6B; without the misspellings that codespell 2.4.3 lists and forms such as "leavin".
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib import resources

MAX_RANK = 20_000
"""Rarer words are not taken for what was meant."""

_VOWELS = str.maketrans("", "", "aeiou")
_DOUBLE = re.compile(r"([a-z])\1+")


@cache
def _lists() -> tuple[str, str]:
    packed = resources.files("treernn.text").joinpath("words.txt.gz").read_bytes()
    frequent, _, more = gzip.decompress(packed).decode("ascii").partition("\n\n")
    return frequent, more


@cache
def known_words() -> dict[str, int]:
    """The frequent words, names among them, in lower case, and their rank from 0."""
    return {word: rank for rank, word in enumerate(_lists()[0].lower().split("\n"))}


@cache
def common_words() -> dict[str, int]:
    """The frequent words that are English words, no names, and their rank."""
    return {word: rank for rank, word in enumerate(_lists()[0].split("\n")) if word[0] > "Z"}


@cache
def rare_words() -> frozenset[str]:
    """Words that are not among the frequent ones, in lower case."""
    return frozenset(_lists()[1].split("\n"))


def is_word(word: str) -> bool:
    """Whether a word in lower case is in one of the lists."""
    return word in known_words() or word in rare_words()


def collapsed(word: str) -> str:
    """With each run of the same letter written once: "really" is "realy"."""
    return _DOUBLE.sub(r"\1", word)


def consonants(word: str) -> str:
    """Without vowels, and each run of the same consonant written once."""
    return collapsed(word.translate(_VOWELS))


@cache
def by_collapsed() -> dict[str, list[str]]:
    """The frequent words with a double letter, by what is left of them when it is written once."""
    found: dict[str, list[str]] = {}
    for match in re.finditer(r"^.*?([a-z])\1.*$", _lists()[0].lower(), re.MULTILINE):
        found.setdefault(collapsed(match.group()), []).append(match.group())
    return found


@cache
def by_consonants() -> dict[str, list[str]]:
    """The common words that may be meant, by their consonants, the more frequent first."""
    words = [word for word, rank in common_words().items() if rank < MAX_RANK]
    keys = consonants("\n".join(words)).split("\n")
    found: dict[str, list[str]] = {}
    for key, word in zip(keys, words, strict=True):
        found.setdefault(key, []).append(word)
    return found
