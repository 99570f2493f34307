"""All opinions as a table: a row for each, as Parquet or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from treernn.classes import names
from treernn.opinions.opinion import Opinion, Review, decode
from treernn.scoring.tabular import escaped_formula
from treernn.tables.csv import write_csv

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    *("row", "group", "date", "rating", "aspect", "term", "label", "score", "probabilities"),
    *("phrase", "sentence", "start", "end", "phrase_start", "phrase_end"),
)
"""``start`` and ``end`` are the characters of the term in the text of the review."""

_ROW_GROUP = 50_000


def write_parquet_opinions(parts: Sequence[Path], out: Path, aspects: Mapping[str, str]) -> None:
    """Write the opinions of all parts as Parquet.

    Args:
        parts: files of ``opinion.encode``.
        out: the file.
        aspects: the name of the aspect for each key that belongs to one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema()
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for part in parts:
            rows = [*_rows(part, aspects)]
            columns = [*zip(*rows, strict=True)] or [()] * len(schema)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), _ROW_GROUP)


def write_csv_opinions(parts: Sequence[Path], out: Path, aspects: Mapping[str, str]) -> None:
    """The same as CSV, for spreadsheets: what they would take for a formula follows an
    apostrophe."""
    with out.open("w", encoding="utf-8", newline="") as file:
        file.write(write_csv([COLUMNS]))
        for part in parts:
            file.write(write_csv(map(_cell, row) for row in _rows(part, aspects)))


def _rows(part: Path, aspects: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    for review in decode(part):
        for opinion in review.opinions:
            yield _row(review, opinion, aspects.get(opinion.key))


def _row(review: Review, opinion: Opinion, aspect: str | None) -> tuple[Any, ...]:
    from datetime import date

    day = None if review.day is None else date.fromordinal(review.day)
    text = review.text
    return (
        *(review.row, review.group, day, review.rating, aspect),
        text[opinion.start : opinion.end],
        names(3)[opinion.sign + 1],
        round(opinion.score, 6),
        [round(share, 6) for share in opinion.distribution],
        text[opinion.phrase_start : opinion.phrase_end],
        text[opinion.sentence_start : opinion.sentence_end],
        *(opinion.start, opinion.end, opinion.phrase_start, opinion.phrase_end),
    )


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return escaped_formula(value)
    return "" if value is None else str(value)


def _schema() -> pa.Schema:
    import pyarrow as pa

    number = {"row": pa.int64(), "rating": pa.float64(), "score": pa.float64(), "date": pa.date32()}
    number |= {"probabilities": pa.list_(pa.float64())}
    number |= dict.fromkeys(("start", "end", "phrase_start", "phrase_end"), pa.int32())
    return pa.schema([(name, number.get(name, pa.string())) for name in COLUMNS])
