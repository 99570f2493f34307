"""CSV and TSV: the columns of a table, then those that are added."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from treernn.errors import InputError
from treernn.scoring.json_formats import plain
from treernn.scoring.scored import Scored
from treernn.scoring.writer import FLAT_COLUMNS, Writer, flat_values, rows_of
from treernn.tables.csv import write_csv

_SURROGATE = re.compile("[\ud800-\udfff]")


def csv_writer(
    columns: Sequence[str] | None, prefix: str, _classifier: object, delimiter: str = ","
) -> Writer:
    """Lines with this delimiter, after a header.

    Raises:
        InputError: the columns are unknown.
    """
    if columns is None:
        raise InputError(
            f"{'csv' if delimiter == ',' else 'tsv'} needs its columns beforehand, and JSON lines "
            "from standard input do not tell them; write jsonl"
        )

    def encode(scored: Scored) -> bytes:
        rows = (
            [_cell(cell) for cell in (*map(values.get, columns), *flat_values(result, error))]
            for values, result, error in rows_of(scored)
        )
        return write_csv(rows, delimiter).encode()

    header = [*columns, *(prefix + name for name in FLAT_COLUMNS)]
    return Writer(encode, write_csv([header], delimiter).encode())


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case dict() | list() | bool():
            return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False, default=plain))
    return plain(value)
