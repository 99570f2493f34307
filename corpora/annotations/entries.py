"""What a tool says of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from treernn.checks import brief
from treernn.corpora.annotations.offsets import to_code_points
from treernn.errors import InputError

TEXT, LABEL = "text", ""


class Vote(NamedTuple):
    """The label that one annotator gave to a part of a text.

    Attributes:
        start, end: its half-open range of characters.
        label: as it is written.
    """

    start: int
    end: int
    label: str


class Entry(NamedTuple):
    """A text with its labels.

    Attributes:
        text: the text.
        votes: of all annotators.
        skipped: how many annotators skipped, cancelled, rejected or ignored it.
    """

    text: str
    votes: tuple[Vote, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class How:
    """How to read files of a tool.

    Attributes:
        text_column: the name of the field with the text.
        label_column: the name of the field, or control, with the label of the whole text; empty:
            that which the tool uses.
        offsets: what offsets count, one of ``offsets.UNITS``; empty: as the tool does.
        targets: whether labels of aspect terms are read instead of those of phrases, where a tool
            tells them apart.
    """

    text_column: str = TEXT
    label_column: str = LABEL
    offsets: str = ""
    targets: bool = False


def text_of(values: Mapping[str, Any], column: str) -> str:
    """The text of an entry: the field of this name, or else the only one with a text.

    Raises:
        InputError: there is none, or it is empty.
    """
    if column not in values:
        texts = [name for name, value in values.items() if isinstance(value, str)]
        if len(texts) != 1:
            there = ", ".join(map(str, texts[:10])) or "none"
            raise InputError(f"no {brief(column)}, name the text with text_column; there: {there}")
        [column] = texts
    text = values[column]
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{brief(column)} is {brief(text)}, expected a text")
    return text


def labels_of(value: Any) -> list[str]:
    """A label, or those of a list.

    Raises:
        InputError: it is neither.
    """
    names = value if isinstance(value, list) else [value]
    for name in names:
        if isinstance(name, bool) or not isinstance(name, str | int | float):
            raise InputError(f"label {brief(name)}, expected a label or a list of labels")
    return [str(name) for name in names]


def whole(text: str, labels: Sequence[str]) -> list[Vote]:
    """Labels of a whole text."""
    return [Vote(0, len(text), label) for label in labels]


def place(
    text: str, start: Any, end: Any, units: Sequence[str], said: Any = None
) -> tuple[int, int]:
    """The range of a span in code points.

    Args:
        text: that it is of.
        start, end: as they are in the file.
        units: what they may count; the first that fits is right.
        said: the text of the span as the file has it, or None.

    Raises:
        InputError: they are no range of the text, or the text there is another.
    """
    if type(start) is not int or type(end) is not int:
        problem = f"span from {brief(start)} to {brief(end)}"
        raise InputError(f"{problem}, expected whole numbers")
    ranges = [found for unit in units if (found := to_code_points(text, start, end, unit))]
    if not ranges:
        problem = f"span from {start} to {end} is no part of the text of {len(text)} characters"
        raise InputError(f"{problem}, counted in {' or '.join(units)}; see offsets")
    if not isinstance(said, str):
        return ranges[0]
    for first, last in ranges:
        if _plain(text[first:last]) == _plain(said):
            return first, last
    first, last = ranges[0]
    there = f"span from {start} to {end} is {brief(text[first:last])} in the text"
    raise InputError(f"{there}, but the file says {brief(said)}: the offsets do not fit")


def _plain(text: str) -> str:
    """A text without what tools change in it: white space, and line ends as an escape."""
    return "".join(text.replace("\\n", " ").split())
