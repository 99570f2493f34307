"""Markdown: links, headings, quotations, emphasis, escapes (CommonMark 0.31)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from treernn.text.mapped import MappedText, Pieces

SIGNS = re.compile(r"[*_~`\[#>|=\\]|--")
"""What a text with Markdown has one of."""

_ADDRESS = r"""<?[^()\s<>]{0,1000}(?:\([^()\s<>]{0,200}\)[^()\s<>]{0,200})?>?"""
_BLOCKS = re.compile(
    rf"""
    !?\[ (?P<text>[^\[\]]{{1,500}}) \]\( {_ADDRESS} (?:\s["'][^"'()]{{0,200}}["'])? \)
  | (?m:^)(?P<fence> [ ]{{0,3}}```\w*[ ]*(?m:$) )
  | (?<=\n)(?P<line> [ ]{{0,3}}(?:={{3,100}}|-{{3,100}})[ ]*(?m:$) )            # a heading's line
  | (?m:^)(?P<rule> [ ]{{0,3}}\|?(?:[ ]?:?-{{3,50}}:?[ ]?\|){{1,50}}[ :-]{{0,50}}(?m:$) )
  | (?m:^)[ ]{{0,3}}(?P<head> \#{{1,6}}[ ] | (?:>[ ]?){{1,5}}(?=[\w*"'“]) )
  | (?P<closing> [ ]\#{{2,6}}[ ]*(?m:$) )
    """,
    re.VERBOSE,
)
_MARK = re.compile(r"(?<!\\)(?:\*{1,3}|_{1,3}|~~|==|`{1,3})")
_OPEN = " \t\n*_~`="  # beside a mark they are no words that it could emphasize
_ESCAPE = re.compile(r"""\\(?=[*_~`#.!()\[\]&"'>+-])""")


def without_markdown(mapped: MappedText) -> MappedText:
    """A text as Markdown shows it."""
    mapped = mapped.substitute(_BLOCKS, _block)
    marks = set(_emphasis(mapped.text))
    if marks:
        mapped = mapped.substitute(_MARK, lambda match: "" if match.start() in marks else None)
    return mapped.substitute(_ESCAPE, lambda _: "") if "\\" in mapped.text else mapped


def _block(match: re.Match[str]) -> str | Pieces:
    if (text := match["text"]) is not None:
        first = match.start("text") - match.start()
        return [(text, first, first + len(text))]
    return "\n\n" if match["fence"] or match["line"] or match["rule"] else ""


def _emphasis(text: str) -> Iterator[int]:
    """Places of pairs of marks around words, such as ``**bad**``, in one paragraph."""
    opened: dict[str, int] = {}
    for match in _MARK.finditer(text):
        mark, start, end = match.group(), *match.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        inside = before.isalnum() and after.isalnum()  # "2*3*4", "snake_case"
        if inside and not (len(mark) > 1 and mark[0] == "*"):
            continue
        first = opened.pop(mark, None)
        if first is not None and before.strip(_OPEN) and "\n\n" not in text[first:start]:
            yield from (first, start)
        elif after.strip(_OPEN):
            opened[mark] = start
