"""Tables of texts, read row by row: CSV, TSV, JSON lines, plain text and Parquet.

Memory stays the same however long the table. What is wrong with one row stays with that row.

Parquet and compressed files are Arrow's. The line formats are read by ``csv`` and ``json`` of the
standard library: Arrow's readers give up on the whole file where one row is longer than a block,
opens a quote that never closes, or holds a byte that is not UTF-8.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from treernn.errors import DataError, InputError
from treernn.scoring.rows import Chunk, Row, gather

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CHARACTERS = 100_000
"""A longer text is not scored, unless another limit is given."""

LONGEST_LINE = 1 << 24
"""Characters of a line that are read; what is longer is a bad row."""

LONGEST_FIELD = 1 << 20
"""Characters of a CSV field; a quotation mark opened here is taken to be a slip if no other closes
it within them."""

DEEPEST = 100
"""Levels of a JSON line; ``json`` follows them by recursion."""

_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_JSON_BRACKET = re.compile(r"[\[\]{}]")
_BAD_BYTE = re.compile("[\udc80-\udcff]")


class InputFormat(StrEnum):
    """What a table is written in."""

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
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is open for one reading.

    Attributes:
        name: what to call it in messages.
        columns: names in order; None for JSON lines from a stream, whose fields nobody knows yet.
        rows: the rows with the share of the table that ends with each.
        chunks: the rows in chunks, for at most so many rows and about so many characters; the same
            table always gives the same chunks.
    """

    name: str
    columns: tuple[str, ...] | None
    rows: Iterator[tuple[Row, float]]
    chunks: Callable[[int, int], Iterator[Chunk]]


def format_of(name: str) -> InputFormat | None:
    """The format that the ending of a file's name tells; None where it tells none.

    >>> format_of("reviews.CSV.gz"), format_of("notes.md")
    (<InputFormat.csv: 'csv'>, None)
    """
    stem, ending = os.path.splitext(name.lower())
    found = ENDINGS.get(os.path.splitext(stem)[1] if ending in COMPRESSIONS else ending)
    return None if ending in COMPRESSIONS and found is InputFormat.parquet else found


def texts_table(texts: Sequence[str], most_characters: int = MOST_CHARACTERS) -> Table:
    """A table with the one column ``text``."""
    rows = (
        (_checked(f"text {number}", {"text": text}, "text", most_characters), number / len(texts))
        for number, text in enumerate(texts, 1)
    )
    return Table("the texts given", ("text",), rows, partial(gather, rows))


def texts_of(paths: Iterable[str | os.PathLike[str]], column: str = "text") -> Iterator[str]:
    """The texts of several tables, one after the other; rows without one are left out.

    Raises:
        InputError, DataError: as ``open_table``.
    """
    for path in paths:
        with open_table(path, column) as table:
            yield from (row.text for row, _ in table.rows if not row.error)


@contextlib.contextmanager
def open_table(
    path: str | os.PathLike[str],
    column: str = "text",
    format: InputFormat | None = None,
    most_characters: int = MOST_CHARACTERS,
    reserved: Sequence[str] = (),
) -> Iterator[Table]:
    """Open a file, or with ``-`` standard input, for one reading.

    Args:
        path: the file; its ending tells the format, and ``.gz`` or ``.zst`` the compression.
        column: holds the texts; of plain text, ``text`` is the one column.
        format: instead of what the ending tells.
        most_characters: a longer text is a bad row.
        reserved: names that no column may have.

    Raises:
        InputError: the file cannot be read, has no known format, not this column, or a reserved
            one.
        DataError: it is damaged; raised where the damage is reached.
    """
    name = "standard input" if path == "-" else str(path)
    format = format or format_of(str(path))
    if format is None:
        known = f"{' '.join(ENDINGS)}, the text formats also with {' or '.join(COMPRESSIONS)}"
        problem = "needs --input-format" if path == "-" else "its ending tells no format"
        raise InputError(
            f"{name}: {problem}; formats are {', '.join(InputFormat)}, and endings {known}"
        )
    if format is InputFormat.parquet:
        if path == "-":
            raise InputError("Parquet cannot be read from standard input, give a file")
        with _open_parquet(Path(path), column, most_characters) as table:
            _allow(table.columns or (), reserved, name)
            yield table
        return
    opened = _stream() if path == "-" else _open(Path(path))
    with opened as (file, share):
        lines = _Lines(file, name)
        columns: tuple[str, ...] | None
        match format:
            case InputFormat.csv | InputFormat.tsv:
                delimiter = "," if format is InputFormat.csv else "\t"
                found = _records(lines, delimiter, most_characters)
                columns = _header(found, name)
                rows = _csv_rows(found, columns, column, most_characters)
            case InputFormat.jsonl:
                columns = None if path == "-" else _fields(Path(path))
                rows = _json_rows(lines, column, most_characters, frozenset(reserved))
            case _:
                columns = ("text",)
                rows = _text_rows(lines, most_characters)
        _expect(column, columns, name)
        _allow(columns or (), reserved, name)
        shared = ((row, share()) for row in rows)
        yield Table(name, columns, shared, partial(gather, shared))


