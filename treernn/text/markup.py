"""HTML and BBCode: entities decoded, tags removed, what no reader sees left out.

Every part that could start anywhere has a bounded length, so that each pass takes linear time.
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from itertools import chain, pairwise

from treernn.text.mapped import MappedText

_BLOCKS = (
    "address|article|aside|blockquote|body|br|center|dd|details|div|dl|dt|fieldset|figcaption|"
    "figure|footer|form|h[1-6]|head|header|hr|html|li|main|nav|noscript|ol|option|p|pre|script|section|"
    "style|summary|table|tbody|td|template|tfoot|th|thead|title|tr|ul"
)
_INLINE = (
    "a|abbr|acronym|audio|b|bdi|bdo|big|button|canvas|cite|code|data|del|dfn|em|embed|font|i|"
    "iframe|img|input|ins|kbd|label|link|mark|meta|object|path|q|s|samp|select|small|"
    "source|span|strike|strong|sub|sup|svg|textarea|time|tt|u|var|video|wbr|"
    "[a-z]{1,20}[:-][a-z:-]{1,40}"
)
_ATTRIBUTES = r"""(?: (?:[^<>"']|"[^"<]{0,500}"|'[^'<]{0,500}'){0,500} | [^<>]{0,500} )"""
_ENTITY = re.compile(
    r"""(?i:&(?:amp;){0,3}
    (?: \#[0-9]{1,7};? | \#x[0-9a-f]{1,6};? | [a-z][a-z0-9]{1,31};
      | (?:amp|apos|gt|lt|nbsp|quot)(?![a-z0-9;=]) ) )""",
    re.VERBOSE,
)
_TAG = re.compile(
    rf"""
    (?P<block>  (?i:</?(?:{_BLOCKS})\b{_ATTRIBUTES}>) )
  | (?P<hidden> (?i:</?(?:{_INLINE})\b{_ATTRIBUTES}>) | (?i:<!doctype\b[^<>]{{0,500}}>)
              | <\?[a-zA-Z][^<>]{{0,500}}\?> | <!\[CDATA\[ | \]\]> )
    """,
    re.VERBOSE,
)
_UNSEEN = re.compile(r"(?i)<(script|style)\b[^<>]{0,500}>|<!--")
_BBCODE = re.compile(
    r"(?i)\[/?(?:b|i|u|s|center|code|color|img|list|quote|size|spoiler|url)(?:=[^\[\]]{0,500})?\]"
)


def without_markup(mapped: MappedText) -> MappedText:
    """A text as a browser shows it."""
    if "&" in mapped.text:
        mapped = mapped.substitute(_ENTITY, _entity)
    if "<" in mapped.text:
        mapped = _without_unseen(mapped).substitute(_TAG, _replacement)
    if "[" in mapped.text:
        mapped = mapped.substitute(_BBCODE, lambda _: "")
    return mapped


def _entity(match: re.Match[str]) -> str | None:
    text, before = match.group(), ""
    name = re.sub("(?i)^&(?:amp;)*", "", text).rstrip(";")
    if name and name[0] != "#" and f"{name};" not in html5:
        return None
    while text != before:  # "&amp;amp;": escaped twice
        before, text = text, html.unescape(text)
    return None if text == match.group() else text


def _without_unseen(mapped: MappedText) -> MappedText:
    """Without scripts, style sheets and comments."""
    text = mapped.text
    ends: dict[str, int] = {}  # where the next end of an element was found, -1 for none
    lower = text.lower()
    ranges: list[tuple[int, int]] = []
    for match in _UNSEEN.finditer(text):
        start, name = match.start(), (match[1] or "").lower()
        if (ranges and start < ranges[-1][1]) or ends.get(name) == -1:
            continue
        # Where no end is, none is after a later start either.
        ends[name] = close = lower.find(f"</{name}" if name else "-->", match.end() - 2)
        if close >= 0:
            stop = text.find(">", close)
            ranges.append((start, len(text) if stop < 0 else stop + 1))
    if not ranges:
        return mapped
    kept = [slice(a, b) for a, b in pairwise([0, *chain.from_iterable(ranges), len(text)])][::2]
    return MappedText(
        "".join([text[part] for part in kept]),
        [place for part in kept for place in mapped.starts[part]],
        [place for part in kept for place in mapped.ends[part]],
    )


def _replacement(match: re.Match[str]) -> str:
    return "\n\n" if match.lastgroup == "block" else ""
