"""Columns of small CSV files, where one faulty row is an error of the whole file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from os import PathLike

from treernn.errors import DataError
from treernn.tables.encoding import decode, read_bytes


def read_columns(
    path: str | PathLike[str], names: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    """Read columns of a CSV file.

    Args:
        path: the file; its first row names the columns.
        names: the columns to read.

    Yields:
        For every row that is not empty the number of its first line, from 1, and its fields.

    Raises:
        MissingDataError: there is no such file.
        DataError: a column is missing or occurs twice, a row is longer or shorter than the header,
            a quoted field does not end, or a byte is not UTF-8 (with the line); or the file is
            empty.
    """
    rows = csv.reader(io.StringIO(decode(read_bytes(path), path), newline=""), strict=True)
    header: list[str] | None = None
    line = 1  # of the row's first line; a row with quoted line breaks has several
    try:
        for row in rows:
            if row and header is None:
                header = [name.strip() for name in row]
                places = [_index(header, name, path, line) for name in names]
            elif row and header is not None:
                if len(row) != len(header):
                    problem = f"{len(row)} columns, the header has {len(header)}"
                    raise DataError(f"{problem}; quote a text with commas", path, line)
                yield line, [row[place] for place in places]
            line = rows.line_num + 1
    except csv.Error as error:
        raise DataError(f"not CSV ({error})", path, line) from None
    if header is None:
        expected = " and ".join(map(repr, names))
        raise DataError(f"the file is empty, expected columns {expected}", path)


def _index(header: list[str], name: str, path: str | PathLike[str], line: int) -> int:
    if header.count(name) != 1:
        count = "more than one" if name in header else "no"
        raise DataError(f"{count} column {name!r}, the header has {', '.join(header)}", path, line)
    return header.index(name)
