"""Texts with targets, from what people labelled in other tools."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from treernn import strict_json
from treernn.checks import brief
from treernn.corpora.annotations import doccano, label_studio, prodigy
from treernn.corpora.annotations.entries import Entry, How
from treernn.corpora.annotations.offsets import UNITS
from treernn.corpora.archives import read_files
from treernn.corpora.targets import (
    SpanTarget,
    Target,
    TargetText,
    mean_target,
    targets_of_labels,
)
from treernn.errors import DataError, DataWarning, InputError, MissingDataError
from treernn.tables.open import format_of, open_table
from treernn.tables.source import is_stream
from treernn.types import LABELS

TOOLS: dict[str, ModuleType] = {
    "label-studio": label_studio,
    "prodigy": prodigy,
    "doccano": doccano,
}
"""Modules by the name of their tool; the first whose ``is_item`` knows an entry reads its file."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """What a file has.

    Attributes:
        texts: each once, with a target for each part that somebody labelled; where annotators
            disagree, a distribution.
        skipped: how often an annotator skipped, cancelled, rejected or ignored a text.
        unlabelled: entries without a label, and without anybody who skipped them.
        disputed: parts on which annotators disagree.
    """

    texts: tuple[TargetText, ...]
    skipped: int = 0
    unlabelled: int = 0
    disputed: int = 0

    def describe(self) -> str:
        """One line about what is not as it stands in the file; empty if all is."""
        said = []
        if self.skipped:
            said.append(f"{self.skipped} skipped or rejected and left out")
        if self.unlabelled:
            said.append(f"{self.unlabelled} without a label left out")
        if self.disputed:
            said.append(
                f"{self.disputed} labelled differently by several people, now distributions"
            )
        return "; ".join(said)


class _Read(NamedTuple):
    """An entry and where it is."""

    entry: Entry
    path: str
    line: int
    name: str


def read_annotations(
    path: str | PathLike[str],
    format: str = "",
    *,
    labels: Mapping[str, Any] | None = None,
    text_column: str = "text",
    label_column: str = "",
    offsets: str = "",
    targets: bool = False,
    encoding: str | None = None,
    beside: Sequence[str | PathLike[str]] = (),
) -> Annotated:
    """Read a file that Label Studio, Prodigy or doccano exported.

    A ``DataWarning`` says what was left out, see ``Annotated.describe``.

    Args:
        path: JSON or JSON lines, also compressed; or the zip archive of doccano.
        format: a key of ``TOOLS``; default: that of the first entry.
        labels: classes by the names that the annotators used, in any case.
        text_column: the field with the text; where there is none, the only field with a text.
        label_column: the field, or control, with the label of the whole text; default: that of the
            tool.
        offsets: what offsets count: ``code points``, ``utf-16`` or ``graphemes``; default: that
            which the tool counts.
        targets: whether to read aspect terms instead of phrases, where a file tells them apart.
        encoding: of the file, as for ``treernn.tables.open_table``.
        beside: other files, whose labels have the same meaning: what a label stands for depends on
            all labels that are used.

    Returns:
        The texts.

    Raises:
        MissingDataError: there is no such file.
        DataError: it cannot be read, has no label, or an entry is wrong: its line or number.
        InputError: there is no such format, or no such unit of offsets.
    """
    if format and format not in TOOLS:
        raise InputError(f"format {brief(format)}, expected one of {', '.join(TOOLS)}")
    if offsets and offsets not in UNITS:
        raise InputError(f"offsets {brief(offsets)}, expected one of {', '.join(UNITS)}")
    how = How(text_column, label_column, offsets, targets)
    read, *others = [[*_entries(each, format, how, encoding)] for each in (path, *beside)]
    classes = _classes([each for part in (read, *others) for each in part], labels or {})
    found = _merged(read, classes)
    if not found.texts:
        problem = "no label of a person"
        if found.unlabelled:
            problem += "; name the fields with text_column and label_column if there are some"
        raise DataError(f"{problem} ({found.describe() or 'no entries'})", path)
    if note := found.describe():
        warnings.warn(f"{path}: {note}", DataWarning, stacklevel=2)
    return found


def is_export(path: str | PathLike[str]) -> bool:
    """Whether a file is one for ``read_annotations``, and not of another JSON with texts and labels
    of spans: an archive, or by the first entry that shows it."""
    if is_stream(path):  # it can be read once only
        return False
    if str(path).lower().endswith(".zip"):
        return True
    try:
        for *_, item in _items(path, None):
            label = item.get("label")
            spans = isinstance(label, list) and any(isinstance(each, list) for each in label)
            if spans or "entities" in item or label_studio.is_item(item) or prodigy.is_item(item):
                return True
            if "spans" in item:
                return False
    except (DataError, MissingDataError):
        pass
    return False


def _entries(
    path: str | PathLike[str], format: str, how: How, encoding: str | None
) -> Iterator[_Read]:
    tool = TOOLS.get(format)
    for name, line, item in _items(path, encoding):
        if tool is None:
            tool = next((each for each in TOOLS.values() if each.is_item(item)), None)
        if tool is None:
            there = ", ".join(map(str, [*item][:10])) or "nothing"
            known = ", ".join(TOOLS)
            raise DataError(f"an entry of none of {known}; it has {brief(there)}", name, line)
        number = f"task {item['id']}: " if "id" in item else ""
        try:
            yield _Read(tool.entry(item, how), name, line, number)
        except InputError as error:
            raise DataError(f"{number}{error}", name, line) from None


def _items(
    path: str | PathLike[str], encoding: str | None
) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """The file, the line, and the object of each entry; of an array the number of its element."""
    if not os.path.exists(path):
        raise MissingDataError(f"{path}: no such file")
    if str(path).lower().endswith(".zip"):
        for suffix in (".jsonl", ".json"):
            if found := _members(Path(path), suffix):
                yield from found
                return
    format = format_of(str(path)) or "jsonl"
    if format not in ("json", "jsonl"):
        raise DataError(f"{format}, expected the JSON or JSON lines that the tool exports", path)
    try:
        with open_table(path, format, encoding, keep_nan=True) as table:
            for record in table.records:
                if record.error:
                    raise DataError(record.error, path, record.line)
                yield str(path), record.line, record.values
    except InputError as error:
        raise DataError(str(error)) from None


def _members(path: Path, suffix: str) -> list[tuple[str, int, Mapping[str, Any]]]:
    """The entries of the files of an archive; none if it has no such files."""
    try:
        files = read_files(path, suffix)
    except DataError as error:
        if suffix == ".jsonl" and "contains no file" in str(error):
            return []
        raise
    found: list[tuple[str, int, Mapping[str, Any]]] = []
    for name, content in files:
        pieces = [content] if suffix == ".json" else content.split(b"\n")
        for line, piece in enumerate(pieces, 1):
            if not piece.strip():
                continue
            try:
                value = strict_json.loads(piece.removeprefix(b"\xef\xbb\xbf"))
            except DataError as error:
                raise DataError(str(error), name, line) from None
            values = value if suffix == ".json" and isinstance(value, list) else [value]
            for number, each in enumerate(values, line):
                if not isinstance(each, dict):
                    problem = f"a JSON {type(each).__name__}, expected an object"
                    raise DataError(problem, name, number)
                found.append((str(name), number, each))
    return found


def _classes(read: Sequence[_Read], labels: Mapping[str, Any]) -> Mapping[str, Target]:
    """The target of each label.

    Raises:
        DataError: one is unknown.
    """
    given = {_plain(name): str(value) for name, value in labels.items()}
    written = {vote.label for each in read for vote in each.entry.votes}
    meant = {name: given.get(_plain(name), name) for name in written}
    known = targets_of_labels(meant.values())
    for each in read:
        for vote in each.entry.votes:
            name = meant[vote.label]
            if name not in known:
                of = "" if name == vote.label else f" (by labels {brief(name)})"
                raise DataError(
                    f"{each.name}label {brief(vote.label)}{of}, expected 0 to {len(LABELS) - 1} or "
                    f"{', '.join(LABELS)}; say what others mean with labels",
                    each.path,
                    each.line,
                )
    return {label: known[name] for label, name in meant.items()}


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _merged(read: Sequence[_Read], classes: Mapping[str, Target]) -> Annotated:
    """Each text once, with the labels of all who labelled it."""
    parts: dict[str, dict[tuple[int, int], list[Target]]] = {}
    for each in read:
        for vote in each.entry.votes:
            spans = parts.setdefault(each.entry.text, {})
            spans.setdefault((vote.start, vote.end), []).append(classes[vote.label])
    texts = tuple(
        TargetText(
            text,
            tuple(SpanTarget(*place, mean_target(found)) for place, found in spans.items()),
        )
        for text, spans in parts.items()
    )
    return Annotated(
        texts,
        sum(each.entry.skipped for each in read),
        sum(not each.entry.votes and not each.entry.skipped for each in read),
        sum(len({*found}) > 1 for spans in parts.values() for found in spans.values()),
    )
