"""Summaries of tables in files: reviews are read as ``treernn score`` reads them, part by part."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from treernn.errors import InputError
from treernn.opinions.build import aspects_of, summary_of
from treernn.opinions.opinions_table import write_csv_opinions, write_parquet_opinions
from treernn.opinions.scored import check_rating, scored_columns
from treernn.opinions.summary import Summary
from treernn.opinions.work import Columns, Settings
from treernn.scoring.settings import TableOptions
from treernn.tables.names import find_column
from treernn.tables.source import is_stream

PEEKED = 1_000
"""Rows in which the first verdict of a scored table is looked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that are asked for, as for ``Columns``."""

    text: str = "text"
    group: str | None = None
    time: str | None = None
    rating: str | None = None


def find_columns(wanted: Wanted, columns: Sequence[str] | None, name: str) -> Columns:
    """The columns as they are written in a table; ``columns`` is None where they are unknown.

    Raises:
        InputError: the table lacks one, was scored by sentences, or the ratings are the model's.
    """
    if columns is None:
        return Columns(wanted.text, wanted.group, wanted.time, wanted.rating)
    found: dict[str, str | None] = {}
    for option in ("group", "time", "rating"):
        asked = getattr(wanted, option)
        found[option] = None if asked is None else find_column(columns, asked)
        if asked is not None and found[option] is None:
            there = ", ".join(columns) or "none"
            raise InputError(f"{name}: no column {asked} for --{option}, its columns are {there}")
    if found["rating"] is not None:
        check_rating(found["rating"], columns)
    return Columns(
        find_column(columns, wanted.text) or wanted.text, **found, scored=scored_columns(columns)
    )


def with_classes(columns: Columns, options: TableOptions, path: str) -> Columns:
    """The same; where a scored table has lists of probabilities, its rows tell how many, and of
    a stream, which can be read once only, it is taken to be five."""
    scored = columns.scored
    if scored is None or scored.classes:
        return columns
    if is_stream(path):
        return replace(columns, scored=replace(scored, classes=5))
    with options.open(path) as rows:
        chunks = rows.chunks(PEEKED, 1 << 30)
        values: list = []
        for chunk in itertools.islice(chunks, 1):
            if chunk.arrow is None:
                values = [row.values for row in chunk.rows]
            else:
                from treernn.tables.arrow import to_python

                values = to_python(chunk.arrow)
        return replace(columns, scored=scored.with_classes_of(values))


FORMATS: dict[str, Callable[[Summary], str] | None] = {
    ".html": Summary.to_html,
    ".htm": Summary.to_html,
    ".md": Summary.to_markdown,
    ".json": Summary.to_json,
    ".parquet": None,
    ".csv": None,
}
"""What is written by the ending of a file's name; None: a row for each opinion."""


def format_of(path: Path) -> str:
    """The ending of a file that can be written.

    Raises:
        InputError: it is another.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InputError(
            f"{path}: unknown format; endings are .html, .md and .json for the summary, .parquet "
            "and .csv for a table of the opinions"
        )
    return ending


def write_summary(
    parts: Sequence[Path], out: Path, ending: str, settings: Settings, title: str
) -> None:
    """Write the file ``out`` from the files of all parts."""
    if ending in (".parquet", ".csv"):
        write = write_parquet_opinions if ending == ".parquet" else write_csv_opinions
        write(parts, out, aspects_of(parts, settings))
    else:
        make = FORMATS[ending]
        assert make is not None
        out.write_text(make(summary_of(parts, settings, title)), "utf-8")
