"""Negations however they are spelled: "isn´t", "is'nt", "isn t", "do nt" are "isn't", "don't"."""

from __future__ import annotations

import re

from treernn.text.english import NEGATED_VERBS
from treernn.text.mapped import MappedText, Pieces

APOSTROPHE = "['’‘‛′`ʹʻʼʽˈ΄´᾽՚ꞌ＇‚\x92\ufffd]"

SPELLED_APART = re.compile(r"""(?i)n(?:[,;"?.*_-]|'? '?|%27)t\b| nt\b""")
"""What a text of plain characters has if a negation in it may be spelled apart."""

_SIGN = rf"""(?:{APOSTROPHE}{{1,3}}|\\{{1,3}}['"’]|\\u2019|%27|["“”;,?.*_-](?=t\b))"""
_NEGATION = re.compile(
    rf"""(?i)\b(?:{NEGATED_VERBS})
    (?P<rest> \ n{_SIGN}t | n{_SIGN}\ ?t | n\ {_SIGN}\ ?t | n\ t | \ nt | {_SIGN}nt | ńt ) \b""",
    re.VERBOSE,
)


def mended_negations(mapped: MappedText) -> MappedText:
    """A text in which each negated verb ends in "n't"."""
    return mapped.substitute(_NEGATION, _mended)


def _mended(match: re.Match[str]) -> str | Pieces | None:
    rest = match["rest"]
    new = "N'T" if rest.isupper() else "n't"
    if rest == new:
        return None
    first, last = match.start("rest") - match.start(), match.end() - match.start()
    verb = match.group()[:first]
    return [(verb, 0, first), (new, first, last)]
