"""Plain text: each line that is not blank is a record with the one column ``text``."""

from __future__ import annotations

from collections.abc import Iterator

from treernn.tables.lines import INVALID_BYTE, Lines, Record, replace_invalid


def read_text(lines: Lines) -> tuple[tuple[str], Iterator[Record]]:
    """Read lines of text."""
    return ("text",), _records(lines)


def _records(lines: Lines) -> Iterator[Record]:
    for line in lines.single():
        text = line.removesuffix("\n").removesuffix("\r")
        if not text.strip():
            continue
        values, error = {"text": text}, lines.error
        if error:
            values = {}
        elif INVALID_BYTE.search(text):
            values, error = {"text": replace_invalid(text)}, lines.not_decodable(text)
        yield Record(lines.number, lines.number, values, error)
