"""Tables in files: CSV, TSV, JSON lines, plain text and Parquet.

Memory does not grow with the table. An error in a row does not end the reading of a file of lines.
To add a format of lines: a function that reads it, in a file of its own, and a line here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from treernn.errors import InputError
from treernn.tables.csv import read_csv
from treernn.tables.jsonl import read_jsonl
from treernn.tables.lines import COMPRESSIONS, Lines, Record, open_lines
from treernn.tables.text import read_text

Columns = tuple[str, ...] | None


class Format(NamedTuple):
    """An input format.

    Attributes:
        ending: of the names of its files.
        read: the columns and the records of some lines; None for Parquet, see ``tables.parquet``.
    """

    ending: str
    read: Callable[[Lines], tuple[Columns, Iterator[Record]]] | None


FORMATS = {
    "csv": Format(".csv", read_csv),
    "tsv": Format(".tsv", partial(read_csv, delimiter="\t")),
    "jsonl": Format(".jsonl", read_jsonl),
    "text": Format(".txt", read_text),
    "parquet": Format(".parquet", None),
}


class Table(NamedTuple):
    """A table of lines, open for one reading.

    Attributes:
        lines: have its ``name``, and the ``fraction`` that is read.
        columns: names in order; None for JSON lines from a stream, whose fields are unknown.
        records: in order.
    """

    lines: Lines
    columns: Columns
    records: Iterator[Record]


def format_of(name: str) -> str | None:
    """The format by the ending of a file's name; None for an ending of no format.

    >>> format_of("reviews.CSV.gz"), format_of("notes.md")
    ('csv', None)
    """
    stem, ending = os.path.splitext(name.lower())
    compressed = ending in COMPRESSIONS
    if compressed:
        ending = os.path.splitext(stem)[1]
    names = (name for name, format in FORMATS.items() if format.ending == ending)
    return next((name for name in names if not compressed or FORMATS[name].read), None)


def check_format(path: str | os.PathLike[str], format: str | None = None) -> str:
    """The format of a file, or with ``-`` of standard input; by default that of the ending.

    Raises:
        InputError: the ending is of no format, or standard input cannot have the format.
    """
    format = format or format_of(str(path))
    if format is None:
        endings = " ".join(known.ending for known in FORMATS.values())
        problem = "needs --input-format" if path == "-" else "unknown file format"
        raise InputError(
            f"{'standard input' if path == '-' else path}: {problem}; formats are "
            f"{', '.join(FORMATS)}, and endings {endings}, the text formats also with "
            f"{' or '.join(COMPRESSIONS)}"
        )
    if format == "parquet" and path == "-":
        raise InputError("Parquet cannot be read from standard input, give a file")
    return format


@contextlib.contextmanager
def open_table(path: str | os.PathLike[str], format: str | None = None) -> Iterator[Table]:
    """Open a table of lines, which is any but Parquet.

    Args:
        path: the file, or ``-`` for standard input; ``.gz`` and ``.zst`` are decompressed.
        format: a key of ``FORMATS``; by default that of the ending.

    Raises:
        InputError: the file cannot be read, has no known format, or a bad header.
        DataError: it is damaged; raised where the damage is reached.
    """
    read: Any = FORMATS[check_format(path, format)].read
    with open_lines(path) as lines:
        columns, records = read(lines)
        if columns is None and path != "-":  # read all fields, in the order of appearance
            with open_lines(path) as first:
                names = (name for record in read(first)[1] for name in record.values)
                columns = tuple(dict.fromkeys(names))
        yield Table(lines, columns, records)
