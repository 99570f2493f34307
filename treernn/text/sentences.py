"""Where sentences end.

A sentence may end after a full stop, question or exclamation mark, an ellipsis, and at the end of a
line. Which of these places are boundaries is decided from the characters around them; the rules and
their order follow Pragmatic Segmenter's golden rules, on which they are tested.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from treernn.text.cleaning import PLACEHOLDER
from treernn.text.english import (
    ABBREVIATIONS,
    CONNECTING,
    CONTINUING,
    NUMBERED,
    OPENERS,
    SAYING,
    TITLES,
    UNITS,
    WEEKDAYS,
)

LONGEST = 10_000
"""Characters of the longest sentence; the parser's memory grows with its length."""

SHORTEST_LINE = 30
"""Where all lines are at most this long, each is one also if it begins with a small letter."""

SHORT_LINE = 45
"""Where all lines of a paragraph are at most this long, each is a sentence or a heading."""

_END = re.compile(  # an emoji after it belongs to the sentence
    rf"""(\.(?:\ \.){{1,3}} | (?<![.!?])[.!?]++) (["'”’)\]}}»]*)
    (?: (?:\s?{PLACEHOLDER}){{1,50}}\s* | \s+ | \Z)""",
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\[\"“‘'*_]*\Z")
_NEXT_WORD = re.compile(r"""["'“‘(\[`*_#-]*([\w'’.&]*)""")
_LIST_NUMBER = re.compile(r"\d{1,2}|[ivx]{2,4}|[IVX]{2,4}")
_NUMBERED = re.compile(rf"(?i)\b(?:{'|'.join(sorted(NUMBERED | ABBREVIATIONS))})\.$")
_GRADED = re.compile(r"(?i)\b(?:an?|class|grade:?|group|plan|rated|type|vitamin)$")  # "Plan B."
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")
_SAYING = re.compile(
    rf"(?:(?:the |my |her |his )?[A-Z]?\w+(?: [A-Z]\w+)?,? )?(?:{SAYING})\b|(?:{SAYING}) (?:\w+)",
)
_BULLET = re.compile(
    r"[ \t]*(?:[-*+•⁃◦‣·▪✓✗]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4}|[IVX]{1,4})[.)]{1,2}\s)"
)
_DASHED = re.compile(r"\w [-–]+ ")  # after the last stop: the next line may go on with a dash
_SMALL_LINE = re.compile(rf"\s*(?!(?:{'|'.join(sorted(CONNECTING))})\b)[a-z]")
_STOPPED = re.compile(r"""[.!?]["'”’)]*\s*$""")
_UNFINISHED = re.compile(rf"(?:[,;:&(/-]|\b(?:{'|'.join(sorted(CONNECTING))}))\s*$", re.IGNORECASE)
_ITEM = re.compile(
    r"""(?:(?<=\s)|(?<=\A)|(?<=\n))
    (?: (?:[•⁃][ ]?)? (?:(?P<number>\d{1,2})[.)]{1,2} | (?P<letter>[a-h])[.)]) | [•⁃] )
    (?:\s+|(?<=[•⁃])) (?=\S)""",
    re.VERBOSE,
)


def sentence_spans(text: str, newline_ends_sentence: bool = False) -> Iterator[tuple[int, int]]:
    """The sentences of a clean text, as half-open ranges without white space around them.

    Args:
        text: an empty line always ends a sentence.
        newline_ends_sentence: whether every line ends one.
    """
    for start, end in _lines(text, newline_ends_sentence):
        items = _items(text, start, end)
        inside = {match.end() for match in items}  # after a list's mark no sentence begins
        begins = {match.start() for match in items[1:]}
        begins.update(at for at in _ends(text, start, end) if at not in inside)
        bounds = [start, *sorted(begins), end]
        # Characters without a letter or a digit belong to the sentence before them.
        kept = [
            begin
            for begin, stop in itertools.pairwise(bounds)
            if begin == start or any(map(str.isalnum, text[begin:stop]))
        ]
        for begin, stop in itertools.pairwise([*kept, end]):
            sentence = text[begin:stop]
            if content := sentence.strip():
                at = begin + len(sentence) - len(sentence.lstrip())
                yield from _divided(text, at, at + len(content))


def _divided(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Parts of a sentence of at most ``LONGEST`` characters, divided at spaces where it has any."""
    while end - start > LONGEST:
        space = text.rfind(" ", start, start + LONGEST)
        cut = space if space > start else start + LONGEST
        yield start, cut
        start = cut + (cut == space)
    yield start, end


def _lines(text: str, newline_ends_sentence: bool) -> Iterator[tuple[int, int]]:
    """Paragraphs, divided at line ends that end a sentence."""
    at = 0
    for paragraph in text.split("\n\n"):
        stop = at + len(paragraph)
        lines = paragraph.split("\n")
        longest = max(map(len, lines))
        # Only the last line ends with a full stop: perhaps one sentence on narrow lines.
        wrapped = _STOPPED.search(lines[-1]) and not any(map(_STOPPED.search, lines[:-1]))
        small = longest <= SHORTEST_LINE and all(map(_SMALL_LINE.match, lines))
        first = place = at
        for line, following in itertools.pairwise(lines):
            place += len(line) + 1
            new = following.lstrip()
            ends = newline_ends_sentence or (_BULLET.match(following) and not _has_dash(line))
            if not ends and new and not _UNFINISHED.search(line):
                capital = not new[0].islower()
                ends = (
                    (capital and bool(_BULLET.match(line)))
                    or (capital and longest <= SHORT_LINE and not (wrapped and len(line) > 25))
                    or (capital and line[:1].isupper() and len(line) <= SHORT_LINE < len(new) / 1.5)
                    or small
                )
            if ends:
                yield first, place - 1
                first = place
        yield first, stop
        at = stop + 2


def _has_dash(line: str) -> bool:
    """Whether there is a dash after the last full stop, question or exclamation mark."""
    return bool(_DASHED.search(line, 1 + max(map(line.rfind, ".!?"))))


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences begin after the first of ``text[start:end]``."""
    for match in _END.finditer(text, start, end):
        if match.end() < end and _is_end(text, start, end, match):
            yield match.end()


def _is_end(text: str, start: int, end: int, match: re.Match[str]) -> bool:
    """Whether a sentence ends after a mark and its closing quotes and brackets."""
    mark, closers = match[1], match[2]
    following = text[match.end() : min(end, match.end() + 80)]
    opened = _NEXT_WORD.match(following)
    word = opened[1].lstrip("'") if opened else ""
    if following[:1] in (")", "]", "}"):
        return False
    if set(closers) & set("\"'”’") and _SAYING.match(following):
        return False
    small = word[:1].islower() and word not in ("i", "i'm", "i've", "i'd", "i'll")
    if small and (closers or (len(mark) > 1 and mark[0] == ".")):
        return False
    before = _LAST_WORD.search(text, max(start, match.start() - 40), match.start())
    last = before.group() if before else ""
    if mark[0] != ".":
        # "Yahoo! is": a name with its own mark.
        name = last[:1].isupper() and before is not None and before.start() > start
        return not (small and (name or word in CONTINUING))
    if len(mark) > 1:  # an ellipsis
        return mark.count(".") > 3 or not word[:1].isalpha() or _opener(word)
    return (
        bool(closers)
        or not last
        or _ends_after(last, word, text[max(start, match.start() - 60) : match.start()])
    )


def _ends_after(last: str, word: str, sentence: str) -> bool:
    """Whether a full stop after the word ``last`` ends a sentence when ``word`` follows."""
    lower = last.lower()
    capital = word[:1].isupper()
    if lower in TITLES:
        return False
    if lower in NUMBERED:
        return not word[:1].isdigit()
    if lower in ("a.m", "p.m"):
        return capital and word.rstrip(".").lower() not in TITLES | WEEKDAYS
    if lower in UNITS:
        return capital
    if lower in ABBREVIATIONS:
        return capital and _opener(word)
    before = sentence[: len(sentence) - len(last)].rstrip()
    if _LIST_NUMBER.fullmatch(last) and not _NUMBERED.search(before):
        # "Two reasons: 1. …", "in 1. place"
        return bool(before) and before[-1] not in ".!?:;" and not word[:1].islower()
    if last == "I":
        return before.endswith("and") or _opener(word)
    if _INITIALS.fullmatch(last):
        if len(last) == 1 and last.isupper() and _GRADED.search(before):
            return True
        return capital and len(word.rstrip(".")) > 1 - (word == "I") and _opener(word)
    return True


def _opener(word: str) -> bool:
    return word.replace("’", "'").lower() in OPENERS


def _items(text: str, start: int, end: int) -> list[re.Match[str]]:
    """The marks of a list in one line: "1. First 2. Second"."""
    marks = list(_ITEM.finditer(text, start, end))
    if not marks or text[start : marks[0].start()].strip():
        return []
    for before, mark in itertools.pairwise(marks):
        one, other = (each["number"] or each["letter"] for each in (before, mark))
        if (one is None) != (other is None) or (other and _value(other) != _value(one) + 1):
            return marks[:1]
    return marks


def _value(mark: str) -> int:
    return int(mark) if mark.isdigit() else ord(mark)
