"""Patterns: sentences with labelled phrases and places for words.

A pattern is written as ``@film,food 1: I {wanted} to [34 love {thing}]( so much|)``:

- ``@film,food`` names the domains that it may speak of; without it any;
- ``1:`` is the class of the whole text, 0 to 4; several digits are a set of classes, of which one
  is right: ``34`` is positive, however strong;
- ``[34 …]`` is a phrase with its class or classes;
- ``{thing}`` is a word of the list ``thing`` (``treernn.corpora.constructions.words``); a list
  with a class labels its words. ``{thing2}`` is another word of the same list, ``{~thing}`` a word
  without its label;
- ``(a|b)`` is one of several wordings, which may be empty and may contain all of these.

``a`` becomes ``an`` where the word after it wants that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from treernn.errors import DataError

Classes = tuple[int, ...]

_HEAD = re.compile(r"(?:@([a-z,]+) )?([0-4]+): (.+)", re.DOTALL)
_TOKEN = re.compile(r"\[(?P<open>[0-4]+) |\{(?P<slot>~?[a-z_]+\d*)\}|[\[\]{}()|]|[^\[\]{}()|]+")
_MARKS = re.compile(r"[,.;:?!…%]+(?:\s|$)")  # have no space before them
_AN = re.compile(
    r"(?!(?:eu|one\b|once\b|uni|use|usu|u\.|ukr)|ub)[aeiou]|hour|honest|hono|8|11\b|18\b", re.I
)
_ARTICLE = re.compile(r"(?:^|[\s\"'“‘(])[aA] $")


class Span(NamedTuple):
    """A phrase of a text with its label.

    Attributes:
        start, end: its half-open character range.
        classes: of these classes, 0 to 4, one is right.
    """

    start: int
    end: int
    classes: Classes


class Slot(NamedTuple):
    """A place for a word.

    Attributes:
        words: the name of a list.
        number: the same number, the same word; empty for the first.
        labelled: whether the word keeps its label.
    """

    words: str
    number: str
    labelled: bool


class Open(NamedTuple):
    """The start of a labelled phrase."""

    classes: Classes


class Close(NamedTuple):
    """The end of a labelled phrase."""


class Choice(NamedTuple):
    """Several wordings."""

    wordings: tuple[tuple[Part, ...], ...]


Part = str | Slot | Open | Close | Choice
Draw = Callable[[Slot], tuple[str, Classes]]


@dataclass(frozen=True)
class Pattern:
    """A pattern that has been read.

    Attributes:
        source: as written.
        domains: that it may speak of; empty for any.
        classes: of the whole text.
        parts: text, slots, phrases and choices, in order.
    """

    source: str
    domains: tuple[str, ...]
    classes: Classes
    parts: tuple[Part, ...]

    def slots(self) -> set[Slot]:
        """All slots, those of all choices."""
        return set(_slots(self.parts))


def read_pattern(source: str) -> Pattern:
    """Read a pattern.

    Raises:
        DataError: it is not written as the module says.

    >>> pattern = read_pattern("@film 1: [3 {good}] it (isn't|is not)")
    >>> pattern.domains, pattern.classes, pattern.slots()
    (('film',), (1,), {Slot(words='good', number='', labelled=True)})
    """
    if not (head := _HEAD.fullmatch(source)):
        raise DataError(f"no pattern: {source!r}, expected its class and a colon first")
    domains, classes, body = head.groups()
    tokens = list(_TOKEN.finditer(body))
    if sum(len(token[0]) for token in tokens) != len(body):
        raise DataError(f"cannot read the pattern {source!r}")
    stack: list[list[list[Part]]] = [[[]]]  # the open choices, each with its wordings so far
    for token in tokens:
        if token["open"]:
            stack[-1][-1].append(Open(_classes(token["open"])))
        elif slot := token["slot"]:
            name = slot.lstrip("~").rstrip("0123456789")
            stack[-1][-1].append(Slot(name, slot.lstrip("~")[len(name) :], slot[0] != "~"))
        elif token[0] == "]":
            stack[-1][-1].append(Close())
        elif token[0] == "(":
            stack.append([[]])
        elif token[0] == "|" and len(stack) > 1:
            stack[-1].append([])
        elif token[0] == ")" and len(stack) > 1:
            wordings = stack.pop()
            stack[-1][-1].append(Choice(tuple(map(tuple, wordings))))
        elif token[0] in set("[]{}()|"):
            raise DataError(f"{token[0]!r} does not belong here in the pattern {source!r}")
        else:
            stack[-1][-1].append(token[0])
    if len(stack) > 1:
        raise DataError(f"a bracket is not closed in the pattern {source!r}")
    names = tuple(domains.split(",")) if domains else ()
    return Pattern(source, names, _classes(classes), tuple(stack[0][0]))


def write(pattern: Pattern, random: Random, draw: Draw) -> tuple[str, list[Span]]:
    """One text of a pattern, and its labelled phrases without the text itself.

    Args:
        pattern: what to write.
        random: chooses the wordings.
        draw: the word of a slot and its classes, which may be none.

    Raises:
        DataError: the brackets of a wording are not balanced.
    """
    text = ""
    spans: list[Span] = []
    opened: list[tuple[int, Classes]] = []

    def add(words: str) -> int:
        """Append words; returns the place of their first character that is not a space."""
        nonlocal text
        if not text or text[-1].isspace():
            words = words.lstrip()
        stripped = words.lstrip()
        if _MARKS.match(stripped):
            text, words = text.rstrip(), stripped
        if _ARTICLE.search(text) and _AN.match(words):
            text = f"{text[:-1]}n "
        start = len(text) + len(words) - len(words.lstrip())
        text += words
        return start

    def place(start: int) -> None:
        """Phrases that have just been opened start with the next word."""
        for i, (at, classes) in enumerate(opened):
            if at < 0:
                opened[i] = start, classes

    for part in _chosen(pattern.parts, random):
        if isinstance(part, Open):
            opened.append((-1, part.classes))
        elif isinstance(part, Close):
            if not opened:
                raise DataError(f"a ']' too many in the pattern {pattern.source!r}")
            start, classes = opened.pop()
            end = len(text.rstrip())
            if 0 <= start < end:
                spans.append(Span(start, end, classes))
        else:
            words, classes = (part, ()) if isinstance(part, str) else draw(part)
            start = add(words)
            if words.strip():
                place(start)
                if classes:
                    spans.append(Span(start, len(text), classes))
    if opened:
        raise DataError(f"a ']' is missing in the pattern {pattern.source!r}")
    labels = {
        span[:2]: span.classes for span in spans
    }  # a phrase's own label comes after its word's
    return text.rstrip(), [Span(start, end, classes) for (start, end), classes in labels.items()]


def _classes(digits: str) -> Classes:
    return tuple(sorted({int(digit) for digit in digits}))


def _slots(parts: tuple[Part, ...]) -> list[Slot]:
    found = []
    for part in parts:
        if isinstance(part, Slot):
            found.append(part)
        elif isinstance(part, Choice):
            found += [slot for wording in part.wordings for slot in _slots(wording)]
    return found


def _chosen(parts: tuple[Part, ...], random: Random) -> list[str | Slot | Open | Close]:
    found: list[str | Slot | Open | Close] = []
    for part in parts:
        if isinstance(part, Choice):
            found += _chosen(random.choice(part.wordings), random)
        else:
            found.append(part)
    return found
