"""The singular of English nouns, so that "batteries" and "battery" are counted as one."""

from __future__ import annotations

import re
from functools import lru_cache

from treernn.text.lexicon import common_words, is_word

_IRREGULAR = {
    "children": "child",
    "dice": "die",
    "feet": "foot",
    "geese": "goose",
    "grandchildren": "grandchild",
    "gurus": "guru",
    "halves": "half",
    "knives": "knife",
    "leaves": "leaf",
    "lenses": "lens",
    "lice": "louse",
    "lives": "life",
    "loaves": "loaf",
    "men": "man",
    "menus": "menu",
    "mice": "mouse",
    "oxen": "ox",
    "people": "person",
    "selves": "self",
    "shelves": "shelf",
    "teeth": "tooth",
    "thieves": "thief",
    "wives": "wife",
    "wolves": "wolf",
    "women": "woman",
}

_UNCHANGED = frozenset(
    """
    athletics atlas bias bus canvas chaos christmas clothes diabetes economics electronics gas
    genius glasses gymnastics headquarters jeans lens logistics mathematics means mechanics
    mumps news pants pajamas plus physics politics premises rhinoceros scissors series shorts
    species statistics sunglasses surplus tennis thanks trousers tweezers virus yes
    """.split()
)
"""They end in s and have no other form, or mean something else without it."""

_VOWEL = re.compile("[aeiouy]")
_MEN = ("men", "women")


@lru_cache(maxsize=1 << 16)
def singular(word: str) -> str:
    """The singular of a noun in lower case; other words stay as they are.

    An ending is taken off where an English word is left; of words that are in no dictionary, such
    as names of products, a single s.

    >>> [singular(word) for word in ("batteries", "lenses", "glass", "dishes", "t-zones")]
    ['battery', 'lens', 'glass', 'dish', 't-zone']
    """
    first, hyphen, last = word.rpartition("-")
    if hyphen:
        return f"{first}-{singular(last)}" if last else word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(_MEN) and len(word) > 5 and is_word(word[:-2] + "an"):
        return word[:-2] + "an"
    if len(word) < 3 or word[-1] != "s" or word.endswith(("ss", "us", "is")) or word in _UNCHANGED:
        return word
    stems = [stem for stem in _stems(word) if is_word(stem)]
    if not stems:
        return word if is_word(word) and _VOWEL.search(word) else word[:-1]  # "cds"
    ranks = common_words()
    return min(stems, key=lambda stem: ranks.get(stem, len(ranks)))


def _stems(word: str) -> list[str]:
    """What the singular may be, the likelier first."""
    if word.endswith("ies"):
        return [word[:-3] + "y", word[:-1]]
    if word.endswith("yses"):
        return [word[:-2] + "is"]
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes", "uses")):
        return [word[:-2], word[:-1], word[:-3]]  # "quizzes"
    return [word[:-1]]
