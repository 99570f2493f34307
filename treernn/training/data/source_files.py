"""Sources of training from a TOML file, in which each is a table ``[[source]]``.

::

    [[source]]
    kind = "treebank"

    [[source]]
    kind = "sentences"
    file = "reviews.csv"
    weight = 3
    sample = 5000
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from treernn.checks import brief
from treernn.corpora import sst
from treernn.corpora.annotations import read_annotations
from treernn.corpora.columns import complete_rows, is_complete, read_columns
from treernn.corpora.constructions import constructions, group_texts
from treernn.corpora.labelled import FIVE_CLASSES
from treernn.corpora.spans import read_spans
from treernn.corpora.targets import Target, TargetText, target_of_score, targets_of_labels
from treernn.errors import DataError, InputError
from treernn.parsing.parser import Parser
from treernn.scoring.rows import texts_of
from treernn.tables.source import is_stream
from treernn.training.data.parsed import Cache, aligned, unlabelled
from treernn.training.data.reading import DEV_FRACTION, load_trees
from treernn.training.data.sequences import Again
from treernn.training.data.sources import Part, Source, label_targets
from treernn.types import Splits, Tree

CORPORA = ("tweets", "products", "pros_cons", "restaurants", "lexicon")
"""Data sets with parts of their own, modules of ``treernn.corpora``."""

_TREEBANKS = ("treebank", "trees")
_LARGEST = 1e300
_MOST_DEV = 10_000
_STORED = ("encoding", "delimiter")
_NAMES = ("text_column", "label_column")
_COMMON = ("kind", "name", "weight", "sample", "balanced")
_KEYS: dict[str, tuple[str, ...]] = {
    "treebank": ("file",),
    "trees": ("file", "dev_file"),
    "sentences": ("file", "dev_file", *_NAMES, "scale", *_STORED),
    "spans": ("file", "dev_file", "scale", "encoding"),
    "annotations": ("file", "dev_file", "format", *_NAMES, "labels", "offsets", "encoding"),
    "texts": ("file", "text_column", *_STORED),
    "constructions": (),
    "groups": (),
    **dict.fromkeys(CORPORA, ("file",)),
}
_TYPES = {
    bool: "true or false",
    str: "a text",
    float: "a number",
    int: "a whole number",
    list: "two numbers, [low, high]",
    dict: "a table of texts",
}


class _Read(NamedTuple):
    """What a table ``[[source]]`` names; ``train`` may be read once only."""

    train: Iterable[Any]
    dev: Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class SourceTable:
    """A table ``[[source]]``.

    Attributes:
        kind: a name of ``KINDS``.
        name: in messages and metrics; default: the kind.
        file: the data; of the treebank and other data sets where they are.
        dev_file: its dev data; default: those of the data set, or a random tenth of ``file``.
        weight, sample, balanced: see ``Source``.
        text_column, label_column, encoding, delimiter: of ``sentences``.
        scale: of ``sentences`` or ``spans`` with scores: the lowest and the highest score.
        format, labels, offsets: of ``annotations``, see ``read_annotations``.
    """

    kind: str
    name: str = ""
    file: str = ""
    dev_file: str = ""
    weight: float = 1.0
    sample: int = 0
    balanced: bool = False
    text_column: str = "text"
    label_column: str = "label"
    encoding: str = ""
    delimiter: str = ""
    scale: list[float] = field(default_factory=list)
    format: str = ""
    labels: dict[str, Any] = field(default_factory=dict)
    offsets: str = ""


def source_tables(values: Mapping[str, Any]) -> list[SourceTable]:
    """The sources that the content of a TOML file describes.

    Raises:
        InputError: a table is wrong.
    """
    tables = values.get("source")
    if not isinstance(tables, list) or not tables or len(values) > 1:
        raise InputError("expected tables [[source]] and nothing else")
    checked = [_table(number, table) for number, table in enumerate(tables, 1)]
    names = [table.name or table.kind for table in checked]
    if len({*names}) < len(names):
        raise InputError(f"two sources have one name: {', '.join(names)}; give them a name each")
    return checked


def read_sources(
    tables: Sequence[SourceTable],
    parser: Parser,
    seed: int,
    folder: Path = Path(),
    cache: Cache | None = None,
) -> list[Source]:
    """Read sources.

    Args:
        tables: which.
        parser: of texts.
        seed: of the random dev parts, and of what is made from patterns.
        folder: what names of files are relative to.
        cache: of parsed texts, which then need not fit into memory.

    Raises:
        InputError: a value is out of range.
        MissingDataError, DataError: a file is missing or faulty.
    """
    return [_source(table, parser, seed, folder, cache) for table in tables]


def read_dev_sets(
    tables: Sequence[SourceTable], parser: Parser, seed: int, folder: Path = Path()
) -> list[Part]:
    """The dev parts of ``read_sources`` alone."""
    return [
        _part(table.kind, KINDS[table.kind](table, folder, seed).dev, parser) for table in tables
    ]


def _table(number: int, values: Any) -> SourceTable:
    where = f"source {number}"
    if not isinstance(values, dict) or not _is_kind(values.get("kind")):
        kind = values.get("kind") if isinstance(values, dict) else values
        raise InputError(f"{where}: kind is {brief(kind)}, expected one of {', '.join(KINDS)}")
    known = {each.name: each for each in fields(SourceTable)}
    for name, value in values.items():
        if name not in known:
            raise InputError(f"{where}: {brief(name)} is unknown; there are {', '.join(known)}")
        expected = type(getattr(SourceTable(kind=""), name))
        fits = type(value) is expected or (expected is float and type(value) is int)
        if expected is list and fits:
            fits = len(value) == 2 and all(type(each) in (int, float) for each in value)
        if not fits:
            raise InputError(f"{where}: {name} is {brief(value)}, expected {_TYPES[expected]}")
    kind = values["kind"]
    if odd := [name for name in values if name not in (*_COMMON, *_KEYS[kind])]:
        raise InputError(f"{where}: {odd[0]} does not apply to the kind {kind}")
    if kind in _OWN and not values.get("file"):
        raise InputError(f"{where}: a source of the kind {kind} needs a file")
    scale = values.get("scale") or (0, 1)
    if not (scale[0] < scale[1] and all(abs(each) < _LARGEST for each in scale)):
        raise InputError(f"{where}: scale is {brief(scale)}, expected a lower and a higher number")
    table = SourceTable(**values)
    try:
        Source(table.name or kind, Part(), Part(), table.weight, table.sample, table.balanced)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    return table


def _is_kind(value: Any) -> bool:
    return isinstance(value, str) and value in KINDS


def _source(
    table: SourceTable, parser: Parser, seed: int, folder: Path, cache: Cache | None
) -> Source:
    splits = KINDS[table.kind](table, folder, seed)
    return Source(
        table.name or table.kind,
        _part(table.kind, splits.train, parser, cache),
        _part(table.kind, splits.dev, parser),
        float(table.weight),
        table.sample,
        table.balanced,
        treebank=table.kind in _TREEBANKS,
    )


def _part(kind: str, examples: Iterable[Any], parser: Parser, cache: Cache | None = None) -> Part:
    if kind in _TREEBANKS:
        return label_targets([*examples])
    return (unlabelled if kind == "texts" else aligned)(examples, parser, cache)


def _treebank(table: SourceTable, folder: Path, _seed: int) -> Splits[Tree]:
    return sst.load_splits(folder / table.file if table.file else None)


def _trees(table: SourceTable, folder: Path, seed: int) -> Splits[Tree]:
    dev = folder / table.dev_file if table.dev_file else None
    return load_trees(folder / table.file, dev, seed)


def _spans(table: SourceTable, folder: Path, seed: int) -> _Read:
    scale = {"scale": (table.scale[0], table.scale[1])} if table.scale else {}
    files = _files(table, folder)
    parts = [
        read_spans(file, encoding=table.encoding or None, beside=files, **scale) for file in files
    ]
    return _with_dev(parts, seed)


def _annotations(table: SourceTable, folder: Path, seed: int) -> _Read:
    column = table.label_column if table.label_column != SourceTable(kind="").label_column else ""
    files = _files(table, folder)
    parts = [
        read_annotations(
            file,
            table.format,
            labels=table.labels,
            text_column=table.text_column,
            label_column=column,
            offsets=table.offsets,
            encoding=table.encoding or None,
            beside=[other for other in files if other != file],
        ).texts
        for file in files
    ]
    return _with_dev(parts, seed)


def _sentences(table: SourceTable, folder: Path, seed: int) -> _Read:
    """Rows are read several times, for their labels, the dev part and the rest, so that not all of
    them have to fit into memory."""
    columns = (table.text_column, table.label_column)
    files = _files(table, folder)
    stored = (table.encoding or None, table.delimiter or None)
    tables = [_again(partial(read_columns, file, columns, *stored), file) for file in files]
    places: dict[str, tuple[Path, int]] = {}  # where each label occurs first
    counts = [0 for _ in files]
    for number, (file, rows) in enumerate(zip(files, tables, strict=True)):
        for line, (_, label) in complete_rows(rows, columns, file):
            counts[number] += 1
            if table.scale:
                _checked(_score_target, table, label, file, line)
            else:
                places.setdefault(label, (file, line))
    known = targets_of_labels(places) if places else {}
    for label, place in places.items():
        _checked(lambda _, label: known[label], table, label, *place)

    def target(label: str) -> Target:
        return _score_target(table, label) if table.scale else known[label]

    def texts(number: int) -> Iterator[TargetText]:
        rows = (values for _, values in tables[number] if is_complete(values))
        return (TargetText.whole(text, target(label)) for text, label in rows)

    if len(files) > 1:
        return _Read(texts(0), [*texts(1)])
    return _divided(Again(partial(texts, 0)), seed, counts[0])


def _score_target(table: SourceTable, label: str) -> Target:
    return target_of_score(float(label), *table.scale)


def _checked(
    target: Callable[[SourceTable, str], Target],
    table: SourceTable,
    label: str,
    file: Path,
    line: int,
) -> None:
    try:
        target(table, label)
    except (ValueError, KeyError, InputError):
        problem = f"label {brief(label)}, expected {_expected(table)}"
        raise DataError(problem, file, line) from None


def _expected(table: SourceTable) -> str:
    if table.scale:
        return f"a score {table.scale}"
    return (
        f"a class: {FIVE_CLASSES.expected()}, or two or three sides such as neg, neutral, pos; for "
        "scores give their scale"
    )


def _texts(table: SourceTable, folder: Path, _seed: int) -> _Read:
    stored = (table.encoding or None, table.delimiter or None)
    return _Read(texts_of([folder / table.file], table.text_column, *stored), [])


def _files(table: SourceTable, folder: Path) -> list[Path]:
    """The file, and that of the dev data if there is one."""
    return [folder / name for name in (table.file, table.dev_file) if name]


def _with_dev(parts: Sequence[Sequence[TargetText]], seed: int) -> _Read:
    return _Read(*parts) if len(parts) > 1 else _divided(parts[0], seed, len(parts[0]))


def _divided(texts: Iterable[TargetText], seed: int, count: int) -> _Read:
    """A random tenth is the dev part, of several texts at least one and at most ``_MOST_DEV``.

    Args:
        texts: read twice.
        seed: draws the tenth.
        count: of the texts.
    """
    held_out = min(max(1, round(DEV_FRACTION * count)), _MOST_DEV) if count > 1 else 0
    dev = frozenset(np.random.default_rng(seed).permutation(count)[:held_out].tolist())

    def train() -> Iterator[TargetText]:
        return (text for number, text in enumerate(texts) if number not in dev)

    return _Read(train(), [text for number, text in enumerate(texts) if number in dev])


def _again(read: Callable[[], Iterator[Any]], file: Path) -> Iterable[Any]:
    """What is read from a file, as often as it is asked for; of a pipe, which can be read once, all
    is kept in memory."""
    return [*read()] if is_stream(file) else Again(read)


def _constructions(_table: SourceTable, _folder: Path, seed: int) -> _Read:
    texts = [each.with_targets() for each in constructions("train", seed)]
    return _divided(texts, seed, len(texts))


def _groups(_table: SourceTable, _folder: Path, seed: int) -> _Read:
    texts = [each.with_targets() for each in group_texts("train", seed)]
    return _divided(texts, seed, len(texts))


def _corpus(table: SourceTable, folder: Path, _seed: int) -> Splits[TargetText]:
    module = importlib.import_module(f"treernn.corpora.{table.kind}")
    parts = module.load(folder / table.file if table.file else None)
    # Labels of their phrases say what the sentence thinks of a thing, not what the phrase says.
    return Splits(*([TargetText.whole(each.text, each.target) for each in part] for part in parts))


_OWN: dict[str, Callable[[SourceTable, Path, int], Splits[Any] | _Read]] = {
    "trees": _trees,
    "sentences": _sentences,
    "spans": _spans,
    "annotations": _annotations,
    "texts": _texts,
}

KINDS: dict[str, Callable[[SourceTable, Path, int], Splits[Any] | _Read]] = {
    "treebank": _treebank,
    **_OWN,
    "constructions": _constructions,
    "groups": _groups,
    **dict.fromkeys(CORPORA, _corpus),
}
"""Kinds of sources: the Stanford Sentiment Treebank; own trees, tables of sentences and JSON lines
with labelled spans; exports of annotation tools; texts without labels, for distillation; sentences
that are made from patterns; and data sets."""
