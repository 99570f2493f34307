"""JSON lines: each line that is not blank is an object."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from treernn.tables.lines import INVALID_BYTE, Lines, Record

MAX_DEPTH = 100
"""Nested levels of a line; ``json`` follows them by recursion."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(r"[\[\]{}]")


def read_jsonl(lines: Lines) -> tuple[None, Iterator[Record]]:
    """Read JSON lines; their columns are unknown."""
    return None, _records(lines)


def _records(lines: Lines) -> Iterator[Record]:
    for line in lines.single():
        if line.isspace():
            continue
        values, error = ({}, lines.error) if lines.error else _object(line)
        yield Record(lines.number, lines.number, values, error)


def _object(line: str) -> tuple[dict[str, Any], str | None]:
    """The fields of a line, and what is wrong with it."""
    if INVALID_BYTE.search(line):
        return {}, "not UTF-8"
    if line.count("[") + line.count("{") > MAX_DEPTH and _depth(line) > MAX_DEPTH:
        return {}, f"nested more than {MAX_DEPTH} deep"
    try:
        values = json.loads(line.rstrip(), parse_float=_finite, parse_constant=_finite)
    except json.JSONDecodeError as error:
        return {}, f"not JSON, column {error.colno}: {error.msg}"
    except ValueError as error:
        return {}, f"not JSON that can be read: {error}"
    if not isinstance(values, dict):
        return {}, f"a JSON {type(values).__name__}, expected an object"
    return values, None


def _depth(line: str) -> int:
    """Nesting depth of the brackets in a line of JSON."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", line)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"the number {number}")
    return value
