"""Parquet: the columns of a table, then those that are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from treernn.scoring.scored import Scored
from treernn.scoring.writer import NESTED_COLUMNS, Writer, added_values

if TYPE_CHECKING:
    import pyarrow as pa


def parquet_writer(columns: Sequence[str] | None, prefix: str, _classifier: object) -> Writer:
    """Columns keep the types of a Parquet table; for another table they are those of its values."""
    return _ParquetWriter(
        lambda scored: _encode(scored, prefix), columns=columns or (), prefix=prefix
    )


@dataclass(frozen=True, slots=True)
class _ParquetWriter(Writer):
    columns: Sequence[str] = ()
    prefix: str = ""

    def join(self, parts: Sequence[Path], out: Path) -> None:
        from treernn.tables.arrow import join_parquet

        join_parquet(parts, self.columns, _added_types(self.prefix), out)


def _encode(scored: Scored, prefix: str) -> bytes:
    import pyarrow as pa

    from treernn.tables.arrow import columns_of, to_parquet

    chunk = scored.chunk
    if chunk.arrow is None:
        columns = columns_of([row.values for row in chunk.rows])
    else:
        columns = dict(zip(chunk.arrow.schema.names, chunk.arrow.columns, strict=True))
    added = zip(*map(added_values, scored.results, scored.errors), strict=True)
    for (name, type), values in zip(_added_types(prefix).items(), added, strict=True):
        columns[name] = pa.array(values, type)
    return to_parquet(columns)


def _added_types(prefix: str) -> dict[str, pa.DataType]:
    import pyarrow as pa

    types = (pa.string(), pa.int8(), pa.list_(pa.float64()), pa.string(), pa.string())
    return {prefix + name: type for name, type in zip(NESTED_COLUMNS, types, strict=True)}
