"""JSON and JSON lines: the values of a row, the added ones, and the trees of its sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from treernn.scoring.scored import Scored
from treernn.scoring.writer import NESTED_COLUMNS, Writer, added_values, rows_of

COLUMNS = (*NESTED_COLUMNS, "sentences")


def json_writer(_columns: Sequence[str] | None, prefix: str, _classifier: object) -> Writer:
    """One array of objects."""
    return Writer(
        lambda scored: ",\n".join(_objects(scored, prefix)).encode(), b"[\n", b",\n", b"\n]\n"
    )


def jsonl_writer(_columns: Sequence[str] | None, prefix: str, _classifier: object) -> Writer:
    """An object per line."""
    return Writer(lambda scored: "".join(f"{each}\n" for each in _objects(scored, prefix)).encode())


def plain(value: Any) -> str:
    """A value that is not of JSON, as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _objects(scored: Scored, prefix: str) -> Iterator[str]:
    names = [prefix + name for name in NESTED_COLUMNS]
    for values, result, error in rows_of(scored):
        row = {**values, **dict(zip(names, added_values(result, error), strict=True))}
        sentences = "null"
        if result is not None:
            sentences = f"[{', '.join(sentence.to_json() for sentence in result.sentences)}]"
        yield f'{_dumps(row)[:-1]}, "{prefix}sentences": {sentences}}}'


def _dumps(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, allow_nan=False, default=plain)
    except ValueError:  # JSON has no NaN and no infinity
        row = json.loads(json.dumps(row, default=plain), parse_constant=lambda _: None)
        return json.dumps(row)
