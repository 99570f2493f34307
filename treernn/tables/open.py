"""Tables in files: CSV, TSV, JSON, plain text, Parquet and Excel.

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
from treernn.tables.csv import check_delimiter, read_csv, read_tsv
from treernn.tables.json import read_json, read_json_lines
from treernn.tables.lines import Lines, Record, open_lines
from treernn.tables.source import COMPRESSIONS, is_stream
from treernn.tables.text import read_text

Columns = tuple[str, ...] | None


class Format(NamedTuple):
    """An input format.

    Attributes:
        endings: of the names of its files.
        read: the columns and the records of some lines; None for Parquet and Excel, see
            ``tables.parquet`` and ``tables.excel``.
    """

    endings: tuple[str, ...]
    read: Callable[[Lines], tuple[Columns, Iterator[Record]]] | None


FORMATS = {
    "csv": Format((".csv",), read_csv),
    "tsv": Format((".tsv", ".tab"), read_tsv),
    "jsonl": Format((".jsonl", ".ndjson"), read_json_lines),
    "json": Format((".json",), read_json),
    "text": Format((".txt",), read_text),
    "parquet": Format((".parquet",), None),
    "excel": Format((".xlsx", ".xlsm"), None),
}

_DELIMITED = ("csv", "tsv")


class Table(NamedTuple):
    """A table, open for one reading.

    Attributes:
        name: for messages.
        columns: names in order; None for JSON from a stream, whose fields are unknown.
        records: in order.
        fraction: returns the fraction of the file read so far, 0 to 1.
    """

    name: str
    columns: Columns
    records: Iterator[Record]
    fraction: Callable[[], float]


def format_of(name: str) -> str | None:
    """The format by the ending of a file's name; None for an ending of no format.

    >>> format_of("reviews.CSV.gz"), format_of("notes.md")
    ('csv', None)
    """
    stem, ending = os.path.splitext(name.lower())
    compressed = ending in COMPRESSIONS
    if compressed:
        ending = os.path.splitext(stem)[1]
    names = (name for name, format in FORMATS.items() if ending in format.endings)
    return next((name for name in names if not compressed or FORMATS[name].read), None)


def check_format(
    path: str | os.PathLike[str], format: str | None = None, delimiter: str | None = None
) -> str:
    """The format of a file, or with ``-`` of standard input.

    Args:
        path: the file.
        format: a key of ``FORMATS``; default: that of the ending.
        delimiter: of fields; only CSV and TSV have one.

    Raises:
        InputError: the ending is of no format, or standard input cannot have the format, or the
            format has no delimiter.
    """
    if delimiter is not None:
        check_delimiter(delimiter)
        by_name = format_of(str(path))
        format = format or ("csv" if by_name in (None, "text") else by_name)
        if format not in _DELIMITED:
            raise InputError(f"--delimiter is for CSV and TSV, not for {format}")
    format = format or format_of(str(path))
    name = "standard input" if path == "-" else str(path)
    if format is None:
        if os.path.isdir(path):
            raise InputError(f"{name}: is a folder, expected a file")
        from treernn.tables.excel import OTHER_SPREADSHEETS

        if name.lower().endswith(OTHER_SPREADSHEETS):
            raise InputError(f"{name}: not a format that can be read, save it as .xlsx or .csv")
        endings = " ".join(ending for known in FORMATS.values() for ending in known.endings)
        problem = "needs --input-format" if is_stream(path) else "unknown file format"
        raise InputError(
            f"{name}: {problem}; formats are {', '.join(FORMATS)}, and endings {endings}, "
            f"the text formats also with {', '.join(COMPRESSIONS)}"
        )
    if FORMATS[format].read is None and is_stream(path):
        title = format.capitalize()
        raise InputError(f"{title} cannot be read from {name}, give a file")
    return format


@contextlib.contextmanager
def open_table(
    path: str | os.PathLike[str],
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    keep_nan: bool = False,
) -> Iterator[Table]:
    """Open a table, which is any but Parquet.

    Args:
        path: the file, or ``-`` for standard input; compressed files are decompressed.
        format: a key of ``FORMATS``; default: that of the ending.
        encoding: of the text; default: UTF-8, or what the first bytes show.
        delimiter: of CSV and TSV; default: what the first rows show.
        keep_nan: whether ``NaN`` and infinity in JSON stay numbers; else they are missing values.

    Raises:
        InputError: the file cannot be read, has no known format, or a bad header; or there is no
            such encoding or delimiter.
        DataError: it is damaged; raised where the damage is reached.
    """
    format = check_format(path, format, delimiter)
    if format == "excel":
        from treernn.tables.excel import open_excel

        with open_excel(path) as (columns, records, rows):
            counted = _Counted(records, rows)
            yield Table(str(path), columns, counted, counted.fraction)
        return
    read: Any = FORMATS[format].read
    if delimiter is not None:
        read = partial(read_csv, delimiter=check_delimiter(delimiter))
    with open_lines(path, encoding) as lines:
        lines.keep_nan = keep_nan
        names, records = read(lines)
        if names is None and not is_stream(path):  # read all fields, in the order of appearance
            names = _fields(path, partial(open_lines, path, encoding), read)
        yield Table(lines.name, names, records, lines.fraction)


def _fields(
    path: str | os.PathLike[str],
    open_again: Callable[[], contextlib.AbstractContextManager[Lines]],
    read: Any,
) -> tuple[str, ...]:
    """All fields of the objects in a file.

    Raises:
        InputError: there are none.
    """
    names: dict[str, None] = {}
    problem = None
    with open_again() as lines:
        for record in read(lines)[1]:
            names.update(dict.fromkeys(record.values))
            if record.error and problem is None:
                problem = f"{record.place}: {record.error}"
    if not names:
        raise InputError(f"{path}: {problem or 'empty, expected objects with fields'}")
    return tuple(names)


class _Counted(Iterator[Record]):
    """Records that know their fraction of all rows."""

    def __init__(self, records: Iterator[Record], rows: int) -> None:
        self._records, self._rows, self._row = records, rows, 0

    def __next__(self) -> Record:
        record = next(self._records)
        self._row = record.line
        return record

    def fraction(self) -> float:
        return min(1.0, self._row / self._rows) if self._rows else 0.0
