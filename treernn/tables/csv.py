"""CSV and TSV with a header line.

The reader is that of the standard library: Arrow's gives up on the whole file where one row is
longer than a block, opens a quote that never closes, or holds a byte that is not UTF-8.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

from treernn.errors import InputError
from treernn.tables.lines import INVALID_BYTE, Lines, Record, replace_invalid
from treernn.tables.names import distinct

MAX_FIELD = 1 << 20
"""Characters of a field, unless ``csv.field_size_limit`` is higher; a quotation mark that no other
closes within them is taken for a slip."""

DELIMITERS = ",;\t|"
"""Delimiters that are found by themselves."""

_SAMPLED_ROWS = 50
_BACKSLASHED = re.compile(r'\\([\\"])')
_EXCEL_DELIMITER = re.compile(r"sep=(.)\r?\n?")


def read_csv(
    lines: Lines, delimiter: str | None = None
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """The columns, which are read now, and the records.

    Args:
        lines: the table.
        delimiter: between fields; default: found by the first rows.

    Raises:
        InputError: there is no header.
    """
    if line := _EXCEL_DELIMITER.match(lines.sample):  # Excel's own way to name the delimiter
        next(lines)
        delimiter = delimiter or line[1]
    records = _records(lines, delimiter or find_delimiter(lines.sample))
    header, fields = next(records, (None, []))
    if header is None:
        raise InputError(f"{lines.name}: empty, expected a line of column names")
    if header.error:
        raise InputError(f"{lines.name}: {header.place}: {header.error}")
    columns = distinct([*map(replace_invalid, fields)], lines.name)
    return columns, (_with_values(lines, columns, *each) for each in records)


def read_tsv(lines: Lines) -> tuple[tuple[str, ...], Iterator[Record]]:
    """See ``read_csv``; fields end with a tab, unless the header has none and others fit."""
    header = lines.sample.partition("\n")[0]
    return read_csv(lines, "\t" if "\t" in header else find_delimiter(lines.sample, "\t"))


def find_delimiter(sample: str, default: str = ",") -> str:
    """The delimiter that splits the header and most of the first rows alike; of equals the default.

    >>> find_delimiter("id;text\\n1;good, really\\n"), find_delimiter("text\\na;b\\n")
    (';', ',')
    """
    fitting = {}
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = [len(row) for row in itertools.islice(filter(None, reader), _SAMPLED_ROWS)]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            others = widths[1:] or widths
            fitting[delimiter] = others.count(widths[0]) / len(others)
    return max(fitting, key=lambda each: (fitting[each], each == default), default=default)


def check_delimiter(delimiter: str) -> str:
    """The delimiter that a user means.

    Raises:
        InputError: it is not one character, or cannot separate fields.
    """
    delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
    if len(delimiter) != 1 or delimiter in '"\r\n\\' or INVALID_BYTE.match(delimiter):
        raise InputError(f"the delimiter is {delimiter!r}, expected one character, or tab")
    return delimiter


def _records(lines: Lines, delimiter: str) -> Iterator[tuple[Record, list[str]]]:
    """Records without values, and their fields.

    Of a record whose quotation marks do not match only the first line is lost, so that one slip
    does not swallow the rows after it. But first it is tried whether they are escaped by
    backslashes, as some databases and programs write them.
    """
    csv.field_size_limit(max(MAX_FIELD, csv.field_size_limit()))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    unescaped = csv.reader(map(_double_quotes, lines), delimiter=delimiter, strict=True)
    while True:
        lines.start_record()
        first, error = lines.number + 1, None
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            error = f"not CSV, do its quotation marks match? ({problem})"
            fields = []
            if any('\\"' in line for line in lines.record):
                lines.step_back()
                with contextlib.suppress(csv.Error, StopIteration):
                    fields, error = next(unescaped), None
            if error:
                lines.step_back(1)
        error = lines.error or error
        if error or fields:
            yield Record(first, lines.number, error=error), [] if error else fields


def _double_quotes(line: str) -> str:
    """The line with quotes that are doubled instead of escaped by a backslash."""
    return _BACKSLASHED.sub(lambda match: '""' if match[1] == '"' else match[1], line)


def _with_values(
    lines: Lines, columns: tuple[str, ...], record: Record, fields: list[str]
) -> Record:
    error = record.error
    if error is None and len(fields) != len(columns):
        error = f"{len(fields)} fields, expected {len(columns)}"
    values = dict(zip(columns, fields, strict=False))
    for column, field in values.items():
        if INVALID_BYTE.search(field):
            values[column] = replace_invalid(field)
            error = error or f"{column} is {lines.not_decodable(field)}"
    return record._replace(values=dict.fromkeys(columns) | values, error=error)


def write_csv(rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    """Rows as lines that end with ``\\n``."""
    # csv quotes carriage returns only if its lines end with them; they are cut off.
    lines: list[str] = []
    file = SimpleNamespace(write=lines.append)
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(line[:-2] + "\n" for line in lines)
