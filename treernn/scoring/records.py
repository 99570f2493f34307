"""Records of jobs in files: plain values, all that the output of a job depends on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from treernn import strict_json
from treernn.errors import DataError, InputError
from treernn.stores import Place

MAX_RECORD = 1 << 20
"""Bytes of a record that are read; a record has some hundreds."""


def read_record(path: Place, again: str) -> dict[str, Any]:
    """The record in a file.

    Raises:
        InputError: there is none; ``again`` says what to do.
    """
    try:
        record = strict_json.read(path, MAX_RECORD)
        json.dumps(record)  # also in JSON of any depth that can be read
    except (DataError, RecursionError) as error:
        raise InputError(f"{error}; {again}") from None
    if not isinstance(record, dict):
        raise InputError(f"{path}: not the record of a job; {again}")
    return record


def check_same(
    name: str, earlier: Mapping[str, Any], record: Mapping[str, Any], again: str
) -> None:
    """Check that a job is the one that was started earlier.

    Raises:
        InputError: it is another; ``again`` says what to do.
    """
    if found := _difference(earlier, record):
        what, before, now = map(_short, found)
        raise InputError(f"{name}: started with another {what} ({before}, now {now}); {again}")


def _difference(earlier: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The first value in which two records differ: its name, before and now."""
    for name in sorted({**earlier, **record}):
        before, now = earlier.get(name), record.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            if inner := _difference(before, now):
                return inner
        elif _shown(before) != _shown(now):
            return name, _shown(before), _shown(now)
    return None


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"