def _expect(column: str, columns: Sequence[str] | None, name: str) -> None:
    if columns is not None and column not in columns:
        there = f"its columns are {', '.join(columns)}" if columns else "it has none"
        raise InputError(f"{name}: no column {column}, {there} (choose with --column)")


def _allow(columns: Sequence[str], reserved: Sequence[str], name: str) -> None:
    taken = [column for column in columns if column in reserved]
    if taken:
        raise InputError(
            f"{name}: has a column {taken[0]} of its own, "
            "give those added another name with --prefix"
        )


def _checked(place: str, values: dict[str, Any], column: str, most_characters: int) -> Row:
    """The row, or a bad one where its text cannot be scored."""
    text = values.get(column)
    problem = None
    if text is None:
        problem = f"{column} is null" if column in values else f"no field {column}"
    elif not isinstance(text, str):
        problem = f"{column} is {json.dumps(text, default=str)[:40]}, expected a text"
    elif not text:
        problem = f"{column} is empty"
    elif len(text) > most_characters:
        problem = (
            f"{column} has {len(text):,} characters, the limit is {most_characters:,} "
            "(change it with --max-chars)"
        )
    return Row(place, "" if problem else str(text), values, problem)


# Files


@contextlib.contextmanager
def _open(path: Path) -> Iterator[tuple[IO[bytes], Callable[[], float]]]:
    """A file, decompressed, and a function that tells the share of it that was read."""
    compression = COMPRESSIONS.get(path.suffix.lower())
    try:
        raw = open(path, "rb", buffering=0)  # noqa: SIM115  (closed below)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    with raw:
        size = os.fstat(raw.fileno()).st_size or 1

        def share() -> float:
            return min(1.0, raw.tell() / size)

        if compression is None:
            with io.BufferedReader(raw, 1 << 18) as file:
                yield file, share
            return
        import pyarrow as pa

        with (
            pa.PythonFile(raw, "r") as source,
            pa.CompressedInputStream(source, compression) as stream,
            io.BufferedReader(stream, 1 << 18) as file,
        ):
            yield file, share


@contextlib.contextmanager
def _stream() -> Iterator[tuple[IO[bytes], Callable[[], float]]]:
    """Standard input. Not ``sys.stdin``: a thread that waits in it would hold up the exit."""
    yield io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False)), lambda: 0.0


