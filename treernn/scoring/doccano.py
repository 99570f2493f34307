"""Tasks for doccano: JSON lines for its projects *text classification* and *sequence labeling*.

Offsets count units of UTF-16, as doccano's page does unless the project counts graphemes.

Source: ``data_import/pipeline`` and the page of doccano 1.8.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treernn.corpora.annotations.offsets import places
from treernn.scoring.tasks import Labelled, Tasks, beside, certainty

if TYPE_CHECKING:
    from treernn.scoring.result import Result

_TAKEN = ("text", "label", "id", "score", "row", "Comments", "filename", "upload_name")
"""Fields of ours, and those that doccano's exports have."""


class Doccano(Tasks):
    """A task has the class of the text, or those of its parts; doccano keeps all other fields as
    metadata of the text."""

    def task(
        self, result: Result, row: int, values: Mapping[str, Any], parts: Sequence[Labelled] | None
    ) -> dict[str, Any]:
        """See ``Tasks``."""
        label: list[Any] = [result.label]
        if parts is not None:
            at = places(result.text, "utf-16")
            label = [[at[each.start], at[each.end], each.label] for each in parts]
        score = round(certainty(result), 6)
        return {
            "text": result.text,
            "label": label,
            "score": score,
            "row": row,
            **beside(values, _TAKEN),
        }
