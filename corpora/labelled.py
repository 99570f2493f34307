"""Sentences with a class each, from a table such as a CSV file."""

from __future__ import annotations

from os import PathLike

from treernn.corpora.columns import read_columns
from treernn.errors import DataError
from treernn.types import LABELS

_CLASSES = {str(label): label for label in range(5)} | {
    name: label for label, name in enumerate(LABELS)
}


def read_labelled(
    path: str | PathLike[str], text: str = "text", label: str = "label"
) -> list[tuple[str, int]]:
    """Read sentences with their classes 0 to 4.

    Args:
        path: the table; see ``treernn.corpora.columns``.
        text: name of the column with the sentences.
        label: name of the column with the classes, as numbers 0 to 4 or by name (see ``LABELS``).

    Raises:
        MissingDataError: there is no such file.
        DataError: see ``treernn.corpora.columns``; or a text is empty, or a label is not a class.
    """
    sentences = []
    for line, (sentence, name) in read_columns(path, (text, label)):
        if not sentence.strip():
            raise DataError(f"column {text!r} is empty, expected a sentence", path, line)
        if name.strip().lower() not in _CLASSES:
            expected = f"expected 0 to 4, or {', '.join(LABELS[:-1])} or {LABELS[-1]}"
            raise DataError(f"label {name!r}, {expected}", path, line)
        sentences.append((sentence, _CLASSES[name.strip().lower()]))
    return sentences