class _Lines:
    """The lines of a file, which can be given back.

    Lines end at ``\\n`` alone, which stays. Bytes that are not UTF-8 come as lone surrogates.

    Attributes:
        number: of the last line handed out, from 1.
        cut: whether a line since ``mark`` was longer than ``LONGEST_LINE``.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = io.TextIOWrapper(
            file, encoding="utf-8-sig", errors="surrogateescape", newline="\n"
        )
        self._name = name
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.number = 0
        self.cut = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._taken.append(line)
        return line

    def mark(self) -> None:
        """What comes from here on is a new row."""
        self._taken.clear()
        self.cut = False

    def give_back(self) -> None:
        """Give back all lines since ``mark`` but the first."""
        self._again.extendleft(reversed(self._taken[1:]))
        self.number -= len(self._taken) - 1
        del self._taken[1:]

    def _read(self) -> str:
        try:
            line = self._file.readline(LONGEST_LINE)
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                self.cut = True
                while (more := self._file.readline(LONGEST_LINE)) and not more.endswith("\n"):
                    pass
        except (OSError, EOFError, ValueError) as error:
            problem = f"cannot be read on after line {self.number} ({error})"
            raise DataError(problem, self._name) from None
        return line


def _repaired(text: str) -> str:
    """With U+FFFD in the place of what was not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


# Plain text


def _text_rows(lines: _Lines, most_characters: int) -> Iterator[Row]:
    for line in _each(lines):
        text = line.removesuffix("\n").removesuffix("\r")
        if not text.strip():
            continue
        place = f"line {lines.number}"
        if lines.cut:
            yield Row(place, error=f"longer than {LONGEST_LINE:,} characters")
        elif _BAD_BYTE.search(text):
            yield Row(place, "", {"text": _repaired(text)}, "not UTF-8")
        else:
            yield _checked(place, {"text": text}, "text", most_characters)


def _each(lines: _Lines) -> Iterator[str]:
    """The lines of a format in which every line is a row."""
    lines.mark()
    for line in lines:
        yield line
        lines.mark()


# JSON lines


def _json_rows(
    lines: _Lines, column: str, most_characters: int, reserved: frozenset[str]
) -> Iterator[Row]:
    for line in _each(lines):
        if line.isspace():
            continue
        place = f"line {lines.number}"
        values, problem = _object(line, lines.cut)
        taken = reserved & values.keys()
        if taken:
            values = {name: value for name, value in values.items() if name not in taken}
            problem = f"has a field {min(taken)} of its own, see --prefix"
        if problem:
            yield Row(place, "", values, problem)
        else:
            yield _checked(place, values, column, most_characters)


def _object(line: str, cut: bool = False) -> tuple[dict[str, Any], str | None]:
    """The fields of a line, and what is wrong with it."""
    if cut:
        return {}, f"longer than {LONGEST_LINE:,} characters"
    if _BAD_BYTE.search(line):
        return {}, "not UTF-8"
    if line.count("[") + line.count("{") > DEEPEST and _depth(line) > DEEPEST:
        return {}, f"nested more than {DEEPEST} deep"
    try:
        values = json.loads(line.rstrip(), parse_float=_finite, parse_constant=_finite)
    except json.JSONDecodeError as error:
        return {}, f"not JSON, column {error.colno}: {error.msg}"
    except ValueError as error:
        return {}, f"not JSON that can be read: {error}"
    if not isinstance(values, dict):
        return {}, f"a JSON {type(values).__name__}, expected an object"
    return values, None


def _depth(line: str) -> int:
    """How deep brackets are nested in a line of JSON."""
    deepest = depth = 0
    for bracket in _JSON_BRACKET.findall(_JSON_STRING.sub("", line)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"the number {number}")
    return value


def _fields(path: Path) -> tuple[str, ...]:
    """The names of all fields of a file, in the order in which they appear."""
    found: dict[str, None] = {}
    with _open(path) as (file, _):
        lines = _Lines(file, str(path))
        for line in _each(lines):
            if not line.isspace():
                found |= dict.fromkeys(_object(line, lines.cut)[0])
    return tuple(found)


# CSV and TSV


def _records(
    lines: _Lines, delimiter: str, most_characters: int
) -> Iterator[tuple[str, list[str], str | None]]:
    """The place of each record, its fields, and what is wrong with its quotation marks.

    Of a record whose quotation marks do not match the first line alone is lost, so that one slip
    does not swallow the rows after it.
    """
    csv.field_size_limit(max(LONGEST_FIELD, most_characters + 1, csv.field_size_limit()))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.mark()
        first = lines.number + 1
        try:
            fields, problem = next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back()
            fields, problem = [], f"not CSV, do its quotation marks match? ({error})"
        if lines.cut:
            fields, problem = [], f"longer than {LONGEST_LINE:,} characters"
        if fields or problem:
            last = lines.number
            place = f"line {first}" if last == first else f"lines {first} to {last}"
            yield place, fields, problem


