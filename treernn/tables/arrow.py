"""Tables of Arrow, for Parquet files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from treernn.tables.encoding import replace_surrogates

_ROW_GROUP = 50_000
_MOST_LEVELS, _MOST_FIELDS = 30, 1000  # of nested values that Parquet's readers can take


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array]:
    """The columns of some rows, with the types of their values; values of different types, or of
    one that Parquet does not have, become strings: texts as they are, others as JSON."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {replace_surrogates(name): _array([row.get(name) for row in rows]) for name in names}


def to_python(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows of a batch as values for JSON and CSV; for example, dates as strings."""
    columns = [_values(column) for column in batch.columns]
    names = batch.schema.names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(array: pa.Array) -> list[Any]:
    """The values of a column; Python's own types do not hold all that Arrow's do."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _values(array.storage)
    if pa.types.is_dictionary(kind):
        return _values(array.dictionary_decode())
    if pa.types.is_map(kind):
        pairs = pa.list_(pa.struct([kind.key_field, kind.item_field]))
        key, value = kind.key_field.name, kind.item_field.name
        maps = _values(array.cast(pairs))
        return [each and [(pair[key], pair[value]) for pair in each] for each in maps]
    if pa.types.is_struct(kind):
        names = [kind.field(number).name for number in range(kind.num_fields)]
        make: Any = dict if len(set(names)) == len(names) else list  # of pairs: nothing is lost
        fields = [_values(each) for each in array.flatten()]
        return [
            make((name, field[row]) for name, field in zip(names, fields, strict=True))
            if valid
            else None
            for row, valid in enumerate(array.is_valid().to_pylist())
        ]
    if _is_list(kind):
        items = iter(_values(array.flatten()))
        lengths = pc.list_value_length(array).to_pylist()
        return [None if length is None else [*islice(items, length)] for length in lengths]
    if pa.types.is_temporal(kind) or pa.types.is_decimal(kind):
        try:
            return array.cast(pa.string()).to_pylist()
        except pa.ArrowException:  # a time zone that this machine does not know
            if pa.types.is_timestamp(kind):
                return array.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.string()).to_pylist()
            return [None if each is None else str(each) for each in array.to_pylist()]
    try:
        return array.to_pylist()
    except UnicodeDecodeError:
        values = array.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "replace") for value in values]


def _is_list(kind: pa.DataType) -> bool:
    tests = (
        *(pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list),
        *(pa.types.is_list_view, pa.types.is_large_list_view),
    )
    return any(test(kind) for test in tests)


def take(array: pa.Array, indices: pa.Array) -> pa.Array:
    """The values at these places."""
    try:
        return array.take(indices)
    except pa.ArrowNotImplementedError:  # views of strings
        return pa.concat_arrays(
            [array.slice(0, 0), *(array.slice(at, 1) for at in indices.to_pylist())]
        )


def to_parquet(columns: Mapping[str, pa.Array]) -> bytes:
    """A Parquet file of these columns."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(columns)), sink)
    return sink.getvalue().to_pybytes()


def names_in(path: Path) -> list[str]:
    """The columns of a Parquet file."""
    return [*pq.read_schema(path).names]


def join_parquet(
    parts: Sequence[Path], first: Sequence[str], last: Mapping[str, pa.DataType], out: Path
) -> None:
    """Join Parquet files, whose columns may differ, to one.

    Integers and floats become floats, unless one is too large; other types that differ become
    strings, as in ``columns_of``.

    Args:
        parts: the files.
        first: the first columns, in this order, whether or not a part has them.
        last: the last columns, with their types.
        out: the file to write.
    """
    types: dict[str, pa.DataType] = dict.fromkeys(map(replace_surrogates, first), pa.null())
    for part in parts:
        for field in pq.read_schema(part):
            types[field.name] = _common_type(types.get(field.name, pa.null()), field.type)
    for name, type in last.items():
        types.pop(name, None)
        types[name] = type
    # A column of nulls only is one of strings.
    types = {name: pa.string() if pa.types.is_null(type) else type for name, type in types.items()}
    while True:
        schema = pa.schema(types.items())
        try:
            with pq.ParquetWriter(out, schema, compression="zstd") as writer:
                for tables in _row_groups(parts, schema):
                    writer.write_table(pa.concat_tables(tables), row_group_size=_ROW_GROUP)
            return
        except _InexactError as error:
            types[error.column] = pa.string()


class _InexactError(Exception):
    """A column has an integer that no float is."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


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
    try:
        return column.cast(field.type)
    except pa.ArrowInvalid:
        raise _InexactError(field.name) from None


def _array(values: list[Any]) -> pa.Array:
    try:
        array = pa.array(values)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError):
        return _strings(values)
    return array if _storable(array.type) else _strings(values)


def _storable(kind: pa.DataType, levels: int = _MOST_LEVELS) -> bool:
    """Whether Parquet has the type, which is one of JSON's, and its readers take it."""
    if pa.types.is_list(kind):
        return levels > 0 and _storable(kind.value_type, levels - 1)
    if not pa.types.is_struct(kind):
        return True
    fields = [kind.field(number).type for number in range(kind.num_fields)]
    fits = levels > 0 and 0 < len(fields) <= _MOST_FIELDS
    return fits and all(_storable(each, levels - 1) for each in fields)


def _strings(values: list[Any]) -> pa.Array:
    return pa.array([_string(value) for value in values], pa.string())


def _string(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode()
