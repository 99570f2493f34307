"""Rows of a table, and what scoring adds to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

    from treernn.scoring.result import Result
    from treernn.scoring.scorer import Scorer


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        place: where it stands, such as ``line 7``.
        text: what to score.
        values: its columns by name, the text among them; empty where the chunk has ``arrow``.
        error: why it cannot be scored; then ``text`` is empty and ``values`` is what could be read.
    """

    place: str
    text: str = ""
    values: Mapping[str, Any] = {}
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows, scored together.

    Attributes:
        rows: the rows.
        share: the share of the whole table that ends with them, 0 to 1; 0 where nobody knows.
        arrow: their columns, where the table was Arrow's own and has its types.
    """

    rows: list[Row]
    share: float = 0.0
    arrow: pa.RecordBatch | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk and what was found.

    Attributes:
        chunk: the rows.
        results: one for each row; None where there is an error.
        errors: for each row why it has no result, with its place; None where it has one.
    """

    chunk: Chunk
    results: list[Result | None]
    errors: list[str | None]


def score_chunk(scorer: Scorer, chunk: Chunk) -> Scored:
    """Score the rows of a chunk; every row stays, in its place."""
    found = iter(scorer.score_many([row.text for row in chunk.rows if row.error is None]))
    results: list[Result | None] = []
    errors: list[str | None] = []
    for row in chunk.rows:
        error = row.error
        result: Result | None = next(found) if error is None else None
        if result is not None and not result.scored:
            error = "; ".join(result.problems)
        results.append(result if error is None else None)
        errors.append(None if error is None else f"{row.place}: {error}")
    return Scored(chunk, results, errors)


def gather(rows: Iterable[tuple[Row, float]], most: int, characters: int) -> Iterator[Chunk]:
    """Chunks of at most ``most`` rows, which end where their texts reach ``characters``.

    Args:
        rows: each with the share of the table that ends with it.
        most: rows in a chunk.
        characters: the same rows give the same chunks, whenever they come.
    """
    chunk: list[Row] = []
    length = 0
    share = 0.0
    for row, share in rows:
        chunk.append(row)
        length += len(row.text)
        if len(chunk) == most or length >= characters:
            yield Chunk(chunk, share)
            chunk, length = [], 0
    if chunk:
        yield Chunk(chunk, share)
