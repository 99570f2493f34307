"""Data frames of pandas and Polars; neither is imported here, who has a frame has its library."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from treernn.errors import InputError
from treernn.scoring.formats import SHARES, OutputFormat, added, record
from treernn.scoring.rows import Row, gather
from treernn.scoring.scored import score_chunk

if TYPE_CHECKING:
    from treernn.scoring.scorer import Scorer

ROWS, CHARACTERS = 512, 200_000
"""What is scored at once; of results nothing stays but the cells."""

Frame = TypeVar("Frame")


def score_frame(scorer: Scorer, frame: Frame, column: str, prefix: str = "") -> Frame:
    """A frame with what was found in a column, see ``Scorer.score_frame``."""
    table: Any = frame
    library = _library(table)
    columns = list(table.columns)
    if columns.count(column) != 1:
        what = "more than one column" if column in columns else "no column"
        there = ", ".join(map(str, columns)) or "none"
        raise InputError(f"the frame has {what} {column}, its columns are: {there}")
    names = added(OutputFormat.csv, prefix)
    taken = [name for name in names if name in columns]
    if taken:
        raise InputError(
            f"the frame has a column {taken[0]} of its own, "
            "give those added another name with prefix="
        )
    texts = table[column]
    missing = texts.isna() if library == "pandas" else texts.is_null()
    rows = (
        (_row(number, column, *each), 0.0)
        for number, each in enumerate(zip(texts.to_list(), missing.to_list(), strict=True))
    )
    records: list[list[Any]] = []
    for chunk in gather(rows, ROWS, CHARACTERS):
        scored = score_chunk(scorer.score_many, chunk)
        records += map(record, scored.results, scored.errors)
    cells = {name: [each[at] for each in records] for at, name in enumerate(names)}
    if library == "pandas":
        from pandas import array

        return table.assign(**{name: array(cells[name], _kind(name, prefix)[0]) for name in names})
    import polars

    return table.with_columns(
        polars.Series(name, cells[name], getattr(polars, _kind(name, prefix)[1])) for name in names
    )


def _library(frame: Any) -> str:
    """The name of the library that a frame is of."""
    for name in ("pandas", "polars"):
        library = sys.modules.get(name)
        if library is not None and isinstance(frame, library.DataFrame):
            return name
    kind = type(frame).__name__
    hint = ", call its collect()" if kind == "LazyFrame" else ""
    raise InputError(f"expected a DataFrame of pandas or Polars, got a {kind}{hint}")


def _row(number: int, column: str, value: Any, missing: bool) -> Row:
    place = f"row {number}"
    if missing:
        return Row(place, error=f"{column} is null")
    if not isinstance(value, str):
        return Row(place, error=f"{column} is a {type(value).__name__}, expected a str")
    return Row(place, value)


def _kind(name: str, prefix: str) -> tuple[str, str]:
    """The types of an added column, which have a null: pandas' and Polars'."""
    match name.removeprefix(prefix):
        case "sentiment":
            return "Int8", "Int8"
        case share if share in SHARES:
            return "float64", "Float64"
    return "string", "String"
