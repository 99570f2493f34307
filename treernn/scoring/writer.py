"""What all output formats share: the values added to a row, and how parts become a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from treernn.types import LABELS

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.scored import Scored

NESTED_COLUMNS = ("label", "sentiment", "probabilities", "error", "note")
"""Names of the values that are added to a row."""

PROBABILITY_COLUMNS = tuple(f"p_{label.replace(' ', '_')}" for label in LABELS)

FLAT_COLUMNS = ("label", "sentiment", *PROBABILITY_COLUMNS, "error", "note")
"""The same, with a column for each probability."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An output format for one table.

    A file is ``begin``, its parts with ``between`` in between, and ``end``, so that parts can be
    written one by one and joined later.

    Attributes:
        encode: scored rows as a part of the file.
        begin, between, end: bytes before, between and after the parts.
    """

    encode: Callable[[Scored], bytes]
    begin: bytes = b""
    between: bytes = b""
    end: bytes = b""

    def join(self, parts: Sequence[Path], out: Path) -> None:
        """Write the file ``out`` from files of its parts."""
        with out.open("wb") as file:
            file.write(self.begin)
            for number, part in enumerate(parts):
                file.write(self.between if number else b"")
                file.write(part.read_bytes())
            file.write(self.end)


def added_values(result: Result | None, error: str | None) -> tuple[Any, ...]:
    """The values of ``NESTED_COLUMNS``; without a result all but the error are None."""
    if result is None or result.label is None or result.probabilities is None:
        return None, None, None, error, None
    probabilities = [round(probability, 6) for probability in result.probabilities]
    note = "; ".join(result.problems) or None
    return result.label, LABELS.index(result.label), probabilities, None, note


def flat_values(result: Result | None, error: str | None) -> tuple[Any, ...]:
    """The values of ``FLAT_COLUMNS``."""
    label, sentiment, probabilities, error, note = added_values(result, error)
    return label, sentiment, *(probabilities or [None] * len(LABELS)), error, note


def rows_of(
    scored: Scored,
) -> Iterator[tuple[Mapping[str, Any], Result | None, str | None]]:
    """For each row its own values by column, its result and its error."""
    chunk = scored.chunk
    if chunk.arrow is None:
        values: list[Any] = [row.values for row in chunk.rows]
    else:
        from treernn.tables.arrow import to_python

        values = to_python(chunk.arrow)
    return zip(values, scored.results, scored.errors, strict=True)
