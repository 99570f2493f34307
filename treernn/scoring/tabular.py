"""Output formats with columns: those of a table, then those that scoring adds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from treernn.errors import InputError
from treernn.tables.csv import write_csv
from treernn.types import LABELS

if TYPE_CHECKING:
    import pyarrow as pa

    from treernn.scoring.result import Result
    from treernn.scoring.rows import Scored

NESTED_COLUMNS = ("label", "sentiment", "probabilities", "error", "note")
PROBABILITY_COLUMNS = tuple(f"p_{label.replace(' ', '_')}" for label in LABELS)
FLAT_COLUMNS = ("label", "sentiment", *PROBABILITY_COLUMNS, "error", "note")

_SURROGATE = re.compile("[\ud800-\udfff]")


class Writer:
    """An output format for one table.

    A file is ``begin``, its parts with ``between`` in between, and ``end``, so that parts can be
    written one by one and joined later.

    Args:
        classifier: its node states are the ``vectors``.
        columns: of the table; None if they are unknown.
        prefix: precedes the names of the added columns.

    Attributes:
        added: the added columns; empty for a format without columns, in which a row with an error
            is an empty line.

    Raises:
        InputError: the format needs to know the columns, or the classifier has no vectors.
    """

    added: ClassVar[tuple[str, ...]] = ()
    begin, between, end = b"", b"", b""

    def __init__(
        self, classifier: Any, columns: Sequence[str] | None = None, prefix: str = ""
    ) -> None:
        self.classifier, self.columns, self.prefix = classifier, columns, prefix

    def encode(self, scored: Scored) -> bytes:
        """Scored rows as a part of the file."""
        raise NotImplementedError

    def join(self, parts: Sequence[Path], out: Path) -> None:
        """Write the file ``out`` from files of its parts."""
        with out.open("wb") as file:
            file.write(self.begin)
            for number, part in enumerate(parts):
                file.write(self.between if number else b"")
                file.write(part.read_bytes())
            file.write(self.end)


class JSONLines(Writer):
    """An object per line; also has the trees of the sentences."""

    added = (*NESTED_COLUMNS, "sentences")

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        return "".join(f"{row}\n" for row in self.objects(scored)).encode()

    def objects(self, scored: Scored) -> Iterator[str]:
        """Each row as JSON."""
        names = [self.prefix + name for name in NESTED_COLUMNS]
        for values, result, error in scored.rows():
            row = {**values, **dict(zip(names, nested_values(result, error), strict=True))}
            sentences = "null"
            if result is not None:
                sentences = f"[{', '.join(sentence.to_json() for sentence in result.sentences)}]"
            yield f'{_dumps(row)[:-1]}, "{self.prefix}sentences": {sentences}}}'


class JSON(JSONLines):
    """One array of objects."""

    begin, between, end = b"[\n", b",\n", b"\n]\n"

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        return ",\n".join(self.objects(scored)).encode()


class CSV(Writer):
    """Lines with a delimiter, after a header."""

    added, delimiter = FLAT_COLUMNS, ","

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.columns is None:
            raise InputError(
                f"{type(self).__name__.lower()} needs all columns in advance, but those of JSON "
                "lines from standard input are unknown; use jsonl"
            )
        header = [*self.columns, *(self.prefix + name for name in FLAT_COLUMNS)]
        self.begin = write_csv([header], self.delimiter).encode()

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        rows = (
            map(_cell, (*map(values.get, self.columns or ()), *flat_values(result, error)))
            for values, result, error in scored.rows()
        )
        return write_csv(rows, self.delimiter).encode()


class TSV(CSV):
    """Lines with tabs."""

    delimiter = "\t"


class Parquet(Writer):
    """The columns of a Parquet table keep their types; other columns have those of their values."""

    added = NESTED_COLUMNS

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        import pyarrow as pa

        from treernn.tables.arrow import columns_of, to_parquet

        arrow = scored.chunk.arrow
        if arrow is None:
            columns = columns_of([row.values for row in scored.chunk.rows])
        else:
            columns = dict(zip(arrow.schema.names, arrow.columns, strict=True))
        added = zip(*map(nested_values, scored.results, scored.errors), strict=True)
        for (name, type), values in zip(self._types().items(), added, strict=True):
            columns[name] = pa.array(values, type)
        return to_parquet(columns)

    def join(self, parts: Sequence[Path], out: Path) -> None:
        """See ``Writer``."""
        from treernn.tables.arrow import join_parquet

        join_parquet(parts, self.columns or (), self._types(), out)

    def _types(self) -> dict[str, pa.DataType]:
        import pyarrow as pa

        types = (pa.string(), pa.int8(), pa.list_(pa.float64()), pa.string(), pa.string())
        return {self.prefix + name: type for name, type in zip(self.added, types, strict=True)}


def nested_values(result: Result | None, error: str | None) -> tuple[Any, ...]:
    """The values of ``NESTED_COLUMNS``; without a result all but the error are None."""
    if result is None or result.label is None or result.probabilities is None:
        return None, None, None, error, None
    probabilities = [round(probability, 6) for probability in result.probabilities]
    note = "; ".join(result.problems) or None
    return result.label, LABELS.index(result.label), probabilities, None, note


def flat_values(result: Result | None, error: str | None) -> tuple[Any, ...]:
    """The values of ``FLAT_COLUMNS``."""
    label, sentiment, probabilities, error, note = nested_values(result, error)
    return label, sentiment, *(probabilities or [None] * len(LABELS)), error, note


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case dict() | list() | bool():
            return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False, default=_plain))
    return _plain(value)


def _dumps(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, allow_nan=False, default=_plain)
    except ValueError:  # JSON has no NaN and no infinity
        row = json.loads(json.dumps(row, default=_plain), parse_constant=lambda _: None)
        return json.dumps(row)


def _plain(value: Any) -> str:
    """A value that JSON does not have, as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
