"""Tables that ``treernn score`` has written: their verdicts are taken as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from treernn.classes import PLACES
from treernn.errors import InputError
from treernn.scoring.entries import PLACE_COLUMNS, probability_columns
from treernn.types import LABELS

_TOLERANCE = 0.01  # of the sum of probabilities, which are rounded


@dataclass(frozen=True, slots=True)
class ScoredColumns:
    """The columns with the verdicts.

    Attributes:
        probabilities: a column for each class, or the one with a list of them.
        classes: how many there are; 0 where only the rows tell, see ``with_classes_of``.
    """

    probabilities: tuple[str, ...]
    classes: int = 0

    def verdict(self, values: Mapping[str, Any]) -> list[float] | None:
        """The distribution of a row; None where it has none, for example because of an error."""
        found = [values.get(name) for name in self.probabilities]
        try:
            if len(found) == 1:
                found = json.loads(found[0]) if isinstance(found[0], str) else list(found[0] or ())
            numbers = [float(each) for each in found if each is not None]
        except (TypeError, ValueError):
            return None
        complete = len(numbers) in ((self.classes,) if self.classes else PLACES)
        if not complete or not all(0 <= each <= 1 for each in numbers):
            return None
        return numbers if abs(sum(numbers) - 1) <= _TOLERANCE else None

    def with_classes_of(self, rows: Iterable[Mapping[str, Any]]) -> ScoredColumns:
        """The same with the number of classes of the first row that has a verdict."""
        if self.classes:
            return self
        found = filter(None, map(self.verdict, rows))
        return replace(self, classes=len(next(found, range(len(LABELS)))))


def scored_columns(columns: Sequence[str]) -> ScoredColumns | None:
    """The verdicts in a table with these columns, whatever the prefix of their names; None for a
    table that was not scored.

    Raises:
        InputError: its rows are sentences or phrases, not reviews.

    >>> scored_columns(["text", "label", "p_negative", "p_positive"])
    ScoredColumns(probabilities=('p_negative', 'p_positive'), classes=2)
    """
    for prefix in (name.removesuffix("label") for name in columns if name.endswith("label")):
        choices = [probability_columns(classes) for classes in PLACES] + [("probabilities",)]
        for names in choices:
            named = tuple(prefix + name for name in names)
            if not set(named) <= set(columns):
                continue
            if {prefix + name for name in PLACE_COLUMNS} <= set(columns):
                raise InputError(
                    "the table has a row for each sentence or phrase, as --level writes them; "
                    "summarize needs a row for each review"
                )
            return ScoredColumns(named, len(named) if len(named) > 1 else 0)
    return None


def check_rating(rating: str, columns: Sequence[str]) -> None:
    """Raise ``InputError`` if the column is one that ``treernn score`` has added, which would
    compare the model with itself."""
    name = next((each for each in ("stars", "score", "sentiment") if rating.endswith(each)), None)
    if name is None or scored_columns(columns) is None:
        return
    label = rating.removesuffix(name) + "label"
    if label in columns and [*columns].index(label) < [*columns].index(rating):
        raise InputError(
            f"{rating} is what treernn score has added, no rating of the authors; leave out "
            "--rating, or name their column"
        )
