"""Formats of scored rows in a file. To add one: a ``Writer`` in a file of its own, a line here."""

from __future__ import annotations

import os

from treernn.errors import InputError
from treernn.scoring import corenlp, tabular
from treernn.scoring.tabular import Writer

FORMATS: dict[str, type[Writer]] = {
    "json": tabular.JSON,
    "jsonl": tabular.JSONLines,
    "csv": tabular.CSV,
    "tsv": tabular.TSV,
    "parquet": tabular.Parquet,
    "ptb": corenlp.PennTrees,
    "root": corenlp.Root,
    "probabilities": corenlp.Probabilities,
    "vectors": corenlp.Vectors,
}


def output_format(path: str | os.PathLike[str]) -> str:
    """The format by the ending of a file's name.

    Raises:
        InputError: the ending is of no format.
    """
    ending = os.path.splitext(path)[1][1:].lower()
    if ending not in FORMATS:
        raise InputError(
            f"{path}: unknown file format; endings are "
            f"{' '.join(f'.{name}' for name in FORMATS)}, or use --format"
        )
    return ending


def added_columns(format: str, prefix: str = "") -> tuple[str, ...]:
    """The names of the columns that a format adds; none for trees drawn in the terminal."""
    return tuple(prefix + name for name in FORMATS.get(format, Writer).added)
