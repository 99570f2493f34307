"""Tables in files: CSV, TSV, JSON lines, plain text and Parquet.

Memory does not grow with the table. What is wrong with one row is an error of that row.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from treernn.errors import InputError
from treernn.tables.csv import MAX_FIELD, read_csv
from treernn.tables.jsonl import read_jsonl
from treernn.tables.lines import COMPRESSIONS, Record, open_lines
from treernn.tables.text import read_text


class InputFormat(StrEnum):
    """Format of a table."""

    csv = "csv"
    tsv = "tsv"
    jsonl = "jsonl"
    text = "text"
    parquet = "parquet"


ENDINGS = {
    ".csv": InputFormat.csv,
    ".tsv": InputFormat.tsv,
    ".jsonl": InputFormat.jsonl,
    ".txt": InputFormat.text,
    ".parquet": InputFormat.parquet,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of lines, open for one reading.

    Attributes:
        name: for messages.
        columns: their names in order; None for JSON lines from a stream, whose fields are unknown.
        records: in order.
        fraction: returns the fraction of the table read so far, 0 to 1; 0 where it is unknown.
    """

    name: str
    columns: tuple[str, ...] | None
    records: Iterator[Record]
    fraction: Callable[[], float]


def format_of(name: str) -> InputFormat | None:
    """The format by the ending of a file's name; None where the ending is of no format.

    >>> format_of("reviews.CSV.gz"), format_of("notes.md")
    (<InputFormat.csv: 'csv'>, None)
    """
    stem, ending = os.path.splitext(name.lower())
    format = ENDINGS.get(os.path.splitext(stem)[1] if ending in COMPRESSIONS else ending)
    return None if ending in COMPRESSIONS and format is InputFormat.parquet else format


def check_format(path: str | os.PathLike[str], format: InputFormat | None = None) -> InputFormat:
    """The format of a file, with ``-`` of standard input.

    Raises:
        InputError: no format is named and the ending is of none, or standard input cannot have it.
    """
    format = format or format_of(str(path))
    if format is None:
        known = f"{' '.join(ENDINGS)}, the text formats also with {' or '.join(COMPRESSIONS)}"
        problem = "needs --input-format" if path == "-" else "its ending tells no format"
        raise InputError(
            f"{'standard input' if path == '-' else path}: {problem}; "
            f"formats are {', '.join(InputFormat)}, and endings {known}"
        )
    if format is InputFormat.parquet and path == "-":
        raise InputError("Parquet cannot be read from standard input, give a file")
    return format


@contextlib.contextmanager
def open_table(
    path: str | os.PathLike[str], format: InputFormat | None = None, max_field: int = MAX_FIELD
) -> Iterator[Table]:
    """Open a table of lines, that is any but Parquet.

    Args:
        path: the file, or ``-`` for standard input; its ending shows the format, and ``.gz`` or
            ``.zst`` the compression.
        format: overrides the ending.
        max_field: characters of a CSV field.

    Raises:
        InputError: the file cannot be read, has no known format, or a bad header.
        DataError: it is damaged; raised where the damage is reached.
    """
    format = check_format(path, format)
    with open_lines(path) as lines:
        columns: tuple[str, ...] | None
        match format:
            case InputFormat.csv | InputFormat.tsv:
                columns, records = read_csv(
                    lines, "," if format is InputFormat.csv else "\t", max_field
                )
            case InputFormat.jsonl:
                columns = None if path == "-" else _fields(path)
                records = read_jsonl(lines)
            case InputFormat.text:
                columns, records = ("text",), read_text(lines)
            case _:
                raise InputError(f"{path}: {format} is not a format of lines")
        yield Table(lines.name, columns, records, lines.fraction)


def _fields(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """All fields of a file of JSON lines, in the order in which they appear."""
    with open_lines(path) as lines:
        fields = (name for record in read_jsonl(lines) for name in record.values)
        return tuple(dict.fromkeys(fields))
