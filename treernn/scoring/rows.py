"""Rows of a table: each with the text to score, and with its result."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from treernn.errors import InputError
from treernn.tables.names import find_column
from treernn.tables.open import Table, check_format, open_table

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from treernn.scoring.result import Result
    from treernn.scoring.target import Target

MAX_CHARACTERS = 100_000
"""By default a longer text is not scored."""


_LONGEST_FIELD = (1 << 31) - 1  # that the csv module takes on all systems


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        place: where it is, for example ``line 7``; empty if only its table knows.
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
        first: number of the first row in the table, from 1.
    """

    rows: list[Row]
    fraction: float = 0.0
    arrow: pa.RecordBatch | None = field(default=None, repr=False)
    first: int = 1


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk with its results.

    Attributes:
        chunk: the rows.
        results: of each row; None where there is an error.
        errors: for each row why it has no result, with its place; None where it has one.
        targets: by index the sentiment toward the target of rows, see ``scoring.target_rows``.
        notes: by index what is to be said of rows besides the problems of their results.
    """

    chunk: Chunk
    results: list[Result | None]
    errors: list[str | None]
    targets: Mapping[int, Target] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[Mapping[str, Any], Result | None, str | None]]:
        """For each row its values by column, its result and its error."""
        if self.chunk.arrow is None:
            values: list[Any] = [row.values for row in self.chunk.rows]
        else:
            from treernn.tables.arrow import to_python

            values = to_python(self.chunk.arrow)
        return zip(values, self.results, self.errors, strict=True)


def score_chunk(score_many: Callable[[Sequence[str]], list[Result]], chunk: Chunk) -> Scored:
    """Score a chunk by ``Scorer.score_many``; each row stays, in its place."""
    scored = iter(score_many([row.text for row in chunk.rows if row.error is None]))
    results: list[Result | None] = []
    errors: list[str | None] = []
    for row in chunk.rows:
        error = row.error
        result = next(scored) if error is None else None
        if result is not None and not result.scored:
            error = "; ".join(result.problems)
        results.append(result if error is None else None)
        errors.append(f"{row.place}: {error}" if error and row.place else error)
    return Scored(chunk, results, errors)


class Chunks(Protocol):
    """See ``Rows``."""

    def __call__(
        self, max_rows: int, max_characters: int, start: int = 0, stop: int | None = None, /
    ) -> Iterator[Chunk]:
        """The chunks of the rows."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, open for one reading.

    Attributes:
        columns: names in order; None for JSON lines from a stream, whose fields are unknown.
        column: the one with the texts; as it was asked for, if ``columns`` is None.
        rows: one by one.
        chunks: the rows in chunks of at most so many rows and about so many characters, all or
            from ``start`` up to ``stop``, from 0; the same table always gives the same chunks.
        count: how many rows there are, where the file says it.
    """

    columns: tuple[str, ...] | None
    column: str
    rows: Iterator[Row]
    chunks: Chunks
    count: int | None = None


@contextlib.contextmanager
def open_rows(
    path: str | os.PathLike[str],
    column: str = "text",
    format: str | None = None,
    max_characters: int = MAX_CHARACTERS,
    reserved: Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    yielding: Sequence[str] = (),
) -> Iterator[Rows]:
    """Open a file, or with ``-`` standard input, for one reading.

    Args:
        path: the file.
        column: contains the texts, see ``tables.names``; that of plain text is ``text``.
        format: a key of ``tables.open.FORMATS``; by default that of the ending.
        max_characters: a longer text is an error of its row.
        reserved: names that no column may have.
        encoding, delimiter: as for ``open_table``.
        yielding: those of ``reserved`` that columns may have all the same. Where the columns are
            unknown, the first row decides: if it has one, so have all others, null where it is
            missing; otherwise it is reserved.

    Raises:
        InputError, DataError: as ``open_table``; or no column has this name, or one is reserved.
    """
    yielding = [name for name in yielding if name in reserved]
    reserved = [name for name in reserved if name not in yielding]
    check = partial(_check_columns, column=column, reserved=reserved)
    make_row = partial(checked_row, column=column, max_characters=max_characters)
    if check_format(path, format, delimiter) == "parquet":
        from treernn.tables.parquet import check_text_column, open_parquet, schema_of

        with open_parquet(path) as file:
            schema = schema_of(file, str(path))
            column = check(schema.names, str(path))
            check_text_column(schema, column, str(path))
            make_row = partial(make_row, column=column)
            chunks: Chunks = partial(_parquet_chunks, file, str(path), schema, column, make_row)
            rows: Iterator[Row] = (row for chunk in chunks(512, sys.maxsize) for row in chunk.rows)
            yield Rows(tuple(schema.names), column, rows, chunks, file.metadata.num_rows)
        return
    csv.field_size_limit(max(csv.field_size_limit(), min(max_characters + 1, _LONGEST_FIELD)))
    with open_table(path, format, encoding, delimiter) as table:
        if table.columns is not None:
            column = check(table.columns, table.name)
            make_row = partial(make_row, column=column)
        may_be_there = frozenset(yielding if table.columns is None else ())
        rows = _line_rows(table, make_row, frozenset(reserved), may_be_there)
        yield Rows(table.columns, column, rows, partial(_line_chunks, rows, table.fraction))


def text_rows(texts: Sequence[str], max_characters: int = MAX_CHARACTERS) -> list[Row]:
    """Texts as rows with the one column ``text``."""
    return [
        checked_row(f"text {number}", {"text": text}, "text", max_characters)
        for number, text in enumerate(texts, 1)
    ]


def texts_of(
    paths: Iterable[str | os.PathLike[str]],
    column: str = "text",
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Iterator[str]:
    """The texts of several tables, one after the other; rows with an error are skipped.

    Raises:
        InputError, DataError: as ``open_rows``.
    """
    for path in paths:
        with open_rows(path, column, encoding=encoding, delimiter=delimiter) as table:
            yield from (row.text for row in table.rows if not row.error)


def checked_row(place: str, values: Mapping[str, Any], column: str, max_characters: int) -> Row:
    """The row of these values, with an error if its text cannot be scored."""
    if column not in values:
        column = find_column(values, column) or column
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
    rows: Iterable[Row],
    max_rows: int,
    max_characters: int,
    fraction: Callable[[], float] = lambda: 0.0,
    first: int = 1,
) -> Iterator[Chunk]:
    """Chunks of at most ``max_rows`` rows, which end where their texts reach ``max_characters``.

    ``fraction`` returns that of the table up to the last row; ``first`` is the number of the first.
    """
    chunk: list[Row] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += len(row.text)
        if len(chunk) == max_rows or characters >= max_characters:
            yield Chunk(chunk, fraction(), first=first)
            first += len(chunk)
            chunk, characters = [], 0
    if chunk:
        yield Chunk(chunk, fraction(), first=first)


def _check_columns(columns: Sequence[str], name: str, column: str, reserved: Sequence[str]) -> str:
    """The name of the column with the texts as it is written in the file."""
    found = find_column(columns, column)
    if found is None:
        there = f"its columns are {', '.join(columns)}" if columns else "it has none"
        raise InputError(f"{name}: no column {column}, {there} (choose with --column)")
    for taken in columns:
        if taken in reserved:
            raise InputError(
                f"{name}: already has a column {taken}, rename the added columns with --prefix"
            )
    return found


def _line_rows(
    table: Table,
    make_row: Callable[[str, Mapping[str, Any]], Row],
    reserved: frozenset[str],
    yielding: frozenset[str],
) -> Iterator[Row]:
    own: frozenset[str] | None = None
    for record in table.records:
        values, error = record.values, record.error
        if own is None and error is None:
            own = yielding & values.keys()
            reserved |= yielding - own
        if missing := (own or frozenset()) - values.keys():
            values = {**values, **dict.fromkeys(sorted(missing))}
        if taken := reserved & values.keys():  # only in JSON lines from a stream
            values = {name: value for name, value in values.items() if name not in taken}
            error = f"has a field {min(taken)} of its own, see --prefix"
        yield Row(record.place, "", values, error) if error else make_row(record.place, values)


def _line_chunks(
    rows: Iterable[Row],
    fraction: Callable[[], float],
    max_rows: int,
    max_characters: int,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[Chunk]:
    wanted = islice(rows, start, stop)
    return gather(wanted, max_rows, max_characters, fraction, start + 1)


def _parquet_chunks(
    file: pq.ParquetFile,
    name: str,
    schema: pa.Schema,
    column: str,
    make_row: Callable[[str, Mapping[str, Any]], Row],
    max_rows: int,
    max_characters: int,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[Chunk]:
    """Chunks as ``gather`` makes them, but they also end with Arrow's batches."""
    from treernn.tables.parquet import read_batches, text_bytes

    number = start
    for batch in read_batches(file, name, schema, max_rows, start, stop):
        rows = []
        for value in text_bytes(batch.column(column)):
            number += 1
            rows.append(_arrow_row(f"row {number}", column, value, make_row))
        for chunk in _arrow_chunks(batch, rows, max_rows, max_characters):
            first = number - len(rows) + chunk.first
            fraction = (first + len(chunk.rows) - 1) / file.metadata.num_rows
            yield replace(chunk, fraction=fraction, first=first)


