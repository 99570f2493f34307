"""Offsets of characters as other programs count them.

Python counts code points. JavaScript counts units of UTF-16, of which an emoji has two, and some
programs count what a reader takes for one character: a family of four is one, of seven code points.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

UNITS = ("code points", "utf-16", "graphemes")
"""What can be counted."""


def places(text: str, units: str = "code points") -> Sequence[int]:
    """Where each code point of a text begins, and where the text ends, counted in other units.

    Args:
        text: any.
        units: one of ``UNITS``.

    >>> places("a🎉b", "utf-16"), places("🇺🇸!", "graphemes")
    ([0, 1, 3, 4], [0, -1, 1, 2])
    """
    if units == "code points" or (text.isascii() and "\r\n" not in text):  # one grapheme
        return range(len(text) + 1)
    if units == "utf-16":
        found = [0]
        for character in text:
            found.append(found[-1] + (2 if character > "\uffff" else 1))
        return found
    found = []
    for number, cluster in enumerate(regex.findall(r"\X", text)):
        found += [number, *[-1] * (len(cluster) - 1)]
    return [*found, max(found, default=-1) + 1]


def to_code_points(text: str, start: int, end: int, units: str) -> tuple[int, int] | None:
    """A range of a text in code points; None if there is no such range, or it is empty.

    Args:
        text: any.
        start, end: the range, half-open, counted in ``units``.
        units: one of ``UNITS``.

    >>> to_code_points("a🎉b", 1, 3, "utf-16"), to_code_points("a🎉b", 2, 3, "utf-16")
    ((1, 2), None)
    """
    if not 0 <= start < end:
        return None
    found = places(text, units)
    try:
        return found.index(start), found.index(end)
    except ValueError:
        return None
