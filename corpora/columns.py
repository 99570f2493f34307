"""Columns of a table in which one faulty row is an error of the whole file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path

from treernn.errors import DataError, InputError, MissingDataError
from treernn.tables.open import format_of, open_table


def read_columns(
    path: str | PathLike[str], names: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    """Read columns of a file in a format of ``treernn.tables``, CSV if its name shows no other.

    Yields:
        The number of the first line of every row, and the row's values of ``names``, in order.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is empty or damaged, a column is missing or occurs twice, or a row is faulty.
    """
    if not Path(path).exists():
        raise MissingDataError(f"{path}: no such file")
    try:
        with open_table(path, format_of(str(path)) or "csv") as table:
            header = [name.strip() for name in table.columns or ()]
            for name in names:
                if name not in header:
                    problem = f"no column {name!r}, the header has {', '.join(header)}"
                    raise DataError(problem, path, 1)
            for record in table.records:
                if record.error:
                    raise DataError(record.error, path, record.line)
                values = {name.strip(): value for name, value in record.values.items()}
                row = (values.get(name) for name in names)
                yield record.line, ["" if value is None else str(value) for value in row]
    except InputError as error:
        raise DataError(str(error)) from None
