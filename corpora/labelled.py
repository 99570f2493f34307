"""Sentences with a class each, from a CSV file with a header line."""

from __future__ import annotations

import csv
import io
from os import PathLike

from treernn.errors import DataError
from treernn.tables.encoding import decode, read_bytes
from treernn.types import LABELS

_CLASSES = {str(label): label for label in range(5)} | {
    name: label for label, name in enumerate(LABELS)
}


def read_labelled(
    path: str | PathLike[str], text: str = "text", label: str = "label"
) -> list[tuple[str, int]]:
    """Read the sentences of a CSV file, as they are written, with their classes 0..4.

    Args:
        path: the file; its first line names the columns, other columns are ignored.
        text: the name of the column with the sentence.
        label: the name of the column with the class, 0 to 4 or its name (see ``LABELS``).

    Raises:
        MissingDataError: there is no such file.
        DataError: with the line, where a column is missing, a text is empty, a label is none of
            the above, the quotes do not match, or a byte is not UTF-8.
    """
    content = decode(read_bytes(path), path)
    rows = csv.reader(io.StringIO(content, newline=""), strict=True)
    sentences: list[tuple[str, int]] = []
    places: list[int] | None = None
    start = 1  # the line that a row starts in; one with quoted line breaks ends further down
    try:
        for row in rows:
            if not row:
                pass
            elif places is None:
                places = [_place(row, name, path, start) for name in (text, label)]
                columns = len(row)
            elif len(row) != columns:
                raise DataError(
                    f"{len(row)} columns, the header has {columns}; quote a text with commas",
                    path,
                    start,
                )
            else:
                sentence, name = (row[place] for place in places)
                if not sentence.strip():
                    raise DataError(f"column {text!r} is empty, expected a sentence", path, start)
                found = _CLASSES.get(name.strip().lower())
                if found is None:
                    expected = f"expected 0 to 4, or {', '.join(LABELS[:-1])} or {LABELS[-1]}"
                    raise DataError(f"label {name!r}, {expected}", path, start)
                sentences.append((sentence, found))
            start = rows.line_num + 1
    except csv.Error as error:
        raise DataError(f"not CSV ({error})", path, start) from None
    if places is None:
        raise DataError(f"the file is empty, expected columns {text!r} and {label!r}", path)
    return sentences


def _place(header: list[str], name: str, path: str | PathLike[str], line: int) -> int:
    names = [column.strip() for column in header]
    if names.count(name) != 1:
        many = "no column" if name not in names else "more than one column"
        raise DataError(f"{many} {name!r}, the header has {', '.join(names)}", path, line)
    return names.index(name)
