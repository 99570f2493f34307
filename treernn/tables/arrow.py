"""Tables of Arrow, for Parquet files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_ROW_GROUP = 50_000


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array]:
    """The columns of some rows, with the types of their values; values of different types become
    strings: texts as they are, others as JSON."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _array([row.get(name) for row in rows]) for name in names}


def to_python(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows of a batch as values for JSON and CSV; for example, dates as strings."""
    columns = [_to_python(column) for column in batch.columns]
    names = batch.schema.names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _to_python(column: pa.Array) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        if pa.types.is_temporal(column.type) or pa.types.is_decimal(column.type):
            return column.cast(pa.string()).to_pylist()
        return column.to_pylist()
    except UnicodeDecodeError:
        values = column.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "replace") for value in values]
    except (pa.ArrowException, ValueError):
        return [str(value) for value in column]


def to_parquet(columns: Mapping[str, pa.Array]) -> bytes:
    """A Parquet file of these columns."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(columns)), sink)
    return sink.getvalue().to_pybytes()


def join_parquet(
    parts: Sequence[Path], first: Sequence[str], last: Mapping[str, pa.DataType], out: Path
) -> None:
    """Join Parquet files, whose columns may differ, to one.

    Integers and floats become floats; other types that differ become strings, as in ``columns_of``.

    Args:
        parts: the files.
        first: the first columns, in this order, whether or not a part has them.
        last: the last columns, with their types.
        out: the file to write.
    """
    types: dict[str, pa.DataType] = dict.fromkeys(first, pa.null())
    for part in parts:
        for field in pq.read_schema(part):
            types[field.name] = _common_type(types.get(field.name, pa.null()), field.type)
    for name, type in last.items():
        types.pop(name, None)
        types[name] = type
    # A column of nulls only is one of strings.
    schema = pa.schema(
        [(name, pa.string() if pa.types.is_null(type) else type) for name, type in types.items()]
    )
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for tables in _row_groups(parts, schema):
            writer.write_table(pa.concat_tables(tables), row_group_size=_ROW_GROUP)


def _row_groups(parts: Sequence[Path], schema: pa.Schema) -> Iterator[list[pa.Table]]:
    """The tables of each row group."""
    group: list[pa.Table] = []
    size = 0
    for part in parts:
        table = pq.read_table(part)
        group.append(pa.table([_cast(table, field) for field in schema], schema=schema))
        size += len(table)
        if size >= _ROW_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _common_type(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    return pa.string()


def _cast(table: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    """The column of this name, cast to this type."""
    if field.name not in table.column_names:
        return pa.chunked_array([pa.nulls(len(table), field.type)])
    column = table[field.name]
    if column.type == field.type:
        return column
    if pa.types.is_string(field.type):
        return pa.chunked_array([_strings(column.to_pylist())])
    return column.cast(field.type)


def _array(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError):
        return _strings(values)


def _strings(values: list[Any]) -> pa.Array:
    return pa.array([_string(value) for value in values], pa.string())


def _string(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode()
