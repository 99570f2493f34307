"""Exports of Prodigy, which ``prodigy db-out`` writes as JSON lines.

::

    {"text": "Great price.", "options": [{"id": "positive", "text": "positive"}, …],
     "accept": ["positive"], "answer": "accept", "_view_id": "choice", "_annotator_id": "ann"}
    {"text": "Great price.", "label": "positive", "answer": "accept", "_view_id": "classification"}
    {"text": "Slow staff.", "spans": [{"start": 0, "end": 10, "label": "negative"}],
     "answer": "accept", "_view_id": "spans_manual"}

What an annotator did not see, or could not change, is no label: of an interface for choices the
spans are decoration, and of an interface for spans the choice is. Offsets count code points.

Source: Prodigy's documentation, *Annotation interfaces*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treernn.checks import brief
from treernn.corpora.annotations.entries import Entry, How, Vote, labels_of, place, text_of, whole
from treernn.errors import InputError

_ANSWERS = ("accept", "reject", "ignore")
_OF_TEXTS = ("choice", "classification", "text", "html")
_OF_SPANS = ("ner", "ner_manual", "spans", "spans_manual")


def is_item(item: Mapping[str, Any]) -> bool:
    """Whether an object may be an entry of an export."""
    return any(name in item for name in ("answer", "_input_hash", "_task_hash", "_view_id"))


def entry(item: Mapping[str, Any], how: How) -> Entry:
    """The labels of a line.

    Raises:
        InputError: something in it is wrong.
    """
    text = text_of(item, how.text_column)
    answer = item.get("answer", "accept")
    if answer not in _ANSWERS:
        raise InputError(f"answer {brief(answer)}, expected one of {', '.join(_ANSWERS)}")
    if answer != "accept":
        return Entry(text, skipped=1)
    view = item.get("_view_id")
    votes = [] if view in _OF_SPANS else whole(text, _labels(item, how))
    if view not in _OF_TEXTS:
        votes += _spans(text, item.get("spans") or [], how)
    return Entry(text, tuple(votes))


def _labels(item: Mapping[str, Any], how: How) -> list[str]:
    if how.label_column:
        value = item.get(how.label_column)
        return [] if value is None else labels_of(value)
    found = labels_of(item["accept"]) if item.get("accept") is not None else []
    return found or (labels_of(item["label"]) if item.get("label") is not None else [])


def _spans(text: str, spans: Any, how: How) -> list[Vote]:
    if not isinstance(spans, list) or not all(isinstance(each, dict) for each in spans):
        raise InputError(f"spans {brief(spans)}, expected a list of objects")
    votes = []
    for span in spans:
        if span.get("label") is None:  # a highlight
            continue
        units = [how.offsets or "code points"]
        found = place(text, span.get("start"), span.get("end"), units, span.get("text"))
        votes += [Vote(*found, label) for label in labels_of(span["label"])]
    return votes
