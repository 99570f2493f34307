"""The formats of scored rows in a file. To add one: a writer in a file of its own, a line here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from treernn.errors import InputError
from treernn.scoring import corenlp, csv_formats, json_formats, parquet_format
from treernn.scoring.writer import FLAT_COLUMNS, NESTED_COLUMNS, Writer


class Format(NamedTuple):
    """An output format.

    Attributes:
        added: names of the columns that it adds to a row; empty for a format without columns, in
            which a row with an error is an empty line.
        writer: makes the writer; see ``writer`` for the arguments.
    """

    added: tuple[str, ...]
    writer: Callable[[Sequence[str] | None, str, object], Writer]


FORMATS = {
    "json": Format(json_formats.COLUMNS, json_formats.json_writer),
    "jsonl": Format(json_formats.COLUMNS, json_formats.jsonl_writer),
    "csv": Format(FLAT_COLUMNS, csv_formats.csv_writer),
    "tsv": Format(FLAT_COLUMNS, partial(csv_formats.csv_writer, delimiter="\t")),
    "parquet": Format(NESTED_COLUMNS, parquet_format.parquet_writer),
    "ptb": Format((), corenlp.ptb_writer),
    "root": Format((), corenlp.root_writer),
    "probabilities": Format((), corenlp.probabilities_writer),
    "vectors": Format((), corenlp.vectors_writer),
}


def output_format(path: str | os.PathLike[str]) -> str:
    """The format by the ending of a file's name.

    Raises:
        InputError: the ending is of no format.
    """
    ending = os.path.splitext(path)[1][1:].lower()
    if ending not in FORMATS:
        raise InputError(
            f"{path}: its ending tells no format; endings are "
            f"{' '.join(f'.{name}' for name in FORMATS)}, or give --format"
        )
    return ending


def added_columns(format: str, prefix: str = "") -> tuple[str, ...]:
    """The names of the columns that a format adds."""
    return tuple(prefix + name for name in FORMATS[format].added)


def writer(
    format: str, classifier: object, columns: Sequence[str] | None = None, prefix: str = ""
) -> Writer:
    """The writer of a format.

    Args:
        format: a key of ``FORMATS``.
        classifier: computes the ``vectors``.
        columns: of the table; None if they are unknown.
        prefix: precedes the names of the added columns.

    Raises:
        InputError: the format needs to know the columns, or the classifier has no vectors.
    """
    return FORMATS[format].writer(columns, prefix, classifier)
