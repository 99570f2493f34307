"""Rows of a table, each with the text to score."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from treernn.errors import InputError
from treernn.tables.open import Table, check_format, open_table

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MAX_CHARACTERS = 100_000
"""By default a longer text is not scored."""


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        place: where it is, for example ``line 7``.
        text: to score.
        values: its columns by name, the text among them; empty where the chunk has ``arrow``.
        error: why it cannot be scored; then ``text`` is empty and ``values`` is what could be read.
    """

    place: str
    text: str = ""
    values: Mapping[str, Any] = {}
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows, scored together.

    Attributes:
        rows: the rows.
        fraction: of the table up to the end of the chunk, 0 to 1; 0 where it is unknown.
        arrow: their columns, where the table is Parquet and has types.
    """

    rows: list[Row]
    fraction: float = 0.0
    arrow: pa.RecordBatch | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, open for one reading.

    Attributes:
        columns: names in order; None for JSON lines from a stream, whose fields are unknown.
        rows: each with the fraction of the table up to its end.
        chunks: the rows in chunks of at most so many rows and about so many characters; the same
            table always gives the same chunks.
    """

    columns: tuple[str, ...] | None
    rows: Iterator[tuple[Row, float]]
    chunks: Callable[[int, int], Iterator[Chunk]]


@contextlib.contextmanager
def open_rows(
    path: str | os.PathLike[str],
    column: str = "text",
    format: str | None = None,
    max_characters: int = MAX_CHARACTERS,
    reserved: Sequence[str] = (),
) -> Iterator[Rows]:
    """Open a file, or with ``-`` standard input, for one reading.

    Args:
        path: the file; its ending shows the format, and ``.gz`` or ``.zst`` the compression.
        column: holds the texts; of plain text, ``text`` is the one column.
        format: overrides the ending.
        max_characters: a longer text is an error of its row.
        reserved: names that no column may have.

    Raises:
        InputError: the file cannot be read, has no known format, not this column, or a reserved
            one.
        DataError: it is damaged; raised where the damage is reached.
    """
    if check_format(path, format) == "parquet":
        from treernn.tables.parquet import check_text_column, open_parquet

        with open_parquet(path) as file:
            schema = file.schema_arrow
            _check_columns(schema.names, column, reserved, str(path))
            check_text_column(schema, column, str(path))
            chunks = partial(_parquet_chunks, file, path, column, max_characters)
            rows: Iterator[tuple[Row, float]] = (
                (row, chunk.fraction) for chunk in chunks(512, sys.maxsize) for row in chunk.rows
            )
            yield Rows(tuple(schema.names), rows, chunks)
        return
    csv.field_size_limit(max(csv.field_size_limit(), max_characters + 1))
    with open_table(path, format) as table:
        if table.columns is not None:
            _check_columns(table.columns, column, reserved, table.name)
        lines = _line_rows(table, column, max_characters, frozenset(reserved))
        yield Rows(table.columns, lines, partial(gather, lines))


def text_rows(texts: Sequence[str], max_characters: int = MAX_CHARACTERS) -> list[Row]:
    """Texts as rows with the one column ``text``."""
    return [
        checked_row(f"text {number}", {"text": text}, "text", max_characters)
        for number, text in enumerate(texts, 1)
    ]


def texts_of(paths: Iterable[str | os.PathLike[str]], column: str = "text") -> Iterator[str]:
    """The texts of several tables, one after the other; rows with an error are skipped.

    Raises:
        InputError, DataError: as ``open_rows``.
    """
    for path in paths:
        with open_rows(path, column) as table:
            yield from (row.text for row, _ in table.rows if not row.error)


def checked_row(place: str, values: Mapping[str, Any], column: str, max_characters: int) -> Row:
    """The row of these values, with an error where its text cannot be scored."""
    text = values.get(column)
    error = None
    if text is None:
        error = f"{column} is null" if column in values else f"no field {column}"
    elif not isinstance(text, str):
        error = f"{column} is {json.dumps(text, default=str)[:40]}, expected a text"
    elif not text:
        error = f"{column} is empty"
    elif len(text) > max_characters:
        error = (
            f"{column} has {len(text):,} characters, the limit is {max_characters:,} "
            "(change it with --max-chars)"
        )
    return Row(place, "" if error else str(text), values, error)


def gather(
    rows: Iterable[tuple[Row, float]], max_rows: int, max_characters: int
) -> Iterator[Chunk]:
    """Chunks of at most ``max_rows`` rows, which end where their texts reach ``max_characters``.

    Args:
        rows: each with the fraction of the table up to its end. The same rows give the same
            chunks, whenever they come.
        max_rows: of a chunk.
        max_characters: of a chunk, but for its last row.
    """
    chunk: list[Row] = []
    characters = 0
    fraction = 0.0
    for row, fraction in rows:
        chunk.append(row)
        characters += len(row.text)
        if len(chunk) == max_rows or characters >= max_characters:
            yield Chunk(chunk, fraction)
            chunk, characters = [], 0
    if chunk:
        yield Chunk(chunk, fraction)


def _check_columns(columns: Sequence[str], column: str, reserved: Sequence[str], name: str) -> None:
    if column not in columns:
        there = f"its columns are {', '.join(columns)}" if columns else "it has none"
        raise InputError(f"{name}: no column {column}, {there} (choose with --column)")
    for taken in columns:
        if taken in reserved:
            raise InputError(
                f"{name}: has a column {taken} of its own, "
                "give those added another name with --prefix"
            )


def _line_rows(
    table: Table, column: str, max_characters: int, reserved: frozenset[str]
) -> Iterator[tuple[Row, float]]:
    for record in table.records:
        values, error = record.values, record.error
        if taken := reserved & values.keys():  # only in JSON lines from a stream
            values = {name: value for name, value in values.items() if name not in taken}
            error = f"has a field {min(taken)} of its own, see --prefix"
        if error:
            row = Row(record.place, "", values, error)
        else:
            row = checked_row(record.place, values, column, max_characters)
        yield row, table.fraction()


def _parquet_chunks(
    file: pq.ParquetFile,
    path: str | os.PathLike[str],
    column: str,
    max_characters: int,
    chunk_rows: int,
    chunk_characters: int,
) -> Iterator[Chunk]:
    """Chunks as ``gather`` makes them, but they also end with Arrow's batches."""
    from treernn.tables.parquet import read_batches, text_bytes

    total = file.metadata.num_rows
    number = 0
    for batch in read_batches(file, path, chunk_rows):
        rows = []
        for value in text_bytes(batch.column(column)):
            number += 1
            rows.append(
                (_parquet_row(f"row {number}", value, column, max_characters), number / total)
            )
        start = 0
        for chunk in gather(rows, chunk_rows, chunk_characters):
            arrow = batch.slice(start, len(chunk.rows))
            yield Chunk(chunk.rows, chunk.fraction, arrow)
            start += len(chunk.rows)


def _parquet_row(place: str, value: bytes | None, column: str, max_characters: int) -> Row:
    try:
        text = None if value is None else value.decode()
    except UnicodeDecodeError:
        return Row(place, error=f"{column} is not UTF-8")
    return checked_row(place, {column: text}, column, max_characters)._replace(values={})
