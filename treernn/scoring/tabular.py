"""Output formats with columns: those of a table, then those that scoring adds."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from treernn.errors import InputError
from treernn.optional import require
from treernn.scoring.entries import (
    YIELDING_COLUMNS,
    Detail,
    Entry,
    entries,
    sentence_heads,
)
from treernn.tables.csv import write_csv
from treernn.tables.encoding import replace_surrogates
from treernn.tables.source import open_sink

if TYPE_CHECKING:
    import pyarrow as pa

    from treernn.scoring.rows import Scored

# What a spreadsheet takes for a formula, or may after it has cut off what is before (OWASP, CSV
# Injection), unless it is just a number. A file that begins with U+FEFF has a byte order mark.
_FORMULA = re.compile(r"(?![-+]?\d+(?:[.,]\d+)*%?\Z)[\s\ufeff]*[=+\-@\t\r\n＝＋－＠]|[\t\r\n]")


class Writer:
    """An output format for one table.

    A file is ``begin``, its parts with ``between`` in between, and ``end``, so that parts can be
    written one by one and joined later.

    Args:
        classifier: its node states are the ``vectors``; None to join parts only.
        columns: of the table; None if they are unknown.
        prefix: precedes the names of the added columns.
        detail: what the output says of each review.

    Attributes:
        whole: whether a file is made as a whole: its parts cannot be printed or compressed.
        flat: whether a cell is a single value, not a list.

    Raises:
        InputError: the format needs to know the columns, or the classifier has no vectors.
    """

    whole: ClassVar[bool] = False
    flat: ClassVar[bool] = False
    begin, between, end = b"", b"", b""

    def __init__(
        self,
        classifier: Any,
        columns: Sequence[str] | None = None,
        prefix: str = "",
        detail: Detail | None = None,
    ) -> None:
        self.classifier, self.columns = classifier, columns
        self.prefix = replace_surrogates(prefix)
        self.detail = detail or Detail()

    @classmethod
    def sentiment(cls, detail: Detail) -> tuple[str, ...]:  # noqa: ARG003
        """The added columns with the sentiment; empty for a format without columns, in which a row
        with an error is an empty line."""
        return ()

    @classmethod
    def added(cls, detail: Detail) -> tuple[str, ...]:
        """The added columns, without the prefix."""
        sentiment = cls.sentiment(detail)
        return (*detail.places, *sentiment, *detail.last(cls.flat)) if sentiment else ()

    def encode(self, scored: Scored) -> bytes:
        """Scored rows as a part of the file."""
        raise NotImplementedError

    def _own_of_stream(self, columns: Container[str]) -> list[str]:
        """Added columns that yield to those of a stream, where only its rows tell which it has."""
        if self.columns is not None:
            return []
        names = [self.prefix + name for name in YIELDING_COLUMNS]
        return [name for name in names if name in columns]

    def join(self, parts: Sequence[Path], out: Path, compression: str = "") -> None:
        """Write the file ``out`` from files of its parts, compressed as ``tables.source`` says."""
        with open_sink(out, compression) as file:
            file.write(self.begin)
            for number, part in enumerate(parts):
                file.write(self.between if number else b"")
                file.write(part.read_bytes())
            file.write(self.end)


class JSONLines(Writer):
    """An object per line; reviews also have the trees of their sentences."""

    @classmethod
    def sentiment(cls, detail: Detail) -> tuple[str, ...]:
        """See ``Writer``."""
        return detail.nested

    @classmethod
    def added(cls, detail: Detail) -> tuple[str, ...]:
        """See ``Writer``."""
        sentences = ("sentences",) if detail.level == "review" else ()
        return (*super().added(detail), *sentences)

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        return "".join(f"{row}\n" for row in self.objects(scored)).encode()

    def objects(self, scored: Scored) -> Iterator[str]:
        """Each row as JSON."""
        detail = self.detail
        names = [
            self.prefix + name for name in (*detail.places, *detail.nested, *detail.last(False))
        ]
        last = json.dumps(f"{self.prefix}sentences")
        found = [*entries(scored, detail)]
        trees = self._trees(found)
        for each in found:
            explanation: tuple[Any, ...] = ()
            if detail.explain:
                result = each.explanation
                explanation = (result and [item.to_dict() for item in result.explain()],)
            values = (*each.place, *each.cells(detail.nested), *explanation, *_target(each, detail))
            added = dict(zip(names, values, strict=True))
            for name in self._own_of_stream(each.values):
                del added[name]
            row = json_row({**each.values, **added})
            if detail.level == "review":
                row = f"{row[:-1]}, {last}: {self._sentences(each, trees)}}}"
            yield row

    def _trees(self, found: Sequence[Entry]) -> Iterator[str]:
        """The sentences of all results with their trees, in order."""
        if self.detail.level != "review" or not self.detail.phrases:
            return iter(())
        from treernn.scoring.tree_json import sentences_json  # which imports NumPy

        results = [each.result for each in found if each.result is not None]
        sentences = [sentence for result in results for sentence in result.sentences]
        return iter(sentences_json(sentences, self.detail.texts))

    def _sentences(self, each: Entry, trees: Iterator[str]) -> str:
        if each.result is None:
            return "null"
        if not self.detail.phrases:
            return json.dumps(sentence_heads(each.result))
        return f"[{', '.join(islice(trees, len(each.result.sentences)))}]"


class JSON(JSONLines):
    """One array of objects."""

    begin, between, end = b"[\n", b",\n", b"\n]\n"

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        return ",\n".join(self.objects(scored)).encode()


class Flat(Writer):
    """Formats of plain cells, whose columns must be known."""

    flat = True

    @classmethod
    def sentiment(cls, detail: Detail) -> tuple[str, ...]:
        """See ``Writer``."""
        return detail.flat

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.columns is None:
            raise InputError(
                f"{type(self).__name__.lower()} needs all columns in advance, but those of JSON "
                "from a stream are unknown; use jsonl"
            )
        added = (self.prefix + name for name in self.added(self.detail))
        self.header = [_cell(name) for name in (*self.columns, *added)]

    def cells(self, scored: Scored) -> Iterator[tuple[Any, ...]]:
        """The values of each row."""
        for each in entries(scored, self.detail):
            explanation: tuple[Any, ...] = ()
            if self.detail.explain:
                found = each.explanation
                explanation = (found and "; ".join(item.text for item in found.explain()),)
            own = map(each.values.get, self.columns or ())
            target = _target(each, self.detail, flat=True)
            yield (*own, *each.place, *each.cells(self.detail.flat), *explanation, *target)


class CSV(Flat):
    """Lines with a delimiter, after a header."""

    delimiter = ","

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.begin = write_csv([map(self._text, self.header)], self.delimiter).encode()

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        rows = (map(self._text, row) for row in self.cells(scored))
        return write_csv(rows, self.delimiter).encode()

    def _text(self, value: Any) -> str:
        text = _cell(value)
        escaped = self.detail.escape_formulas and isinstance(value, str)
        return escaped_formula(text) if escaped else text


class TSV(CSV):
    """Lines with tabs."""

    delimiter = "\t"


class Excel(Flat):
    """A workbook with one sheet; a part is JSON lines of cells."""

    whole = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        require("openpyxl", "excel")  # now, not after hours of scoring

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        rows = ([_number_or_text(value) for value in row] for row in self.cells(scored))
        return "".join(f"{json.dumps(row)}\n" for row in rows).encode()

    def join(self, parts: Sequence[Path], out: Path, compression: str = "") -> None:  # noqa: ARG002
        """See ``Writer``."""
        from treernn.tables.excel import write_excel

        lines = (line for part in parts for line in part.read_text("ascii").splitlines())
        write_excel(self.header, map(json.loads, lines), out)


class Parquet(Writer):
    """The columns of a Parquet table keep their types; other columns have those of their values."""

    whole = True

    @classmethod
    def sentiment(cls, detail: Detail) -> tuple[str, ...]:
        """See ``Writer``."""
        return detail.nested

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        from treernn.tables.arrow import to_parquet

        return to_parquet(self.arrays(scored))

    def arrays(self, scored: Scored) -> dict[str, pa.Array]:
        """The columns of scored rows, those of the table and the added ones."""
        import pyarrow as pa

        from treernn.tables.arrow import columns_of, take

        detail, arrow = self.detail, scored.chunk.arrow
        rows = [*entries(scored, detail)]
        if arrow is None:
            columns = columns_of([row.values for row in rows])
        else:
            columns = dict(zip(arrow.schema.names, arrow.columns, strict=True))
            if detail.level != "review":
                indices = pa.array([row.review for row in rows], pa.int64())
                columns = {name: take(column, indices) for name, column in columns.items()}
                texts = [row.values[detail.column] for row in rows]
                columns[detail.column] = pa.array(texts, pa.string())
        added = [
            (*row.place, *row.cells(detail.nested), *_texts(row, detail), *_target(row, detail))
            for row in rows
        ]
        own = self._own_of_stream(columns)
        for (name, type), values in zip(
            self.types().items(), zip(*added, strict=True), strict=True
        ):
            if name not in own:
                columns[name] = pa.array(values, type)
        return columns

    def join(self, parts: Sequence[Path], out: Path, compression: str = "") -> None:  # noqa: ARG002
        """See ``Writer``."""
        from treernn.tables.arrow import join_parquet, names_in

        types = self.types()
        if self.columns is None and parts:
            # What precedes the added columns is the table's own, and so in all parts of a stream.
            columns = names_in(parts[0])
            theirs = columns[: columns.index(next(iter(types)))]
            for name in self._own_of_stream(theirs):
                del types[name]
        join_parquet(parts, self.columns or (), types, out)

    def types(self) -> dict[str, pa.DataType]:
        """The added columns, with their prefix, and their types."""
        import pyarrow as pa

        known = {
            **dict.fromkeys(self.detail.places, pa.int64()),
            "label": pa.string(),
            "sentiment": pa.int8(),
            **dict.fromkeys(YIELDING_COLUMNS, pa.float64()),
            "probabilities": pa.list_(pa.float64()),
            "error": pa.string(),
            "note": pa.string(),
            "explanation": pa.list_(pa.string()),
            "target_label": pa.string(),
            "target_score": pa.float64(),
            "target_probabilities": pa.list_(pa.float64()),
        }
        return {self.prefix + name: known[name] for name in self.added(self.detail)}


def _texts(each: Entry, detail: Detail) -> tuple[Any, ...]:
    """The explanation as texts, if there is to be one."""
    if not detail.explain:
        return ()
    return (each.explanation and [item.text for item in each.explanation.explain()],)


def _target(each: Entry, detail: Detail, flat: bool = False) -> tuple[Any, ...]:
    """The sentiment toward a target, if one is asked for."""
    return each.target_cells(detail.target_columns(flat)) if detail.targets else ()


def escaped_formula(text: str) -> str:
    """A text after an apostrophe, if a spreadsheet would take it for a formula.

    >>> escaped_formula("=1+1"), escaped_formula("-5")
    ("'=1+1", '-5')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return replace_surrogates(value)
        case dict() | list() | bool():
            return replace_surrogates(json.dumps(value, ensure_ascii=False, default=_plain))
    return _plain(value)


def _number_or_text(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None if value is None else _cell(value)
    return value if abs(value) < 1e15 else str(value)  # neither NaN nor infinity is


def json_row(row: dict[str, Any]) -> str:
    """The row as JSON that every reader accepts: no NaN, no infinity, no lone surrogate."""
    try:
        text = _STRICT.encode(row)
    except ValueError:
        row = json.loads(json.dumps(row, default=_plain), parse_constant=lambda _: None)
        text = json.dumps(row)
    if "\\ud" in text:  # an emoji, or a lone surrogate
        exact = json.dumps(row, ensure_ascii=False, default=_plain)
        cleaned = replace_surrogates(exact)
        if cleaned != exact:
            return json.dumps(json.loads(cleaned))
    return text


def _plain(value: Any) -> str:
    """A value that JSON does not have, as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


_STRICT = json.JSONEncoder(allow_nan=False, default=_plain)
