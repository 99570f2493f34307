"""JSON lines: each line that is not blank is an object."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from treernn.tables.lines import INVALID_BYTE, Lines, Record

MAX_DEPTH = 100
"""Nested levels of a value; ``json`` follows them by recursion."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_BRACKET = re.compile(r"[\[\]{}]")


def read_jsonl(lines: Lines) -> tuple[None, Iterator[Record]]:
    """Read JSON lines; their columns are unknown."""
    return None, _records(lines)


def _records(lines: Lines) -> Iterator[Record]:
    for line in lines.single():
        if line.isspace():
            continue
        value, error = (None, lines.error) if lines.error else parse(line, lines)
        if error is None and not isinstance(value, dict):
            error = f"a JSON {type(value).__name__}, expected an object"
        yield Record(lines.number, lines.number, {} if error or value is None else value, error)


def parse(text: str, lines: Lines) -> tuple[Any, str | None]:
    """The value of some JSON, and what is wrong with it; for ``NaN`` see ``Lines.keep_nan``."""
    if INVALID_BYTE.search(text):
        return None, lines.not_decodable(text)
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return None, f"nested more than {MAX_DEPTH} deep"
    try:
        constant: Callable[[str], float | None] = float if lines.keep_nan else lambda _: None
        return json.loads(text.strip(), parse_float=_finite, parse_constant=constant), None
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        return None, f"not JSON, {line}column {error.colno}: {error.msg}"
    except ValueError as error:
        return None, f"not JSON that can be read: {error}"


def _depth(text: str) -> int:
    """Nesting depth of the brackets in some JSON."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"the number {number}")
    return value
