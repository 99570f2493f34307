"""Formats of scored rows in a file. To add one: a ``Writer`` in a file of its own, a line here."""

from __future__ import annotations

import os

from treernn.errors import InputError
from treernn.scoring import corenlp, tabular
from treernn.scoring.doccano import Doccano
from treernn.scoring.entries import Detail
from treernn.scoring.html import HTML
from treernn.scoring.label_studio import LabelStudio
from treernn.scoring.prodigy import Prodigy
from treernn.scoring.tabular import Writer
from treernn.scoring.tasks import Tasks
from treernn.tables.source import COMPRESSIONS

FORMATS: dict[str, type[Writer]] = {
    "json": tabular.JSON,
    "jsonl": tabular.JSONLines,
    "csv": tabular.CSV,
    "tsv": tabular.TSV,
    "excel": tabular.Excel,
    "parquet": tabular.Parquet,
    "html": HTML,
    "ptb": corenlp.PennTrees,
    "root": corenlp.Root,
    "probabilities": corenlp.Probabilities,
    "vectors": corenlp.Vectors,
    "label-studio": LabelStudio,
    "prodigy": Prodigy,
    "doccano": Doccano,
}

BINARY = tuple(name for name, writer in FORMATS.items() if writer.whole)
"""Formats whose files are made as a whole: they are neither printed nor compressed."""

TASKS = tuple(name for name, writer in FORMATS.items() if issubclass(writer, Tasks))
"""Formats of annotation tools; no ending of a file is theirs alone."""

_ENDINGS = {"excel": ".xlsx", "label-studio": ".json"} | dict.fromkeys(
    ("prodigy", "doccano"), ".jsonl"
)
_OTHER_ENDINGS = {"ndjson": "jsonl", "tab": "tsv", "xlsx": "excel", "htm": "html"}


def output_format(path: str | os.PathLike[str]) -> str:
    """The format by the ending of a file's name, without that of a compression.

    Raises:
        InputError: the ending is of no format, or the format cannot be compressed.
    """
    stem, compression = split_compression(path)
    ending = os.path.splitext(stem)[1][1:].lower()
    format = _OTHER_ENDINGS.get(ending, ending)
    if ending in ("svg", "png"):
        page = f"{os.path.splitext(stem)[0]}.html"
        raise InputError(
            f"{path}: trees are saved as SVG or PNG from the page that -o {page} writes"
        )
    if format not in FORMATS or ending == "excel" or format in TASKS:
        known = [name for name in FORMATS if name not in TASKS]
        raise InputError(
            f"{path}: unknown file format; endings are {' '.join(map(ending_of, known))}, the text "
            f"formats also with {', '.join(COMPRESSIONS)}, or use --format"
        )
    if compression and format in BINARY:
        raise InputError(f"{path}: {format} cannot be compressed, leave out {compression}")
    return format


def ending_of(format: str) -> str:
    """The ending of the names of files of a format.

    >>> ending_of("excel"), ending_of("doccano")
    ('.xlsx', '.jsonl')
    """
    return _ENDINGS.get(format, f".{format}")


def split_compression(path: str | os.PathLike[str]) -> tuple[str, str]:
    """The name of a file without the ending of a compression, and that ending.

    >>> split_compression("scored.csv.gz"), split_compression("scored.csv")
    (('scored.csv', '.gz'), ('scored.csv', ''))
    """
    stem, ending = os.path.splitext(os.fspath(path))
    return (stem, ending.lower()) if ending.lower() in COMPRESSIONS else (os.fspath(path), "")


def added_columns(format: str, prefix: str = "", detail: Detail | None = None) -> tuple[str, ...]:
    """The names of the columns that a format adds; none for trees drawn in the terminal."""
    writer = FORMATS.get(format, Writer)
    return tuple(prefix + name for name in writer.added(detail or Detail()))


def check_lexicon(format: str, lexicon: object) -> None:
    """Check that a format can show what was scored with a lexicon, which may be None.

    Raises:
        InputError: it prints states of the model, which reads other words then.
    """
    if lexicon is not None and FORMATS.get(format) is corenlp.Vectors:
        raise InputError(f"{format} are states of the words as written, which a lexicon replaces")
