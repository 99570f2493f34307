"""Columns of a table in which one faulty row is an error of the whole file."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from os import PathLike

from treernn.errors import DataError, InputError, MissingDataError
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
    if not os.path.exists(path):
        raise MissingDataError(f"{path}: no such file")
    format = format_of(str(path)) or "csv"
    if format == "parquet":
        yield from _parquet_columns(path, names)
        return
    try:
        with open_table(path, format, encoding, delimiter, keep_nan=True) as table:
            found = _find(path, table.columns or (), names)
            for record in table.records:
                if record.error:
                    raise DataError(record.error, path, record.line)
                values = [record.values.get(name) for name in found]
                for name, value in zip(found, values, strict=True):
                    if isinstance(value, float) and not math.isfinite(value):
                        problem = f"column {name!r} has {value}, which is no number"
                        raise DataError(problem, path, record.line)
                yield record.line, [*map(_text, values)]
    except InputError as error:
        raise DataError(str(error)) from None


def _parquet_columns(
    path: str | PathLike[str], names: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    from treernn.tables.arrow import to_python
    from treernn.tables.parquet import open_parquet, read_batches, schema_of

    try:
        with open_parquet(path) as file:
            schema = schema_of(file, str(path))
            found = _find(path, schema.names, names)
            number = 0
            for batch in read_batches(file, str(path), schema, 512):
                for row in to_python(batch.select(dict.fromkeys(found))):
                    number += 1
                    yield number, [_text(row.get(name)) for name in found]
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
