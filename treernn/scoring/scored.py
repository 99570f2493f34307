"""Scored rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treernn.scoring.rows import Chunk

if TYPE_CHECKING:
    from treernn.scoring.result import Result


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk with its results.

    Attributes:
        chunk: the rows.
        results: one for each row; None where there is an error.
        errors: for each row why it has no result, with its place; None where it has one.
    """

    chunk: Chunk
    results: list[Result | None]
    errors: list[str | None]


def score_chunk(score_many: Callable[[Sequence[str]], list[Result]], chunk: Chunk) -> Scored:
    """Score the rows of a chunk; every row stays, in its place.

    Args:
        score_many: that of a ``Scorer``.
        chunk: the rows.
    """
    scored = iter(score_many([row.text for row in chunk.rows if row.error is None]))
    results: list[Result | None] = []
    errors: list[str | None] = []
    for row in chunk.rows:
        error = row.error
        result = next(scored) if error is None else None
        if result is not None and not result.scored:
            error = "; ".join(result.problems)
        results.append(result if error is None else None)
        errors.append(None if error is None else f"{row.place}: {error}")
    return Scored(chunk, results, errors)
