"""What is kept of a review: its verdict, and what it says of the things that it names.

Reviews are kept in Arrow's format for streams, one file for each part of a job, so that a summary
needs them part by part only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

NEGATIVE, NEUTRAL, POSITIVE = -1, 0, 1


class Opinion(NamedTuple):
    """The sentiment of a review toward something that it names.

    Attributes:
        sentence: its number in the review, from 1.
        sentence_start, sentence_end: characters of the review.
        start, end: those of the term, for example of "battery".
        phrase_start, phrase_end: those of the phrase that says it.
        key: what mentions of the same thing share.
        head: the main word of the key.
        sign: ``NEGATIVE``, ``NEUTRAL`` or ``POSITIVE``, the most probable.
        score: from -1 to 1.
        distribution: over the five classes.
    """

    sentence: int
    sentence_start: int
    sentence_end: int
    start: int
    end: int
    phrase_start: int
    phrase_end: int
    key: str
    head: str
    sign: int
    score: float
    distribution: Sequence[float] = ()


class StrongPhrase(NamedTuple):
    """The strongest short phrase of a sentence.

    Attributes:
        start, end: characters of the review.
        score: from -1 to 1.
    """

    start: int
    end: int
    score: float


class Review(NamedTuple):
    """A row of the table.

    Attributes:
        row: its number, from 1.
        text: of the review; a beginning, where it has an error.
        error: why it has no verdict, or None.
        foreign: whether it is in another language than the models know, and so left out.
        distribution: over the classes, of which there may be five, three or two; or None.
        group: its group, or None.
        day: its date as ``date.toordinal``, or None.
        rating: as it is in the table, or None.
        unread_time, unread_rating: values that cannot be read, or None.
        phrases: the strongest ones.
        opinions: in their order in the text.
    """

    row: int
    text: str
    error: str | None = None
    foreign: bool = False
    distribution: Sequence[float] | None = None
    group: str | None = None
    day: int | None = None
    rating: float | None = None
    unread_time: str | None = None
    unread_rating: str | None = None
    phrases: Sequence[StrongPhrase] = ()
    opinions: Sequence[Opinion] = ()

    @property
    def counted(self) -> bool:
        """Whether it has a verdict that counts."""
        return self.distribution is not None and not self.foreign


@cache
def _schema() -> pa.Schema:
    import pyarrow as pa

    whole, number, text = pa.int32(), pa.float32(), pa.string()
    kinds = {"key": text, "head": text, "sign": pa.int8(), "score": number}
    opinion = [(name, kinds.get(name, whole)) for name in Opinion._fields[:-1]]
    opinion.append(("distribution", pa.list_(number)))
    phrase = [("start", whole), ("end", whole), ("score", number)]
    return pa.schema(
        [
            *(("row", pa.int64()), ("text", text), ("error", text), ("foreign", pa.bool_())),
            *(("distribution", pa.list_(number)), ("group", text), ("day", whole)),
            *(("rating", pa.float64()), ("unread_time", text), ("unread_rating", text)),
            *(("phrases", pa.list_(pa.struct(phrase))), ("opinions", pa.list_(pa.struct(opinion)))),
        ]
    )


def encode(reviews: Sequence[Review]) -> bytes:
    """Reviews as one stream."""
    import pyarrow as pa

    schema = _schema()
    columns = [*zip(*reviews, strict=True)] or [()] * len(schema)
    arrays = []
    for field, values in zip(schema, columns, strict=True):
        if field.name in ("phrases", "opinions"):
            arrays.append(_lists(values, field.type))
        else:
            arrays.append(pa.array(values, field.type))
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, schema, options=options) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def decode(part: Path | bytes) -> Iterator[Review]:
    """The reviews of a stream."""
    for batch in _batches(part):
        columns = [
            _tuples(column, kind) if kind else column.to_pylist()
            for column, kind in zip(batch.columns, _KINDS, strict=True)
        ]
        yield from map(Review._make, zip(*columns, strict=True))


def texts_of(part: Path | bytes, rows: Sequence[int]) -> dict[int, str]:
    """The texts of these of its rows, by their numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[int, str] = {}
    for batch in _batches(part):
        wanted = batch.filter(pc.is_in(batch.column("row"), pa.array(rows, pa.int64())))
        found |= zip(
            wanted.column("row").to_pylist(), wanted.column("text").to_pylist(), strict=True
        )
    return found


_KINDS: list[Any] = [None] * 10 + [StrongPhrase, Opinion]


def _batches(part: Path | bytes) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    with pa.ipc.open_stream(part.read_bytes() if isinstance(part, Path) else part) as reader:
        yield from reader


def _lists(values: Sequence[Sequence[tuple[Any, ...]]], kind: pa.ListType) -> pa.ListArray:
    """Lists of tuples as lists of structs."""
    import pyarrow as pa

    offsets = [0]
    for each in values:
        offsets.append(offsets[-1] + len(each))
    fields = list(kind.value_type)
    columns = [*zip(*(item for each in values for item in each), strict=True)]
    arrays = [
        pa.array(column, field.type)
        for column, field in zip(columns or [()] * len(fields), fields, strict=True)
    ]
    structs = pa.StructArray.from_arrays(arrays, fields=fields)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs)


def _tuples(column: pa.ListArray, kind: Any) -> list[list[Any]]:
    """The same back; by columns, because Arrow is slow with structs one by one."""
    offsets = column.offsets.to_pylist()
    fields = (field.to_pylist() for field in column.values.flatten())
    made = [*map(kind._make, zip(*fields, strict=True))]
    return [made[start:end] for start, end in pairwise(offsets)]
