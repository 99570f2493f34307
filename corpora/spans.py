"""Texts with labels on some of their phrases, from JSON lines.

One object for each text::

    {"text": "Great food, slow staff.", "spans": [{"start": 0, "end": 10, "label": "positive"},
                                                  {"start": 12, "end": 22, "score": -0.5}]}

A span is a half-open range of characters with a ``label``, see
``treernn.corpora.targets.targets_of_labels``, or a list of labels of which one is right; or a
``score`` on a scale; or a ``distribution``, five probabilities from very negative to very positive.
One of these beside ``text`` is that of the whole text.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from os import PathLike
from typing import Any, NamedTuple

from treernn.corpora.targets import (
    NO_TARGET,
    SpanTarget,
    Target,
    TargetText,
    target_of_distribution,
    target_of_score,
    targets_of_labels,
)
from treernn.errors import DataError, InputError, MissingDataError
from treernn.tables.open import open_table
from treernn.types import LABELS

KINDS = ("label", "score", "distribution")
SCALE = (-1.0, 1.0)


class _Span(NamedTuple):
    start: int
    end: int
    kind: str
    value: Any


def read_spans(
    path: str | PathLike[str],
    scale: tuple[float, float] = SCALE,
    encoding: str | None = None,
    beside: Sequence[str | PathLike[str]] = (),
) -> list[TargetText]:
    """Read texts with targets on spans.

    Args:
        path: the file; it may be compressed.
        scale: the lowest and the highest score.
        encoding: of the file, as for ``treernn.tables.open_table``.
        beside: other files, whose labels have the same meaning: what a label stands for depends on
            all labels that are used.

    Raises:
        MissingDataError: there is no such file.
        DataError: it cannot be read; or a line is no such object, with its number.
        InputError: the scale is none.
    """
    target_of_score(scale[0], *scale)
    rows, *others = [
        [(line, text, _spans(text, row, file, line)) for line, text, row in _rows(file, encoding)]
        for file in (path, *beside)
    ]
    labels = targets_of_labels(
        str(name)
        for _, _, spans in chain(rows, *others)
        for span in spans
        if span.kind == "label"
        for name in _names(span.value)
    )
    texts = []
    for line, text, spans in rows:
        targets: dict[tuple[int, int], SpanTarget] = {}
        for span in spans:
            try:
                found = SpanTarget(span.start, span.end, _target(span, labels, scale))
            except InputError as error:
                raise DataError(str(error), path, line) from None
            if targets.setdefault((span.start, span.end), found) != found:
                problem = f"characters {span.start} to {span.end} have two labels"
                raise DataError(problem, path, line)
        texts.append(TargetText(text, (*targets.values(),)))
    return texts


def _rows(
    path: str | PathLike[str], encoding: str | None
) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The number of each line, its text and its object."""
    if not os.path.exists(path):
        raise MissingDataError(f"{path}: no such file")
    try:
        with open_table(path, "jsonl", encoding, keep_nan=True) as table:
            for record in table.records:
                if record.error:
                    raise DataError(record.error, path, record.line)
                text = record.values.get("text")
                if not isinstance(text, str) or not text.strip():
                    raise DataError('expected "text" with a text', path, record.line)
                yield record.line, text, record.values
    except InputError as error:
        raise DataError(str(error)) from None


def _spans(text: str, row: Mapping[str, Any], path: str | PathLike[str], line: int) -> list[_Span]:
    """The spans of a row as they are written."""
    written = row.get("spans") or []
    if not isinstance(written, list) or not all(isinstance(each, dict) for each in written):
        raise DataError('"spans" is no list of objects', path, line)
    labelled = any(row.get(kind) is not None for kind in KINDS)
    whole = [{**row, "start": 0, "end": len(text)}] if labelled else []
    if not written and not whole:
        expected = 'expected "spans", or "label", "score" or "distribution" of the text'
        raise DataError(expected, path, line)
    spans = []
    for span in (*whole, *written):
        kinds = [kind for kind in KINDS if span.get(kind) is not None]
        if len(kinds) != 1:
            found = ", ".join(kinds) or "none"
            problem = f"a span needs one of {', '.join(KINDS)}, found {found}"
            raise DataError(problem, path, line)
        if not _is_finite(span[kinds[0]]):
            problem = f"{kinds[0]} {_short(span[kinds[0]])}, which is no number; leave it out"
            raise DataError(problem, path, line)
        start, end = span.get("start"), span.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
            place = f"span from {_short(start)} to {_short(end)}"
            problem = f"{place}, expected whole numbers, 0 <= start < end <= {len(text)}"
            raise DataError(problem, path, line)
        spans.append(_Span(start, end, kinds[0], span[kinds[0]]))
    return spans


def _target(span: _Span, labels: Mapping[str, Target], scale: tuple[float, float]) -> Target:
    """
    Raises:
        InputError: the value cannot be one of its kind.
    """
    if span.kind == "label":
        if not (names := _names(span.value)):
            raise InputError(f"label {_short(span.value)}, expected a label or a list of labels")
        return _united(map(str, names), labels)
    if span.kind == "score":
        if not _is_number(span.value):
            raise InputError(f"score {_short(span.value)}, expected a number")
        return target_of_score(span.value, *scale)
    if not isinstance(span.value, list) or not all(map(_is_number, span.value)):
        raise InputError(f"distribution {_short(span.value)}, expected a list of five numbers")
    return target_of_distribution(span.value)


def _names(value: Any) -> list[str | int | float]:
    """The labels that one is, or a list of them; none if it is neither."""
    names = value if isinstance(value, list) else [value]
    return names if all(isinstance(name, str) or _is_number(name) for name in names) else []


def _united(names: Iterable[str], labels: Mapping[str, Target]) -> Target:
    """The set of the classes of some labels."""
    united = NO_TARGET
    for name in names:
        if name not in labels:
            known = f"0 to {len(LABELS) - 1}, or {', '.join(LABELS)}"
            raise InputError(f"label {name[:40]!r}, expected {known}")
        a, b, c, d, e = map(max, united, labels[name])
        united = a, b, c, d, e
    return united


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    """Whether a value, or each in a list, is anything else than NaN and infinity, which Python
    writes and JSON does not have."""
    values = value if isinstance(value, list) else [value]
    return not any(isinstance(each, float) and not math.isfinite(each) for each in values)


def _short(value: Any) -> str:
    return repr(value)[:40]
