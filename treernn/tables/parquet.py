"""Parquet files, read in batches of Arrow."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from treernn.errors import DataError, InputError
from treernn.stores import Stored, place
from treernn.tables.names import distinct


@contextlib.contextmanager
def open_parquet(path: str | os.PathLike[str]) -> Iterator[pq.ParquetFile]:
    """Open a file.

    Raises:
        InputError: it cannot be read, or is not Parquet.
    """
    try:
        source: Any = place(path)
        if isinstance(source, Stored):  # of which only what is needed is fetched
            source = source.open_anywhere()
        file = pq.ParquetFile(source)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"{path}: cannot be read ({reason})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: the name of a column is not UTF-8") from None
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"{path}: not a Parquet file ({error})") from None
    with file:
        yield file


def schema_of(file: pq.ParquetFile, name: str) -> pa.Schema:
    """The schema of the file ``name``, each name of a column once; see ``names.distinct``."""
    names = distinct(file.schema_arrow.names, name)
    return pa.schema([f.with_name(new) for f, new in zip(file.schema_arrow, names, strict=True)])


def check_text_column(schema: pa.Schema, column: str, name: str) -> None:
    """Raise ``InputError`` unless a column of the file ``name`` holds texts, or only nulls."""
    type = schema.field(column).type
    if pa.types.is_dictionary(type):
        type = type.value_type
    if not (_is_text(type) or pa.types.is_null(type)):
        columns = [field.name for field in schema if _is_text(field.type)]
        raise InputError(
            f"{name}: column {column} holds {type}, expected text; "
            f"columns with text are {', '.join(columns) or 'none'}"
        )


def read_batches(
    file: pq.ParquetFile,
    name: str,
    schema: pa.Schema,
    size: int,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """The rows in batches of at most ``size``, with the names of ``schema_of``.

    Args:
        file, name, schema, size: the file, as above.
        start, stop: the first row, from 0, and the one after the last; of row groups without such
            rows nothing is read.

    Raises:
        DataError: the file is damaged; raised where the damage is reached.
    """
    row = 0
    try:
        groups, row = _groups(file.metadata, start, stop)
        for batch in file.iter_batches(batch_size=size, row_groups=groups):
            wanted = batch.slice(max(0, start - row))
            if stop is not None:
                wanted = wanted.slice(0, max(0, stop - max(start, row)))
            if len(wanted) or not len(batch):
                yield wanted.rename_columns(schema.names)
            row += len(batch)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"cannot be read on after row {row} ({error})", name) from None


def _groups(metadata: pq.FileMetaData, start: int, stop: int | None) -> tuple[list[int], int]:
    """The row groups with these rows, and the first row of the first of them."""
    groups: list[int] = []
    row = first = 0
    for group in range(metadata.num_row_groups):
        end = row + metadata.row_group(group).num_rows
        if end > start and (stop is None or row < stop):
            first = first if groups else row
            groups.append(group)
        row = end
    return groups, first


def text_bytes(column: pa.Array) -> list[bytes | None]:
    """Texts as bytes, because other writers' files hold some that are not UTF-8."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.large_binary()).to_pylist()


def _is_text(type: pa.DataType) -> bool:
    return pa.types.is_string(type) or pa.types.is_large_string(type) or type == pa.string_view()
