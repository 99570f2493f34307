"""Tasks for Prodigy: JSON lines for its interfaces ``choice`` and ``spans_manual``.

Spans there are of tokens, so the tokens of the text are part of a task. Offsets count code points.

Source: Prodigy's documentation, *Annotation interfaces*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from treernn.classes import names
from treernn.scoring.tasks import Tasks, beside, spans, whole

if TYPE_CHECKING:
    from treernn.scoring.result import Result


class Prodigy(Tasks):
    """A task has the predicted class chosen; its certainty, the number of the row and the other
    columns of the table are the ``meta`` that the page shows."""

    def task(self, result: Result, row: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Tasks``."""
        text = whole(result)
        task: dict[str, Any] = {
            "text": result.text,
            "options": [{"id": name, "text": name} for name in names(self.detail.classes)],
            "accept": [text.label],
        }
        if self.detail.level != "review":
            tokens = _tokens(result)
            first = {token["start"]: token["id"] for token in tokens}
            last = {token["end"]: token["id"] for token in tokens}
            task["tokens"] = tokens
            task["spans"] = [
                {
                    "start": each.start,
                    "end": each.end,
                    "token_start": first[each.start],
                    "token_end": last[each.end],
                    "label": each.label,
                }
                for each in spans(result, self.detail.level, always_sentences=True)
            ]
        score = round(text.certainty, 6)
        task["meta"] = {"score": score, "row": row, **beside(values, ("score", "row"))}
        return task


def _tokens(result: Result) -> list[dict[str, Any]]:
    """The words of all sentences; what is between two of them belongs to none."""
    found = []
    words = [token for sentence in result.sentences for token in sentence.tokens]
    for number, token in enumerate(words):
        space = result.text[token.end : token.end + 1].isspace()
        word = result.text[token.start : token.end]
        place = {"start": token.start, "end": token.end, "id": number}
        found.append({"text": word, **place, "ws": space})
    return found
