"""``treernn.summarize``: the summary of a data frame, of texts, or of results."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from treernn.checks import brief
from treernn.errors import InputError
from treernn.opinions.build import summary_of
from treernn.opinions.files import Wanted, find_columns
from treernn.opinions.find import knows_targets
from treernn.opinions.listed import read_listed
from treernn.opinions.opinion import encode
from treernn.opinions.summary import Summary
from treernn.opinions.work import Columns, Settings, reviews_of
from treernn.scoring.frames import library_of
from treernn.scoring.job import PART_CHARACTERS, PART_ROWS
from treernn.scoring.many import check_texts, is_missing
from treernn.scoring.result import Result
from treernn.scoring.rows import Row, checked_row, gather
from treernn.scoring.scorer import Scorer, load

Values = str | Sequence[Any] | None
"""The name of a column of a frame; or a value for each text or result."""

ScoreMany = Callable[[Sequence[str]], list[Result]]


def summarize(
    reviews: Any,
    column: str = "text",
    *,
    group: Values = None,
    time: Values = None,
    rating: Values = None,
    aspects: str | os.PathLike[str] | None = None,
    scorer: Scorer | None = None,
    title: str = "Reviews",
) -> Summary:
    """Summarize many reviews: what they praise and what they criticise.

    Args:
        reviews: a data frame of pandas or Polars, which may be scored already; or texts, or results
            of ``Scorer.score_many``, which are not scored again.
        column: of the frame, contains the texts.
        group, time, rating: names of columns of the frame; or, for texts and results, a value for
            each. See ``docs/opinions.md`` for what can be read.
        aspects: a file of aspects and their names, instead of those that are found.
        scorer: default ``treernn.load()``. For results it must be the one that scored them.
        title: of the report.

    Raises:
        InputError: there is no such column, or not as many values as texts.
        DataError: the file of aspects cannot be read.

    >>> import treernn
    >>> summary = treernn.summarize(["The battery is great.", "The battery died."] * 3)
    >>> summary
    Summary(6 reviews, 1 aspect)
    >>> summary.aspects[0].name, summary.aspects[0].reviews
    ('battery', 6)
    """
    score_many = None
    listed = None if aspects is None else read_listed(aspects)
    if hasattr(reviews, "columns"):
        columns, rows = _of_frame(reviews, Wanted(column, *map(_name, (group, time, rating))))
    else:
        columns, rows, score_many = _of_values(reviews, group=group, time=time, rating=rating)
    scorer = scorer or load()
    settings = Settings(
        _model_of(scorer), columns=columns, listed=listed, known_targets=knows_targets(scorer)
    )
    parts = [
        encode(reviews_of(scorer, settings, chunk, score_many or scorer.score_many))
        for chunk in gather(rows, PART_ROWS, PART_CHARACTERS)
    ]
    return summary_of(parts, settings, title)


def _model_of(scorer: Scorer) -> str:
    return "of your own" if scorer.origin is None else Path(scorer.origin.arguments.model).name


def _name(column: Values) -> str | None:
    if column is not None and not isinstance(column, str):
        raise InputError("group, time and rating of a data frame are names of its columns")
    return column


def _of_frame(frame: Any, wanted: Wanted) -> tuple[Columns, Iterator[Row]]:
    library_of(frame)
    names = [str(name) for name in frame.columns]
    columns = find_columns(wanted, names, "the frame")
    if columns.text not in names:
        raise InputError(
            f"the frame has no column {wanted.text}, its columns are: {', '.join(names)}"
        )
    used = [columns.text, columns.group, columns.time, columns.rating]
    used += columns.scored.probabilities if columns.scored else ()
    values = {name: _values(frame, names, name) for name in used if name is not None}
    if columns.scored:
        scored = columns.scored.with_classes_of(_dicts(values))
        columns = replace(columns, scored=scored)
    rows = (
        _row(f"row {number}", row, columns.text) for number, row in enumerate(_dicts(values), 1)
    )
    return columns, rows


def _values(frame: Any, names: Sequence[str], name: str) -> list[Any]:
    """A column of a frame; names of those of pandas may be numbers, and the same."""
    if names.count(name) > 1:
        raise InputError(f"the frame has more than one column {name}")
    values: list[Any] = frame[frame.columns[names.index(name)]].to_list()
    return values


def _of_values(
    reviews: Iterable[Any], **values: Values
) -> tuple[Columns, Iterator[Row], ScoreMany | None]:
    """Texts or results as rows, with what returns the results, if they are there."""
    if isinstance(reviews, str | bytes | Result):
        raise InputError("expected many reviews, got one; pass a list")
    if not isinstance(reviews, Iterable):
        raise InputError(f"expected texts, results or a data frame, got {brief(reviews)}")
    items = [*reviews]
    results = [each for each in items if isinstance(each, Result)]
    if results and len(results) != len(items):
        raise InputError("expected texts or results, got both")
    texts: Sequence[str | None] = [each.text for each in results] or check_texts(items)
    columns = {"text": texts}
    for name, given in values.items():
        if isinstance(given, str):
            raise InputError(f"{name} is the name of a column, but there is no frame")
        if given is not None:
            columns[name] = [*given]
            if len(columns[name]) != len(texts):
                found = f"{len(columns[name]):,} values for {len(texts):,} reviews"
                raise InputError(f"{name}: {found}, expected one for each")
    rows = (
        # Of a result an empty text is one, which says itself that there is nothing to score.
        Row(f"row {number}", row["text"] or "", row)
        if results
        else _row(f"row {number}", row, "text")
        for number, row in enumerate(_dicts(columns), 1)
    )
    left = iter(results)
    group, time, rating = (name if name in columns else None for name in values)
    known = (lambda some: [next(left) for _ in some]) if results else None
    return Columns("text", group, time, rating), rows, known


def _dicts(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True))


def _row(place: str, values: dict[str, Any], column: str) -> Row:
    """The row of a frame or list, whose missing value may be of another kind."""
    text = values[column]
    if not isinstance(text, str) and is_missing(text):
        values = {**values, column: None}
    return checked_row(place, values, column, sys.maxsize)
