"""Tasks for Prodigy: JSON lines for its interfaces ``choice`` and ``spans_manual``.

Spans there are of tokens, so the tokens of the text are part of a task. Offsets count code points.

Source: Prodigy's documentation, *Annotation interfaces*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treernn.classes import names
from treernn.scoring.tasks import Labelled, Tasks, beside, whole

if TYPE_CHECKING:
    from treernn.scoring.result import Result


class Prodigy(Tasks):
    """A task has the predicted class chosen; its certainty, the number of the row and the other
    columns of the table are the ``meta`` that the page shows."""

    def task(
        self, result: Result, row: int, values: Mapping[str, Any], parts: Sequence[Labelled] | None
    ) -> dict[str, Any]:
        """See ``Tasks``."""
        text = whole(result)
        task: dict[str, Any] = {
            "text": result.text,
            "options": [{"id": name, "text": name} for name in names(self.detail.classes)],
            "accept": [text.label],
        }
        if parts is not None:
            task["tokens"] = _tokens(result)
            task["spans"] = [_span(task["tokens"], each) for each in parts]
        score = round(text.certainty, 6)
        task["meta"] = {"score": score, "row": row, **beside(values, ("score", "row"))}
        return task


def _span(tokens: Sequence[Mapping[str, Any]], part: Labelled) -> dict[str, Any]:
    """A part of a text that is some of its tokens: of those that it has a part of, all."""
    inside = [each for each in tokens if each["start"] < part.end and part.start < each["end"]]
    first, last = inside[0], inside[-1]
    return {
        "start": first["start"],
        "end": last["end"],
        "token_start": first["id"],
        "token_end": last["id"],
        "label": part.label,
    }


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