def arrow_chunks(
    batch: pa.RecordBatch,
    column: str,
    max_rows: int,
    max_characters: int,
    longest: int = MAX_CHARACTERS,
) -> Iterator[Chunk]:
    """The rows of a batch of Arrow, which do not know their place, in chunks as by ``gather``.

    Args:
        batch: its names differ.
        column: the one with the texts.
        max_rows, max_characters: of a chunk.
        longest: a longer text is an error.
    """
    from treernn.tables.parquet import text_bytes

    make_row = partial(checked_row, column=column, max_characters=longest)
    texts = text_bytes(batch.column(column))
    rows = [_arrow_row("", column, value, make_row) for value in texts]
    return _arrow_chunks(batch, rows, max_rows, max_characters)


def _arrow_row(
    place: str, column: str, value: bytes | None, make_row: Callable[[str, Mapping[str, Any]], Row]
) -> Row:
    try:
        text = None if value is None else value.decode()
    except UnicodeDecodeError:
        return Row(place, error=f"{column} is not UTF-8")
    return make_row(place, {column: text})._replace(values={})


def _arrow_chunks(
    batch: pa.RecordBatch, rows: list[Row], max_rows: int, max_characters: int
) -> Iterator[Chunk]:
    for chunk in gather(rows, max_rows, max_characters):
        yield replace(chunk, arrow=batch.slice(chunk.first - 1, len(chunk.rows)))
