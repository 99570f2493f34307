"""Texts ready to score: their sentences of tokens, and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from treernn.scoring.reading import has_word
from treernn.text.characters import INVISIBLE
from treernn.text.language import other_language
from treernn.text.tokenizer import tokenize
from treernn.types import Token

if TYPE_CHECKING:
    from treernn.scoring.lexicon.own_words import OwnWords

_SURROGATE = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")


class Document(NamedTuple):
    """A text ready to score, with the tokens of its sentences; see ``Result``."""

    text: str
    sentences: list[tuple[Token, ...]]
    problems: tuple[str, ...]


MISSING = Document("", [], ("missing text, nothing to score",))


def prepare(
    original: str,
    tokens: Iterable[Sequence[Token]] | None = None,
    newline_ends: bool = False,
    own: OwnWords | None = None,
) -> Document:
    """Check a text; tokenize it unless its sentences of tokens are known.

    Args:
        original: the text.
        tokens: its sentences; empty ones are skipped.
        newline_ends: whether each line is a sentence.
        own: a lexicon, whose entries can be an opinion too.
    """
    problems = []
    text, replaced = _SURROGATE.subn("\ufffd", original)
    if replaced:
        problems.append(f"characters that are no text (lone surrogates) were replaced: {replaced}")
    sentences = (
        tokenize(text, newline_ends) if tokens is None else [tuple(each) for each in tokens if each]
    )
    plain = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    letters = "".join(_LETTERS.findall(plain))
    if not text:
        problems.append("empty text, nothing to score")
    elif not sentences:
        problems.append("only white space or markup, nothing to score")
    elif not any(map(has_word, sentences)) and not (own and own.has_entry(text, sentences)):
        problems.append("no word in it, nothing to score")
        sentences = []
    elif 2 * len(_LATIN.findall(letters)) < len(letters):
        problems.append("mostly not in Latin script, but the models know English only")
    elif language := other_language(plain):
        problems.append(f"probably in {language}, but the models know English only")
    return Document(text, sentences, tuple(problems))
