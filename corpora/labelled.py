"""Sentences with a class each, from a table such as a CSV file.

Labels are on the scale of five classes, 0 to 4 or by name, unless all of them say only whether a
sentence is negative or positive, as 0 and 1 do, or ``neg`` and ``pos``. Those are two classes; so
are -1, 0 and 1, or 0, 1 and 2, three. The numbers 1 to 5 are stars, if all of them occur.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

from treernn.corpora.columns import complete_rows, read_columns
from treernn.errors import DataError, DataWarning
from treernn.types import LABELS

NEGATIVE, NEUTRAL, POSITIVE = 1, 2, 3

_FIVE = {str(label): label for label in range(5)} | {
    name: label for label, name in enumerate(LABELS)
}
_NAMES = {
    NEGATIVE: ("negative", "neg", "n", "false", "no", "bad", "-"),
    NEUTRAL: ("neutral", "neu", "mixed"),
    POSITIVE: ("positive", "pos", "p", "true", "yes", "good", "+"),
}
_JOINED = re.compile(r"(?<=[a-z])-(?=[a-z])")  # not the sign of a number, and not a lone one
_SIDES = {name: label for label, names in _NAMES.items() for name in names}
# Numbers mean something else on each scale, so that all of them must occur.
_NUMBERS = (
    {"0": NEGATIVE, "1": POSITIVE},
    {"-1": NEGATIVE, "1": POSITIVE},
    {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE},
    {"0": NEGATIVE, "1": NEUTRAL, "2": POSITIVE},
)
_STARS = {str(label + 1): label for label in range(5)}


@dataclass(frozen=True, slots=True)
class Scale:
    """What labels mean.

    Attributes:
        classes: the class, 0 to 4, of each label, in lower case; whole numbers without a fraction.
        coarse: the labels as they are written, negative ones first, if they are not on the scale of
            five; then ``NEGATIVE`` and ``POSITIVE`` do not say how strong a sentence is.
    """

    classes: Mapping[str, int]
    coarse: tuple[str, ...] = ()

    @property
    def two_classes(self) -> bool:
        """Whether there are negative and positive labels only, which say nothing else."""
        return bool(self.coarse) and not any(
            self.classes[_plain(name)] == NEUTRAL for name in self.coarse
        )

    @property
    def count(self) -> int:
        """Of classes: 5, 3 or 2."""
        return 2 if self.two_classes else 3 if self.coarse else 5

    def class_of(self, label: str) -> int | None:
        """The class of a label as it is written; None if it is no class."""
        return self.classes.get(_plain(label))

    def expected(self) -> str:
        """The labels that there can be, for errors."""
        if self.coarse:
            return f"{' or '.join(self.coarse)}, as in other rows"
        if self == STARS:
            return "1 to 5, as in other rows"
        return (
            f"0 to 4, or {', '.join(LABELS[:-1])} or {LABELS[-1]}; or 1 to 5, if all of them occur"
        )

    def describe(self) -> str:
        """One line for people about what labels mean."""
        if not self.coarse:
            numbers = "1 to 5" if self == STARS else "0 to 4, or their names,"
            return f"the labels {numbers} are five classes: {LABELS[0]} to {LABELS[-1]}"
        names = [LABELS[self.classes[_plain(name)]] for name in self.coarse]
        number = "two" if self.two_classes else "three"
        return f"the labels {_and(self.coarse)} are {number} classes: {_and(dict.fromkeys(names))}"


_KNOWN = {*_FIVE, *_SIDES, *_STARS, "-1"}

FIVE_CLASSES = Scale(_FIVE)
STARS = Scale(_STARS)


def find_scale(labels: Iterable[str]) -> Scale:
    """The scale of all labels of some data.

    >>> find_scale(["1", "0"]).describe()
    'the labels 0 and 1 are two classes: negative and positive'
    >>> find_scale(["1", "0", "2"]).describe()
    'the labels 0, 1 and 2 are three classes: negative, neutral and positive'
    >>> find_scale(["1", "0", "4"]).coarse
    ()
    """
    written = {_plain(label): label.strip() for label in labels}
    # Without those that are wrong on any scale, which are an error of their rows.
    names = {name for name in written if name in _KNOWN}
    if names == {*_STARS}:
        return STARS
    for scale in _NUMBERS:
        if names == {*scale}:
            return Scale(scale, tuple(written[name] for name in scale))
    two = {_SIDES[name] for name in names} == {NEGATIVE, POSITIVE} if names <= {*_SIDES} else False
    if two or (names <= {*_SIDES} and not names <= {*_FIVE}):
        return Scale(_SIDES, tuple(written[name] for name in _SIDES if name in names))
    return FIVE_CLASSES


def read_labelled_tables(
    paths: Sequence[str | PathLike[str]],
    text: str = "text",
    label: str = "label",
    encoding: str | None = None,
    delimiter: str | None = None,
) -> tuple[Scale, list[list[tuple[str, int]]]]:
    """Read tables whose labels are on one scale, that of all of them.

    A ``DataWarning`` counts rows without a text or a label, which are left out, and says how
    numbers are read that may mean something else.

    Args:
        paths: of the tables; others as for ``read_labelled``.

    Returns:
        The scale, and the sentences of each table with their classes 0 to 4.

    Raises:
        MissingDataError, DataError: see ``read_labelled``.
    """
    columns = (text, label)
    tables = [
        [*complete_rows(read_columns(path, columns, encoding, delimiter), columns, path)]
        for path in paths
    ]
    labels = {name for rows in tables for _, (_, name) in rows}
    scale = find_scale(labels)
    found = [_with_classes(path, rows, scale) for path, rows in zip(paths, tables, strict=True)]
    _warn_of_numbers(paths[0], {*map(_plain, labels)}, scale)
    return scale, found


def read_labelled(
    path: str | PathLike[str],
    text: str = "text",
    label: str = "label",
    encoding: str | None = None,
    delimiter: str | None = None,
) -> list[tuple[str, int]]:
    """Read sentences with their classes 0 to 4; rows without a text or a label are left out, with
    a ``DataWarning``.

    Args:
        path: the table; see ``treernn.corpora.columns``.
        text: name of the column with the sentences.
        label: name of the column with the classes.
        encoding, delimiter: of the table, as for ``treernn.tables.open_table``.

    Raises:
        MissingDataError: there is no such file.
        DataError: see ``treernn.corpora.columns``; or a label is not a class.
    """
    _, [found] = read_labelled_tables([path], text, label, encoding, delimiter)
    return found


def _with_classes(
    path: str | PathLike[str], rows: Iterable[tuple[int, list[str]]], scale: Scale
) -> list[tuple[str, int]]:
    sentences = []
    for line, (sentence, name) in rows:
        if (found := scale.class_of(name)) is None:
            raise DataError(f"label {name[:40]!r}, expected {scale.expected()}", path, line)
        sentences.append((sentence, found))
    return sentences


def _warn_of_numbers(path: str | PathLike[str], names: set[str], scale: Scale) -> None:
    """Say how numbers are read that people use for other classes too."""
    if names == {*"012"}:
        meaning = "negative, neutral and positive"
    elif scale == FIVE_CLASSES and names and names < {*"01234"} and not {"0", "4"} <= names:
        meaning = "classes of 0 (very negative) to 4 (very positive)"
    else:
        return
    warnings.warn(
        f"{path}: the labels {_and(sorted(names))} are read as {meaning}; write their names if "
        "they mean something else",
        DataWarning,
        stacklevel=3,
    )


def _and(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _plain(label: str) -> str:
    """A label in lower case; a whole number without its fraction: ``4.0`` is ``4``; a name with
    blanks between its words."""
    label = _JOINED.sub(" ", " ".join(label.lower().replace("_", " ").split()))
    with contextlib.suppress(ValueError, OverflowError):
        if float(label).is_integer():
            return str(int(float(label)))
    return label
