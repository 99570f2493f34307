"""Whether a text is in English, by its most frequent words: the models know no other language.

A statistical detector was measured and left out: py3langid 0.4 takes eight times
as long (140 µs for ten words) and three seconds to load, and takes "Nice." for Esperanto.
"""

from __future__ import annotations

import re

from treernn.text.english import FUNCTION_WORDS
from treernn.text.foreign import ANOTHER, ELIDED, OF_TITLES, OTHERS
from treernn.text.lexicon import common_words, is_word

_WORD = re.compile(r"[^\W\d_]+(?:['’·][^\W\d_]+)*")
_UNREAD = re.compile(r"(?:https?://|www\.|[@#])\S+|(?<!\w)['’](?:s|d|m|t|ll|re|ve)\b")
_LONGEST = 2_000  # characters that are looked at
_ENGLISH = FUNCTION_WORDS.difference(*OTHERS.values())
_FOREIGN = frozenset().union(*OTHERS.values())


def other_language(text: str) -> str | None:
    """The language of a text that is clearly not in English; None for English or in doubt.

    >>> other_language("Le film est vraiment très mauvais."), other_language("Filmen är dålig.")
    ('French', 'another language')
    >>> other_language("Déjà vu, but charming.") is None
    True
    """
    text = text[:_LONGEST]
    words = set(_WORD.findall(text.lower()))
    if 5 * len(words & _ENGLISH) > len(words):
        return None
    return _by_words(text)


def _by_words(text: str) -> str | None:
    """By the words of each language and the English ones among the rest."""
    found = _WORD.findall(_UNREAD.sub(" ", text).replace("’", "'"))
    words = {part for word in found for part in _parts(word.lower())}
    if not words:
        return None
    weights = {language: _weight(words & known) for language, known in OTHERS.items()}
    best = max(weights, key=weights.__getitem__)
    weight = weights[best]
    rest = words - OTHERS[best]
    english = len(rest & _ENGLISH)
    content = sum(word in common_words() for word in rest - FUNCTION_WORDS)
    unknown = {
        word for word in found if len(word) > 1 and word.islower() and not is_word(word)
    } - _FOREIGN
    if len(words) == 1:
        return best if weight and _is_unmistakable(*words) else None
    if weight >= 1:
        if len(words) > 2:
            weight += len(unknown) / 2 if english else len(unknown)
        if (
            weight >= (0.75 if len(words) == 2 else 0.4) * len(words)
            and weight > content + 2 * english
        ):
            return best
    elif not words & _ENGLISH and len(unknown) > 3 and 3 * len(unknown) > 2 * len(words):
        return ANOTHER
    return None


def _parts(word: str) -> list[str]:
    """The word, or what is before and after its apostrophe in French and Italian."""
    elided, apostrophe, rest = word.partition("'")
    return [elided + "'", rest] if apostrophe and elided in ELIDED and len(rest) > 1 else [word]


def _is_unmistakable(word: str) -> bool:
    """Whether a word is enough alone; "mit" or "nada" may be anything."""
    return len(word) > 4 or not word.isascii()


def _weight(words: frozenset[str] | set[str]) -> float:
    """What the words say for their language, which is nothing where all may be in English."""
    common = common_words()
    certain = [
        word for word in words if len(word) > 1 and word not in common and word not in OF_TITLES
    ]
    return len(certain) + (len(words) - len(certain)) / 2 if certain else 0.0
