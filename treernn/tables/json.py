"""JSON files: an array of objects or of texts, or objects one after the other.

Read element by element, so that memory does not grow with the array.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from treernn.errors import DataError
from treernn.tables.jsonl import parse, read_jsonl
from treernn.tables.lines import BLOCK, MAX_LINE, Lines, Record

# A string, whose second quotation mark may not have been read yet, or a mark between strings.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},]', re.S)

_ARRAY = re.compile(r'\s*\[\s*(?:[{"]|\Z)')
_NO_END = "the array does not end, is the file complete?"


def read_json(lines: Lines) -> tuple[None, Iterator[Record]]:
    """Read a JSON file; its columns are unknown, those of an array of texts are ``text``."""
    return None, _records(lines)


def read_json_lines(lines: Lines) -> tuple[None, Iterator[Record]]:
    """Read JSON lines, or an array if that is what the file clearly has."""
    return (read_json if _ARRAY.match(lines.sample) else read_jsonl)(lines)


def _records(lines: Lines) -> Iterator[Record]:
    for number, text in enumerate(_elements(lines), 1):
        value, error = (None, _NO_END) if text is None else parse(text, lines)
        if isinstance(value, str):
            value = {"text": value}
        if error is None and not isinstance(value, dict):
            error = f"a JSON {type(value).__name__}, expected an object or a text"
        yield Record(number, number, {} if error or value is None else value, error, "item")


def _elements(lines: Lines) -> Iterator[str | None]:
    """The JSON of each element, and None for the end of an array that is missing.

    Raises:
        DataError: an element is too long.
    """
    text = lines.block()
    while text.isspace():
        text = lines.block()
    text = text.lstrip()
    inside = int(text.startswith("["))  # depth of the elements
    start = position = depth = inside
    while True:
        token = _TOKEN.search(text, position)
        if token is None or (token[0].startswith('"') and not token[1]):
            if len(text) - start > MAX_LINE:
                raise DataError(f"an element has more than {MAX_LINE:,} characters", lines.name)
            more = lines.block(max(BLOCK, len(text) - start))
            if more:
                position = (len(text) if token is None else token.start()) - start
                text, start = text[start:] + more, 0
                continue
            if rest := text[start:].strip(" \t\r\n,"):
                yield rest
            if depth == inside == 1 and token is None:
                yield None
            return
        position = token.end()
        match token[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
                if depth < inside:  # the end of the array, or one bracket too many
                    if element := text[start : token.start()].strip():
                        yield element
                    rest = text[position:] + lines.block()
                    if not inside or rest.strip():
                        yield token[0] + rest[:40]
                    return
                if depth == 0:
                    yield text[start:position].strip(" \t\r\n,")
                    start = position
            case "," if depth == inside == 1:
                yield text[start : token.start()]
                start = position
