"""What scored rows look like in a file.

A file of lines is ``begin``, its parts with ``between`` in between, and ``end``, so that parts can
be written one by one and put together later. Parquet parts are put together by ``arrow.join``.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from treernn.errors import InputError
from treernn.scoring.rows import Chunk
from treernn.scoring.scored import Scored
from treernn.types import LABELS

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.scorer import Scorer

COLUMNS = ("label", "sentiment", "probabilities", "error", "note", "sentences")
"""Names that are added in one format or another, and in CSV those of ``SHARES``."""

SHARES = tuple(f"p_{label.replace(' ', '_')}" for label in LABELS)

_SURROGATE = re.compile("[\ud800-\udfff]")


class OutputFormat(StrEnum):
    """How to show or write what was found; ``tree`` is drawn, for the terminal."""

    tree = "tree"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    tsv = "tsv"
    parquet = "parquet"
    ptb = "ptb"
    root = "root"
    probabilities = "probabilities"
    vectors = "vectors"


FILES = tuple(each for each in OutputFormat if each is not OutputFormat.tree)
"""Formats that can be written to a file."""

TREES = (OutputFormat.ptb, OutputFormat.root, OutputFormat.probabilities, OutputFormat.vectors)
"""Formats without columns, in which a bad row is an empty line."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A format for one table.

    Attributes:
        encode: scored rows as a part of the file.
        begin, between, end: what stands around the parts.
    """

    encode: Callable[[Scored], bytes]
    begin: bytes = b""
    between: bytes = b""
    end: bytes = b""


def output_format(path: str | os.PathLike[str]) -> OutputFormat:
    """The format that the ending of a file's name tells.

    Raises:
        InputError: it tells none.
    """
    ending = os.path.splitext(path)[1][1:].lower()
    if ending not in FILES:
        raise InputError(
            f"{path}: its ending tells no format; endings are "
            f"{' '.join(f'.{each}' for each in FILES)}, or give --format"
        )
    return OutputFormat(ending)


def added(format: OutputFormat, prefix: str = "") -> tuple[str, ...]:
    """The names of the columns that a format adds."""
    if format not in FILES or format in TREES:
        return ()
    names: list[str] = []
    for name in COLUMNS:
        if name == "probabilities" and format in (OutputFormat.csv, OutputFormat.tsv):
            names += SHARES
        elif name != "sentences" or format in (OutputFormat.json, OutputFormat.jsonl):
            names.append(name)
    return tuple(prefix + name for name in names)


def writer(
    format: OutputFormat, scorer: Scorer, columns: Sequence[str] | None = None, prefix: str = ""
) -> Writer:
    """The writer of a format.

    Args:
        format: which.
        scorer: whose classifier makes the ``vectors``.
        columns: those that the table has, where they are known.
        prefix: stands before the names of the columns that are added.

    Raises:
        InputError: the format needs to know the columns, or the classifier has no vectors.
    """
    match format:
        case OutputFormat.jsonl:
            return Writer(lambda scored: _lines(_objects(scored, prefix)))
        case OutputFormat.json:
            return Writer(
                lambda scored: ",\n".join(_objects(scored, prefix)).encode(),
                b"[\n",
                b",\n",
                b"\n]\n",
            )
        case OutputFormat.csv | OutputFormat.tsv:
            if columns is None:
                raise InputError(
                    f"{format} needs its columns beforehand, and JSON lines from standard input "
                    "do not tell them; write jsonl"
                )
            delimiter = "," if format is OutputFormat.csv else "\t"
            names = [*columns, *added(format, prefix)]
            header = _csv([names], delimiter)
            return Writer(lambda scored: _csv(_records(scored, columns), delimiter), header)
        case OutputFormat.parquet:
            return Writer(lambda scored: _parquet(scored, prefix))
        case OutputFormat.tree:
            raise InputError(f"trees are drawn for the terminal, choose from {', '.join(FILES)}")
        case OutputFormat.vectors if not hasattr(scorer.classifier, "states"):
            raise InputError(f"a {type(scorer.classifier).__name__} has no vectors to write")
    return Writer(lambda scored: _trees(scored, format, scorer))


def values(chunk: Chunk) -> list[Any]:
    """The columns of each row, by name."""
    if chunk.arrow is None:
        return [row.values for row in chunk.rows]
    from treernn.scoring.arrow import plain

    return plain(chunk.arrow)


def _found(result: Result | None, error: str | None) -> dict[str, Any]:
    """What is added to a row, but for its sentences."""
    if result is None or result.label is None or result.probabilities is None:
        return {
            "label": None,
            "sentiment": None,
            "probabilities": None,
            "error": error,
            "note": None,
        }
    return {
        "label": result.label,
        "sentiment": LABELS.index(result.label),
        "probabilities": [round(share, 6) for share in result.probabilities],
        "error": None,
        "note": "; ".join(result.problems) or None,
    }


def record(result: Result | None, error: str | None) -> list[Any]:
    """What CSV adds to a row, in the order of ``added``; also what a data frame gets."""
    cells: list[Any] = []
    for name, value in _found(result, error).items():
        if name == "probabilities":
            cells += value or [None] * len(SHARES)
        else:
            cells.append(value)
    return cells


def _lines(texts: Iterator[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


def _objects(scored: Scored, prefix: str) -> Iterator[str]:
    """Each row as JSON."""
    for row, result, error in zip(values(scored.chunk), scored.results, scored.errors, strict=True):
        found = {prefix + name: value for name, value in _found(result, error).items()}
        sentences = "null"
        if result is not None:
            sentences = f"[{', '.join(sentence.to_json() for sentence in result.sentences)}]"
        yield f'{_json({**row, **found})[:-1]}, "{prefix}sentences": {sentences}}}'


def _json(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, allow_nan=False, default=_plain)
    except ValueError:  # JSON has no such number
        row = json.loads(json.dumps(row, default=_plain), parse_constant=lambda _: None)
        return json.dumps(row)


def _plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _records(scored: Scored, columns: Sequence[str]) -> Iterator[list[str]]:
    for row, result, error in zip(values(scored.chunk), scored.results, scored.errors, strict=True):
        cells = [row.get(name) for name in columns] + record(result, error)
        yield [_cell(cell) for cell in cells]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case dict() | list() | bool():
            return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False, default=_plain))
    return _plain(value)


def _csv(records: Sequence[list[str]] | Iterator[list[str]], delimiter: str) -> bytes:
    # With this line end, which is then cut off, all carriage returns are quoted.
    lines: list[str] = []
    sheet = csv.writer(
        SimpleNamespace(write=lines.append), delimiter=delimiter, lineterminator="\r\n"
    )
    sheet.writerows(records)
    return "".join(f"{line[:-2]}\n" for line in lines).encode()


def _parquet(scored: Scored, prefix: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from treernn.scoring.arrow import table

    rows = [_found(*each) for each in zip(scored.results, scored.errors, strict=True)]
    found = {name: [row[name] for row in rows] for name in rows[0]}
    sink = pa.BufferOutputStream()
    pq.write_table(table(scored.chunk, found, prefix), sink)
    return sink.getvalue().to_pybytes()


def _trees(scored: Scored, format: OutputFormat, scorer: Scorer) -> bytes:
    from treernn.scoring import corenlp

    sentences = [s for result in scored.results if result for s in result.sentences]
    texts: Iterator[str]
    match format:
        case OutputFormat.ptb:
            texts = map(corenlp.brackets, sentences)
        case OutputFormat.root:
            texts = map(corenlp.root, sentences)
        case OutputFormat.probabilities:
            texts = (corenlp.numbered(s.tree, s.distributions) for s in sentences)
        case _:
            trees = [s.tree for s in sentences]
            states = scorer.classifier.states(trees)  # type: ignore[attr-defined]
            texts = (corenlp.numbered(t, rows) for t, rows in zip(trees, states, strict=True))
    pieces: list[str] = []
    for result in scored.results:
        pieces += (next(texts) for _ in result.sentences) if result else "\n"
    return "".join(pieces).encode()


def join(parts: Sequence[Path], writer: Writer, out: Path) -> None:
    """Put the parts of a file of lines together."""
    with out.open("wb") as file:
        file.write(writer.begin)
        for number, part in enumerate(parts):
            file.write(writer.between if number else b"")
            file.write(part.read_bytes())
        file.write(writer.end)
