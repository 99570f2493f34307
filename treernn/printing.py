"""Text from outside in a terminal: what would move its cursor, hide or reorder text is escaped."""

from __future__ import annotations

import json
import re

# Control characters, soft hyphens, directions, line ends, characters without a width, surrogates.
# Joiners and marks of variants stay where they belong: within emoji and words that are not ASCII.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)


def shown(text: str) -> str:
    r"""Text on one line, with hidden characters as JSON writes them; JSON stays the same JSON.

    >>> shown("a\x1b[31m\nb")
    'a\\u001b[31m\\nb'
    """
    return text if text.isprintable() else _HIDDEN.sub(_escaped, text)


def shown_lines(text: str) -> str:
    """``shown`` of each line."""
    return "\n".join(map(shown, text.split("\n")))


def visible(text: str) -> str:
    r"""Text of the same length with a space for each hidden character.

    >>> visible("a\x1b[31m\u202eb")
    'a [31m b'
    """
    return text if text.isprintable() else _HIDDEN.sub(" ", text)


def printable(text: str) -> str:
    r"""Text on one line of a picture: a space for white space and for each hidden character.

    >>> printable("a\x1b[31m\nb")
    'a [31m b'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"
