"""Columns of a table in which one faulty row is an error of the whole file."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from os import PathLike

from treernn.errors import DataError, DataWarning, InputError, MissingDataError
from treernn.tables.names import find_column
from treernn.tables.open import format_of, open_table


def read_columns(
    path: str | PathLike[str],
    names: Sequence[str],
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Iterator[tuple[int, list[str]]]:
    """Read columns of a file in a format of ``treernn.tables``, CSV if its name shows no other.

    Args:
        path: the file.
        names: of the columns, see ``treernn.tables.names``.
        encoding, delimiter: as for ``treernn.tables.open_table``.

    Yields:
        The number of the first line of every row, and the row's values of ``names``, in order.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is empty or damaged, a column is missing or occurs twice, or a row is faulty.
    """
    return _rows(path, partial(_find, path, names=names), encoding, delimiter)


def read_columns_by_any_name(
    path: str | PathLike[str], names: Sequence[Sequence[str]]
) -> Iterator[tuple[int, list[str]]]:
    """Read columns that may have several names; all but the first may be missing.

    Args:
        path: the file, as for ``read_columns``.
        names: for each column the names that it may have; it is the first of them that is there.

    Yields:
        The number of the first line of every row, and its values; an empty text for a column that
        is not there.

    Raises:
        MissingDataError, DataError: see ``read_columns``.
    """

    def find(columns: Sequence[str]) -> list[str]:
        first, *others = [
            next((each for name in group if (each := find_column(columns, name))), "")
            for group in names
        ]
        return [first or _find(path, columns, names[0][:1])[0], *others]

    return _rows(path, find, None, None)


_NAMED = 5
"""So many rows that are left out are named."""


def is_complete(values: Sequence[str]) -> bool:
    """Whether every column of a row has a value."""
    return all(value.strip() for value in values)


def complete_rows(
    rows: Iterable[tuple[int, list[str]]], names: Sequence[str], path: str | PathLike[str]
) -> Iterator[tuple[int, list[str]]]:
    """The rows that have a value in every column; tables of people have some that are not filled
    in. After the last one a ``DataWarning`` counts the others.

    Args:
        rows: of ``read_columns``.
        names: of the columns.
        path: the file.
    """
    count, first = 0, []
    for line, values in rows:
        if is_complete(values):
            yield line, values
            continue
        count += 1
        if count <= _NAMED:
            first.append(str(line))
    if count:
        empty = " or ".join(map(repr, names))
        left_out = "1 row, which is" if count == 1 else f"{count:,} rows, which are"
        lines = ("line " if count == 1 else "lines ") + ", ".join(first)
        more = f" and {count - _NAMED:,} more" if count > _NAMED else ""
        warnings.warn(
            f"{path}: column {empty} is empty in {left_out} left out: {lines}{more}",
            DataWarning,
            stacklevel=2,
        )


def _rows(
    path: str | PathLike[str],
    find: Callable[[Sequence[str]], list[str]],
    encoding: str | None,
    delimiter: str | None,
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file, of the columns that ``find`` names; of none for an empty name."""
    if not os.path.exists(path):
        raise MissingDataError(f"{path}: no such file")
    format = format_of(str(path)) or "csv"
    if format == "parquet":
        yield from _parquet_columns(path, find)
        return
    try:
        with open_table(path, format, encoding, delimiter, keep_nan=True) as table:
            found = find(table.columns or ())
            for record in table.records:
                if record.error:
                    raise DataError(record.error, path, record.line)
                values = [record.values.get(name) if name else None for name in found]
                for name, value in zip(found, values, strict=True):
                    if isinstance(value, float) and not math.isfinite(value):
                        problem = f"column {name!r} has {value}, which is no number"
                        raise DataError(problem, path, record.line)
                yield record.line, [*map(_text, values)]
    except InputError as error:
        raise DataError(str(error)) from None


def _parquet_columns(
    path: str | PathLike[str], find: Callable[[Sequence[str]], list[str]]
) -> Iterator[tuple[int, list[str]]]:
    from treernn.tables.arrow import to_python
    from treernn.tables.parquet import open_parquet, read_batches, schema_of

    try:
        with open_parquet(path) as file:
            schema = schema_of(file, str(path))
            found = find(schema.names)
            number = 0
            for batch in read_batches(file, str(path), schema, 512):
                for row in to_python(batch.select([*filter(None, dict.fromkeys(found))])):
                    number += 1
                    yield number, [_text(row.get(name)) if name else "" for name in found]
    except InputError as error:
        raise DataError(str(error)) from None


def _find(path: str | PathLike[str], columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names of the columns as they are written in the file."""
    found = []
    for name in names:
        column = find_column(columns, name)
        if column is None:
            header = ", ".join(column.strip()[:40] for column in columns[:20])
            raise DataError(f"no column {name!r}, the header has {header}", path, 1)
        found.append(column)
    return found


def _text(value: object) -> str:
    return "" if value is None else str(value)