def _header(records: Iterator[tuple[str, list[str], str | None]], name: str) -> tuple[str, ...]:
    place, columns, problem = next(records, ("", [], "empty, expected a line of column names"))
    if problem:
        raise InputError(f"{name}: {place}{': ' if place else ''}{problem}")
    columns = [_repaired(column) for column in columns]
    for column in columns:
        if columns.count(column) > 1:
            raise InputError(f"{name}: two columns are called {column!r}, rename one")
    return tuple(columns)


def _csv_rows(
    records: Iterable[tuple[str, list[str], str | None]],
    columns: Sequence[str],
    column: str,
    most_characters: int,
) -> Iterator[Row]:
    for place, fields, problem in records:
        if problem is None and len(fields) != len(columns):
            problem = f"{len(fields)} fields, expected {len(columns)}"
        bad = [
            name for name, field in zip(columns, fields, strict=False) if _BAD_BYTE.search(field)
        ]
        if bad:
            fields = [_repaired(field) for field in fields]
            problem = problem or f"{bad[0]} is not UTF-8"
        values: dict[str, Any] = dict.fromkeys(columns)
        values |= zip(columns, fields, strict=False)
        if problem:
            yield Row(place, "", values, problem)
        else:
            yield _checked(place, values, column, most_characters)


# Parquet


@contextlib.contextmanager
def _open_parquet(path: Path, column: str, most_characters: int) -> Iterator[Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"{path}: cannot be read ({reason})") from None
    except pa.ArrowException as error:
        raise InputError(f"{path}: not a Parquet file ({error})") from None
    with opened as file:
        schema = file.schema_arrow
        _expect(column, schema.names, str(path))
        kind = schema.field(column).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if not (_is_text(kind) or pa.types.is_null(kind)):
            texts = [field.name for field in schema if _is_text(field.type)]
            raise InputError(
                f"{path}: column {column} holds {kind}, expected text; "
                f"columns with text are {', '.join(texts) or 'none'}"
            )
        chunks = partial(_parquet_chunks, file, path, column, most_characters)
        rows = ((row, chunk.share) for chunk in chunks(512, sys.maxsize) for row in chunk.rows)
        yield Table(str(path), tuple(schema.names), rows, chunks)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view()


def _parquet_chunks(
    file: Any, path: Path, column: str, most_characters: int, most: int, characters: int
) -> Iterator[Chunk]:
    """Chunks as ``gather`` makes them, but that they also end with Arrow's batches."""
    import pyarrow as pa

    batches = file.iter_batches(batch_size=most)
    total = file.metadata.num_rows
    done = 0
    while True:
        try:
            batch = next(batches, None)
        except (OSError, pa.ArrowException) as error:
            raise DataError(f"cannot be read on after row {done} ({error})", path) from None
        if batch is None:
            return
        rows = [
            (_parquet_row(f"row {number}", value, column, most_characters), number / total)
            for number, value in enumerate(_bytes(batch.column(column)), done + 1)
        ]
        start = 0
        for chunk in gather(rows, most, characters):
            yield Chunk(chunk.rows, chunk.share, batch.slice(start, len(chunk.rows)))
            start += len(chunk.rows)
        done += len(rows)


def _bytes(texts: pa.Array) -> list[bytes | None]:
    """Texts as bytes: files of other writers hold such as are not UTF-8."""
    import pyarrow as pa

    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    return texts.cast(pa.large_binary()).to_pylist()


def _parquet_row(place: str, value: bytes | None, column: str, most_characters: int) -> Row:
    try:
        text = None if value is None else value.decode()
    except UnicodeDecodeError:
        return Row(place, error=f"{column} is not UTF-8")
    return _checked(place, {column: text}, column, most_characters)._replace(values={})
