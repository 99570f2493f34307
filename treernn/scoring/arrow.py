"""Rows as Arrow tables, for Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from treernn.scoring.rows import Chunk

FOUND = {
    "label": pa.string(),
    "sentiment": pa.int8(),
    "probabilities": pa.list_(pa.float64()),
    "error": pa.string(),
    "note": pa.string(),
}
_ROW_GROUP = 50_000


def table(chunk: Chunk, found: Mapping[str, Sequence[Any]], prefix: str) -> pa.Table:
    """The columns of a chunk, then those that were found.

    Args:
        chunk: its Arrow columns keep their types; of others the values tell the type.
        found: for each name in ``FOUND`` its values.
        prefix: stands before these names.
    """
    if chunk.arrow is not None:
        passed = dict(zip(chunk.arrow.schema.names, chunk.arrow.columns, strict=True))
    else:
        names = dict.fromkeys(name for row in chunk.rows for name in row.values)
        passed = {name: _array([row.values.get(name) for row in chunk.rows]) for name in names}
    added = {prefix + name: pa.array(values, FOUND[name]) for name, values in found.items()}
    return pa.table(passed | added)


def plain(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows of a batch as values that JSON and CSV can hold, dates and the like as texts."""
    columns = [_plain(column) for column in batch.columns]
    names = batch.schema.names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: pa.Array) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    try:
        if pa.types.is_temporal(kind) or pa.types.is_decimal(kind):
            return column.cast(pa.string()).to_pylist()
        return column.to_pylist()
    except UnicodeDecodeError:
        values = column.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "replace") for value in values]
    except (pa.ArrowException, ValueError):
        return [str(value) for value in column]


def join(parts: Sequence[Path], columns: Sequence[str], prefix: str, out: Path) -> None:
    """One Parquet file of many, whose columns need not all be the same.

    Where a column has integers here and floats there, all are floats; where types differ
    otherwise, it holds texts, and JSON for what was none.

    Args:
        parts: files of tables that ``table`` made.
        columns: those to come first, in this order, whether or not a part has them.
        prefix: that of the columns that were found.
        out: to be written.
    """
    types: dict[str, pa.DataType] = dict.fromkeys(columns, pa.null())
    for part in parts:
        for field in pq.read_schema(part):
            types[field.name] = _common(types.get(field.name, pa.null()), field.type)
    for name, kind in FOUND.items():  # to the end
        types.pop(prefix + name, None)
        types[prefix + name] = kind
    # A column of which nothing is known is text.
    schema = pa.schema(
        [(name, pa.string() if pa.types.is_null(kind) else kind) for name, kind in types.items()]
    )
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for tables in _groups(parts, schema):
            writer.write_table(pa.concat_tables(tables), row_group_size=_ROW_GROUP)


def _groups(parts: Sequence[Path], schema: pa.Schema) -> Iterator[list[pa.Table]]:
    """Tables that make a row group."""
    group: list[pa.Table] = []
    size = 0
    for part in parts:
        table = pq.read_table(part)
        group.append(pa.table([_as(table, field) for field in schema], schema=schema))
        size += len(table)
        if size >= _ROW_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _common(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    return pa.string()


def _as(table: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    """The column of this name in this type."""
    if field.name not in table.column_names:
        return pa.chunked_array([pa.nulls(len(table), field.type)])
    column = table[field.name]
    if column.type == field.type:
        return column
    if pa.types.is_string(field.type):
        return pa.chunked_array(
            [pa.array([_text(value) for value in column.to_pylist()], pa.string())]
        )
    return column.cast(field.type)


def _array(values: list[Any]) -> pa.Array:
    """An array of the type that the values have; texts, and JSON for the others, if they differ."""
    try:
        return pa.array(values)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError):
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode()
