"""Data frames of pandas and Polars; the library of a frame is imported already."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from treernn.errors import InputError
from treernn.scoring.entries import Detail, entry
from treernn.scoring.rows import Row, gather, score_chunk

if TYPE_CHECKING:
    from treernn.scoring.result import Result

# Of a chunk, which is scored at once; only its cells stay in memory.
_CHUNK_ROWS, _CHUNK_CHARACTERS = 512, 200_000

# Types of the added columns, in pandas and in Polars; others are floats.
_TYPES = {"sentiment": ("Int8", "Int8")} | dict.fromkeys(
    ("label", "error", "note"), ("string", "String")
)
_FLOAT = ("float64", "Float64")

Frame = TypeVar("Frame")


def score_frame(
    score_many: Callable[[Sequence[str]], list[Result]],
    frame: Frame,
    column: str,
    prefix: str = "",
    classes: int = 5,
) -> Frame:
    """See ``Scorer.score_frame``."""
    table: Any = frame
    library = library_of(table)
    columns = list(table.columns)
    if columns.count(column) != 1:
        problem = "more than one column" if column in columns else "no column"
        there = ", ".join(map(str, columns)) or "none"
        raise InputError(f"the frame has {problem} {column}, its columns are: {there}")
    detail = Detail(classes=classes).of_table(column, columns, prefix)
    names = [prefix + name for name in detail.flat]
    for name in names:
        if name in columns:
            raise InputError(
                f"the frame already has a column {name}, rename the added columns with prefix="
            )
    texts = table[column]
    missing = texts.isna() if library == "pandas" else texts.is_null()
    rows = map(
        _row, itertools.count(), itertools.repeat(column), texts.to_list(), missing.to_list()
    )
    added: list[tuple[Any, ...]] = []
    for chunk in gather(rows, _CHUNK_ROWS, _CHUNK_CHARACTERS):
        scored = score_chunk(score_many, chunk)
        added += (each.cells(detail.flat) for each in map(entry, scored.results, scored.errors))
    types = [_TYPES.get(name, _FLOAT) for name in detail.flat]
    cells = [[values[n] for values in added] for n in range(len(names))]
    if library == "pandas":
        from pandas import array

        arrays = (array(each, type) for each, (type, _) in zip(cells, types, strict=True))
        return table.assign(**dict(zip(names, arrays, strict=True)))
    import polars

    return table.with_columns(
        polars.Series(name, each, getattr(polars, type))
        for name, each, (_, type) in zip(names, cells, types, strict=True)
    )


def library_of(frame: Any) -> str:
    """The library of a frame: ``pandas`` or ``polars``.

    Raises:
        InputError: it is no frame of either.
    """
    for name in ("pandas", "polars"):
        library = sys.modules.get(name)
        if library is not None and isinstance(frame, library.DataFrame):
            return name
    type_name = type(frame).__name__
    hint = ", call its collect()" if type_name == "LazyFrame" else ""
    raise InputError(f"expected a DataFrame of pandas or Polars, got {type_name}{hint}")


def _row(number: int, column: str, value: Any, missing: bool) -> Row:
    place = f"row {number}"
    if missing:
        return Row(place, error=f"{column} is null")
    if not isinstance(value, str):
        return Row(place, error=f"{column} is a {type(value).__name__}, expected a str")
    return Row(place, value)
