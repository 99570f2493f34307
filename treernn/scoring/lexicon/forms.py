"""How words are written: what is the same to somebody who looks for a word.

A text has the characters of its author, so words are compared by these and not by what the models
read: a correction of the spelling or the name of an emoji stands for other words too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from treernn.checks import brief
from treernn.errors import InputError
from treernn.text.characters import INVISIBLE
from treernn.text.cleaning import HANDLE, LINK
from treernn.text.emoticons import EMOJI, WORDS, canonical, name_of
from treernn.text.negation import APOSTROPHE
from treernn.text.tokenizer import tokenize
from treernn.types import Token

_HIDDEN = re.compile(f"[{INVISIBLE}]")
_WITHIN = re.compile(rf"(?<=\w){APOSTROPHE}(?=\w)")
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011\u2212](?=\w)")
_WORD = re.compile(r"[^\W_][\w'’-]*")
_VARIANT = re.compile("[\ufe0e\ufe0f]")
_EMOJI = re.compile(EMOJI)
_SHORTENED = re.compile(r"n't|'[a-z]+", re.IGNORECASE)


class Key(NamedTuple):
    """What an entry is found by.

    Attributes:
        lower: its form in lower case.
        exact: the form as written, if it has capitals: then the case of the text counts.
        alike: of an emoji or emoticon that has a skin tone or a nose, the form without.
    """

    lower: str
    exact: str | None = None
    alike: str | None = None


def key_of(text: str) -> Key:
    """What a word or phrase is found by.

    Raises:
        InputError: it is not a word, an emoji or a phrase.

    >>> key_of("Must-have").exact, key_of("👍🏽").alike, key_of("don’t") == key_of("dont")
    ('Must have', '👍', True)
    """
    sentences = tokenize(text)
    if len(sentences) != 1:
        problem = "is several sentences" if sentences else "has no word"
        raise InputError(f"{brief(text)} {problem}, expected a word, an emoji or a phrase")
    [tokens] = sentences
    if len(text) == 1 and not text.isalnum() and not is_picture(text, tokens[0]):
        raise InputError(f"{brief(text)} is punctuation, expected a word, an emoji or a phrase")
    form = ""
    for place, token in enumerate(tokens):
        glued = not place or tokens[place - 1].end == token.start
        form += forms(text, token)[0] if glued else " " + forms(text, token)[0]
    alike = forms(text, tokens[0])[-1] if len(tokens) == 1 and is_picture(text, tokens[0]) else form
    return Key(
        form.lower(), form if form != form.lower() else None, alike if alike != form else None
    )


def forms(text: str, token: Token) -> tuple[str, ...]:
    """How a token is written: as it stands, and as it is spelled rightly, if that differs."""
    written = _forms(text[token.start : token.end], token.text)
    if token.start and text[token.start - 1] == "#":  # of a hashtag, also without its sign
        return (f"#{written[0]}", *written)
    return written


def separators(text: str, before: Token, token: Token) -> tuple[str, ...]:
    """What may be between two tokens: a blank, or nothing where they are written together."""
    gap = text[before.end : token.start]
    if gap.isspace():
        return (" ",)
    if gap:  # markup
        return " ", ""
    # The words of a hashtag are written together too.
    both = text[token.start].isalnum() and text[before.end - 1].isalnum()
    return ("", " ") if both else ("",)


def is_picture(text: str, token: Token) -> bool:
    """Whether a token is an emoji or an emoticon."""
    return _is_picture(text[token.start : token.end], token.text)


def is_seen(tokens: Sequence[Token]) -> bool:
    """Whether the models read any of the tokens as a word, and not a link or the name of a user."""
    return any(token.text not in (LINK, HANDLE) for token in tokens)


@lru_cache(maxsize=65_536)
def _forms(source: str, read: str) -> tuple[str, ...]:
    if source.isascii() and source.isalpha():
        return _spellings(source, read)
    if _is_picture(source, read):
        written, plain = _VARIANT.sub("", source), canonical(source)
        return (written,) if written == plain else (written, plain)
    if _SHORTENED.fullmatch(read):  # "nt" of "dont"; but "he'll" is not "hell"
        return (read,)
    plain = _HIDDEN.sub("", unicodedata.normalize("NFKC", source))
    plain = " ".join(_HYPHEN.sub(" ", _WITHIN.sub("", plain)).split())
    return _spellings(plain or read, read) if any(map(str.isalnum, source)) else (plain or read,)


def _spellings(written: str, read: str) -> tuple[str, ...]:
    if _SHORTENED.fullmatch(read):
        return (read,)
    if read in (written, LINK, HANDLE) or written in WORDS:
        return (written,)
    return written, _HYPHEN.sub(" ", _WITHIN.sub("", read))


@lru_cache(maxsize=65_536)
def _is_picture(source: str, read: str) -> bool:
    if source in WORDS:
        return True
    if _WORD.fullmatch(source) or (len(source) == 1 and source.isascii()):
        return False
    return _EMOJI.fullmatch(source) is not None or name_of(source) == read
