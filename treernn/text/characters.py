"""Characters as they were meant: decoded rightly, composed, and without compatibility forms."""

from __future__ import annotations

import re
import unicodedata

from treernn.text.mapped import MappedText, Pieces

INVISIBLE = (
    r"\xad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f"
)
"""A class of characters that no reader sees: marks without a letter, joiners, directions."""

# UTF-8 that was decoded as Windows-1252 or Latin-1: a lead byte and its continuation bytes.
_CONTINUATION = (
    "[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
_MOJIBAKE = re.compile(
    f"[\xc2-\xdf]{_CONTINUATION}|[\xe0-\xef]{_CONTINUATION}{{2}}|[\xf0-\xf4]{_CONTINUATION}{{3}}"
)
_MOST_TIMES = 3  # that a text was decoded wrongly
_ALL = re.compile(r"(?s).+")
_FOLDABLE = re.compile("[^\x00-\x7f]")
_MOST_MARKS = 30  # combining marks on one letter that are composed with it
_HYPHENS = "\u2010\u2011\u2212\ufe63"
# Letters in black squares and circles, which have no compatibility form.
_NEGATIVE = {chr(start + i): chr(65 + i) for start in (0x1F150, 0x1F170) for i in range(26)}


def normalize(mapped: MappedText) -> MappedText:
    """Decode what was decoded wrongly, compose accents, and replace compatibility forms."""
    if mapped.text.isascii():
        return mapped
    mapped = _normalized(mapped)
    for _ in range(_MOST_TIMES):
        decoded = mapped.substitute(_MOJIBAKE, _redecoded)
        if decoded is mapped:
            break
        mapped = _normalized(decoded)
    return mapped.substitute(_FOLDABLE, _folded)


def _redecoded(match: re.Match[str]) -> str | None:
    """What bytes of UTF-8 mean; None where they are none."""
    codes = bytearray()
    for char in match.group():
        try:
            codes += char.encode("latin-1" if char <= "\xff" else "cp1252")
        except UnicodeEncodeError:
            return None
    try:
        return codes.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _normalized(mapped: MappedText) -> MappedText:
    if unicodedata.is_normalized("NFC", mapped.text):
        return mapped
    return mapped.substitute(_ALL, _composed)


def _composed(match: re.Match[str]) -> Pieces:
    """Letters with their accents as one character each, in Unicode's normal form NFC."""
    text = match.group()
    pieces: list[tuple[str, int, int]] = []
    start, composed = 0, text[0]
    for at in range(1, len(text) + 1):
        if at < len(text) and at - start <= _MOST_MARKS:
            longer = unicodedata.normalize("NFC", composed + text[at])
            if unicodedata.combining(text[at]) or len(longer) <= len(composed):
                composed = longer
                continue
        pieces.append((composed, start, at))
        if at < len(text):
            start, composed = at, unicodedata.normalize("NFC", text[at])
    return pieces


def _folded(match: re.Match[str]) -> str | None:
    """The plain characters of a compatibility form."""
    char = match.group()
    if "\x80" <= char <= "\x9f":  # Windows-1252, decoded as Latin-1
        return char.encode("latin-1").decode("cp1252", "replace")
    if char in _HYPHENS:
        return "-"
    if char in _NEGATIVE:
        return _NEGATIVE[char]
    kind = unicodedata.category(char)
    letter = kind[0] in "LN" and kind != "No" and char != "ℹ"
    if letter or "！" <= char <= "～" or "Ⓐ" <= char <= "ⓩ" or "🄰" <= char <= "🅉":
        folded = unicodedata.normalize("NFKC", char)
        return None if folded == char else folded
    return None
