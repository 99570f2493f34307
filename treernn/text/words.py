"""Words as the Stanford Sentiment Treebank writes them: ``is n't``, `` `` '' ``, ``...``.

The rules of NLTK's Treebank tokenizer divide, one run of characters between white space at a time:
most runs come again and again, so their tokens are kept. What people write in other ways
(``isnt``, ``amaaazing``) then gets the treebank's form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from treernn.text.cleaning import PLACEHOLDER
from treernn.text.emoticons import WORDS
from treernn.text.english import CONTRACTIONS, MISSPELT_NEGATIONS, NEGATED_VERBS
from treernn.text.spelling import corrected
from treernn.text.treebank import divide

_RUN = re.compile(rf"{PLACEHOLDER}|[^\s{PLACEHOLDER}]+")
_CLOSERS = re.compile(rf"[\]\)}}>\"'»”’{PLACEHOLDER}]*")
_NEGATED = re.compile(rf"(?i)({NEGATED_VERBS})(n't|'nt)")
_KEPT = re.compile(r"([A-Z]{1,3}&[A-Z]{1,3}|[A-Z]#|#\d{1,9})([,;:!?.]?)")  # that NLTK divides
# What NLTK would not divide but at its end, which is quicker to see than to ask for.
_SIMPLE = re.compile(r"([A-Za-z]+(?:-[A-Za-z]+)*)([,;:!?.]?)")
_JOINED = frozenset(("cannot", "gimme", "gonna", "gotta", "lemme", "wanna"))  # that NLTK divides
_LONGEST = 2_000  # characters that NLTK sees at once, so that its time is linear


Word: TypeAlias = tuple[str, int, int]
"""A token and its place in the text that it was found in: the half-open range of characters."""


def words(text: str, start: int, end: int) -> Iterator[Word]:
    """The tokens of the sentence ``text[start:end]``, which is clean text."""
    runs = [match.span() for match in _RUN.finditer(text, start, end)]
    last = len(runs) - 1
    while last > 0 and _CLOSERS.fullmatch(text, *runs[last]):
        last -= 1
    for number, (first, stop) in enumerate(runs):
        if first > start and text[first] == '"' and text[first - 1] == PLACEHOLDER:
            yield "''", first, first + 1  # closes what the placeholder is in
            first += 1
        for at in range(first, stop, _LONGEST):
            for word, begin, end in _tokens(text[at : min(at + _LONGEST, stop)], number >= last):
                yield word, at + begin, at + end


@lru_cache(maxsize=65_536)
def _tokens(run: str, final: bool) -> tuple[Word, ...]:
    """The tokens of a run of characters; ``final`` where a full stop ends the sentence."""
    divided = _divided(run, final)
    found: list[Word] = []
    at = 0
    for token in divided:
        # The tokenizer divides and, of all characters, changes only the double quotes.
        length = 1 if run[at] == '"' else len(token)
        if token == "'" and _opens(run, at):  # noqa: S105, no password
            token = "`"  # noqa: S105
        found += ((word, at + start, at + end) for word, start, end in written(token, length))
        at += length
    return tuple(found)


def _divided(run: str, final: bool) -> list[str]:
    if simple := _SIMPLE.fullmatch(run) or _KEPT.fullmatch(run):
        word, sign = simple.groups()
        if word.lower() not in _JOINED:
            return [word, sign] if sign and (final or sign != ".") else [run]
    # A full stop in the middle of a sentence belongs to its word: a word after it says so.
    return divide(run) if final else divide(run + " x")[:-1]


def written(token: str, length: int) -> list[Word]:
    """One or two tokens in the treebank's spelling.

    Args:
        token: as divided.
        length: how many characters of the text it takes.
    """
    if len(token) == 1 or length != len(token):
        return [(token, 0, length)]
    if token in WORDS:
        return [(WORDS[token], 0, length)]
    meant = token if token.lower() in CONTRACTIONS else corrected(token)
    if pair := CONTRACTIONS.get(meant.lower()):
        at = min(len(pair[0]), length - 1)
        first = token[:at] if meant is token else pair[0]
        return [(first, 0, at), (_cased(pair[1], token), at, length)]
    if verb := MISSPELT_NEGATIONS.get(token.lower()):
        at = max(1, length - len("nt"))
        return [(_cased(verb, token), 0, at), (_cased("n't", token), at, length)]
    if negated := _NEGATED.fullmatch(token):
        at = negated.end(1)
        return [(token[:at], 0, at), (_cased("n't", token), at, length)]
    return [(meant, 0, length)]


def _cased(ending: str, token: str) -> str:
    return ending.upper() if token.isupper() else ending


def _opens(text: str, at: int) -> bool:
    """Whether the apostrophe at this place opens a quotation."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return (not before or before in "([{`") and bool(after)
