"""Exports of doccano: JSON lines, or JSON, of the projects *text classification* and *sequence
labeling*.

::

    {"id": 1, "text": "Great price.", "label": ["positive"], "Comments": []}
    {"id": 2, "text": "Slow staff.", "label": [[0, 10, "negative"]], "Comments": []}
    {"id": 3, "text": "Slow staff.", "entities": [{"id": 7, "label": "negative",
        "start_offset": 0, "end_offset": 10}], "relations": [], "Comments": []}

Offsets count units of UTF-16, unless the project counts graphemes. doccano exports a zip archive:
of a project whose members do not share their labels it has a file for each of them.

Source: ``data_export/pipeline`` and the page's ``getOffsets`` of doccano 1.8.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treernn.checks import brief
from treernn.corpora.annotations.entries import Entry, How, Vote, labels_of, place, text_of, whole
from treernn.errors import InputError

_FIELDS = ("label", "labels", "entities", "cats")


def is_item(item: Mapping[str, Any]) -> bool:
    """Whether an object may be an entry of an export."""
    return "text" in item or any(name in item for name in _FIELDS)


def entry(item: Mapping[str, Any], how: How) -> Entry:
    """The labels of a line.

    Raises:
        InputError: something in it is wrong.
    """
    text = text_of(item, how.text_column)
    names = [how.label_column] if how.label_column else _FIELDS
    votes: list[Vote] = []
    for name in names:
        value = item.get(name)
        if value is None:
            continue
        for each in value if isinstance(value, list) else [value]:
            votes += _votes(text, each, how)
    return Entry(text, tuple(votes))


def _votes(text: str, label: Any, how: How) -> list[Vote]:
    match label:
        case [start, end, name]:
            pass
        case {"start_offset": start, "end_offset": end, "label": name}:
            pass
        case list() | dict():
            problem = f"label {brief(label)}, expected a name, [start, end, name] or an entity"
            raise InputError(problem)
        case _:
            return whole(text, labels_of(label))
    found = place(text, start, end, [how.offsets or "utf-16"])
    return [Vote(*found, each) for each in labels_of(name)]
