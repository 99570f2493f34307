"""Where sentences end.

A sentence may end after a full stop, question or exclamation mark, an ellipsis, and at the end of a
line. Which of these places are boundaries is decided from the characters around them; the rules and
their order follow Pragmatic Segmenter's golden rules, on which they are tested.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from treernn.text.english import ABBREVIATIONS, NUMBERED, OPENERS, SAYING, TITLES

LONGEST = 10_000
"""Characters of the longest sentence; the parser's memory grows with its length."""

SHORT_LINE = 45
"""Where all lines of a paragraph are at most this long, each is a sentence or a heading."""

_END = re.compile(
    r"""(\.(?:\ \.){1,3} | [.!?]+) (["'”’)\]}»]*) (?:\s+|\Z)""",
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\[\"“‘'*_]*\Z")
_NEXT_WORD = re.compile(r"""["'“‘(\[`*_-]*([\w'’.&]*)""")
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")
_SAYING = re.compile(
    rf"(?:(?:the |my |her |his )?[A-Z]?\w+(?: [A-Z]\w+)?,? )?(?:{SAYING})\b|(?:{SAYING}) (?:\w+)",
)
_BULLET = re.compile(r"[ \t]*(?:[-*+•⁃◦‣·▪]\s|\(?(?:\d{1,3}|[a-zA-Z])[.)]{1,2}\s)")
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
        short = len(lines) > 1 and max(map(len, lines)) <= SHORT_LINE
        first = place = at
        for line, following in itertools.pairwise(lines):
            place += len(line) + 1
            new = following.lstrip()
            ends = (
                newline_ends_sentence
                or _BULLET.match(following)
                or (_BULLET.match(line) and new[:1].isupper())
            )
            if ends or (short and new and not new[0].islower()):
                yield first, place - 1
                first = place
        yield first, stop
        at = stop + 2


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
        return not (small and (name or word in ("is", "was", "has")))
    if len(mark) > 1:  # an ellipsis
        return mark.count(".") > 3 or not word[:1].isalpha() or _opener(word)
    return bool(closers) or not last or _ends_after(last, word, text[start : match.start()])


def _ends_after(last: str, word: str, sentence: str) -> bool:
    """Whether a full stop after the word ``last`` ends a sentence when ``word`` follows."""
    lower = last.lower()
    if lower in TITLES:
        return False
    if lower in NUMBERED:
        return not word[:1].isdigit()
    if lower in ("a.m", "p.m"):
        return word[:1].isupper() and word.rstrip(".").lower() not in TITLES
    if lower in ABBREVIATIONS:
        return word[:1].isupper() and _opener(word)
    if last == "I":
        return sentence.endswith("and I") or _opener(word)
    if _INITIALS.fullmatch(last):
        return len(last) > 1 and word[:1].isupper() and _opener(word)
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
