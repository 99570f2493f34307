"""CSV and TSV with a header line.

The reader is that of the standard library: Arrow's gives up on the whole file where one row is
longer than a block, opens a quote that never closes, or holds a byte that is not UTF-8.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

from treernn.errors import InputError
from treernn.tables.lines import INVALID_BYTE, Lines, Record, replace_invalid

MAX_FIELD = 1 << 20
"""Characters of a field, unless ``csv.field_size_limit`` is higher; a quotation mark that no other
closes within them is taken for a slip."""


def read_csv(lines: Lines, delimiter: str = ",") -> tuple[tuple[str, ...], Iterator[Record]]:
    """The columns, which are read now, and the records.

    Raises:
        InputError: there is no header, or it has a column twice.
    """
    records = _records(lines, delimiter)
    header, fields = next(records, (None, []))
    if header is None:
        raise InputError(f"{lines.name}: empty, expected a line of column names")
    if header.error:
        raise InputError(f"{lines.name}: {header.place}: {header.error}")
    columns = tuple(map(replace_invalid, fields))
    for column in columns:
        if columns.count(column) > 1:
            raise InputError(f"{lines.name}: two columns are called {column!r}, rename one")
    return columns, (_with_values(columns, *each) for each in records)


def _records(lines: Lines, delimiter: str) -> Iterator[tuple[Record, list[str]]]:
    """Records without values, and their fields.

    Of a record whose quotation marks do not match only the first line is lost, so that one slip
    does not swallow the rows after it.
    """
    csv.field_size_limit(max(MAX_FIELD, csv.field_size_limit()))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.start_record()
        first, error = lines.number + 1, None
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            lines.end_record_after_first_line()
            error = f"not CSV, do its quotation marks match? ({problem})"
        error = lines.error or error
        if error or fields:
            yield Record(first, lines.number, error=error), [] if error else fields


def _with_values(columns: tuple[str, ...], record: Record, fields: list[str]) -> Record:
    error = record.error
    if error is None and len(fields) != len(columns):
        error = f"{len(fields)} fields, expected {len(columns)}"
    values = dict(zip(columns, fields, strict=False))
    for column, field in values.items():
        if INVALID_BYTE.search(field):
            values[column] = replace_invalid(field)
            error = error or f"{column} is not UTF-8"
    return record._replace(values=dict.fromkeys(columns) | values, error=error)


def write_csv(rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    """Rows as lines that end with ``\\n``."""
    # csv quotes carriage returns only if its lines end with them; they are cut off.
    lines: list[str] = []
    file = SimpleNamespace(write=lines.append)
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(line[:-2] + "\n" for line in lines)
