"""Scoring tables of Arrow: one function for Ray Data, Spark, Dask, and Hugging Face ``datasets``.

    from treernn.integrations.arrow import ArrowScorer

    scored = ArrowScorer("text")(table)

An ``ArrowScorer`` has settings only, so that it can be sent to any process; each process loads the
models when it scores its first table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from treernn.errors import InputError
from treernn.scoring.entries import Detail
from treernn.scoring.job import PART_CHARACTERS, PART_ROWS
from treernn.scoring.rows import MAX_CHARACTERS, arrow_chunks, score_chunk
from treernn.scoring.tabular import Parquet
from treernn.tables.encoding import replace_surrogates
from treernn.tables.parquet import check_text_column

if TYPE_CHECKING:
    from treernn.scoring.scorer import Scorer


@dataclass(frozen=True)
class ArrowScorer:
    """Adds the sentiment of the texts in a column to a table, as ``treernn score`` does.

    ``scorer(table)`` returns the table with the columns ``label``, ``sentiment``,
    ``probabilities``, ``error``, ``note``, ``score`` and ``stars``, as in the Parquet files of
    ``treernn score``. A row that cannot be scored keeps its place, and ``error`` says why. Where
    the table has a column ``score`` or ``stars``, that stays and ours is left out.

    Args:
        column: the one with the texts.
        model, device, parser, precision, newline_ends_sentence: as for ``treernn.load``.
        classes: of the results, 5, 3 or 2.
        prefix: precedes the names of the added columns.
        max_characters: a longer text is not scored.

    >>> import pyarrow as pa
    >>> scored = ArrowScorer("text")(pa.table({"id": [7, 8], "text": ["A wonderful film.", None]}))
    >>> scored.column("label").to_pylist(), scored.column("error").to_pylist()
    (['very positive', None], [None, 'text is null'])
    """

    column: str
    model: str = "small"
    device: str = "cpu"
    parser: str = "embedded"
    precision: str = "float32"
    newline_ends_sentence: bool = False
    classes: int = 5
    prefix: str = ""
    max_characters: int = MAX_CHARACTERS

    def __call__(self, table: Any) -> Any:
        """Score a ``pyarrow.Table`` or ``RecordBatch``, a DataFrame of pandas, or an iterator of
        record batches; returns the same type.

        Raises:
            InputError: something else, no such column, a column of another type than text, two
                columns of one name, or an added column that the table has already; and as
                ``treernn.load``.
        """
        if isinstance(table, pa.Table):
            return self._table(table)
        if isinstance(table, pa.RecordBatch):
            scored = self._table(pa.Table.from_batches([table])).combine_chunks()
            batches = scored.to_batches()  # none of an empty table
            return batches[0] if batches else pa.RecordBatch.from_pylist([], scored.schema)
        if isinstance(table, Iterator):
            return map(self, table)
        if type(table).__module__.partition(".")[0] == "pandas" and hasattr(table, "columns"):
            return self._pandas(table)
        raise InputError(
            f"a {type(table).__name__} is no table: pass a table or record batches of Arrow, or a "
            "DataFrame of pandas"
        )

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """The columns and types of scored tables, from those of their input.

        Raises:
            InputError: as when such a table is scored.
        """
        added = self._writer(schema, None).types()
        return pa.schema([*schema, *(pa.field(*each) for each in added.items())])

    def _table(self, table: pa.Table) -> pa.Table:
        schema = self.schema(table.schema)
        scorer = _loaded(self)
        writer = self._writer(table.schema, scorer)
        scored = []
        for batch in table.to_batches():
            limits = PART_ROWS, PART_CHARACTERS
            for chunk in arrow_chunks(batch, self.column, *limits, self.max_characters):
                arrays = writer.arrays(score_chunk(scorer.score_many, chunk))
                scored.append(pa.RecordBatch.from_arrays([*arrays.values()], schema=schema))
        return pa.Table.from_batches(scored, schema)

    def _pandas(self, frame: Any) -> Any:
        """The added columns keep the types of Arrow, so that all partitions have the same."""
        import pandas as pd

        schema = pa.schema([(str(name), pa.string()) for name in frame])
        added = [*self._writer(schema, None).types()]
        scored = self._table(pa.table({self.column: _texts(frame[self.column])})).select(added)
        columns = scored.to_pandas(types_mapper=pd.ArrowDtype)
        return frame.assign(**{name: columns[name].array for name in added})

    def _writer(self, schema: pa.Schema, scorer: Scorer | None) -> Parquet:
        """What adds the columns to a table of this schema, which it checks."""
        names = schema.names
        there = ", ".join(names) or "none"
        if self.column not in names:
            raise InputError(f"the table has no column {self.column}, its columns are: {there}")
        if several := [name for name in names if names.count(name) > 1]:
            raise InputError(
                f"the table has more than one column {several[0]}, its columns are: {there}"
            )
        check_text_column(schema, self.column, "the table")
        detail = Detail(classes=self.classes).of_table(self.column, names, self.prefix)
        writer = Parquet(scorer and scorer.classifier, names, self.prefix, detail)
        for name in writer.types():
            if name in names:
                raise InputError(
                    f"the table already has a column {name}, rename the added columns with prefix="
                )
        return writer


def _texts(column: Any) -> Any:
    """A column of pandas as one of Arrow, which holds no lone surrogates."""
    try:
        return pa.Array.from_pandas(column)
    except UnicodeEncodeError:
        return _texts(column.map(lambda v: replace_surrogates(v) if isinstance(v, str) else v))
    except pa.ArrowException:
        raise InputError(
            f"the table: column {column.name} holds values of several types, expected text"
        ) from None


@cache
def _loaded(settings: ArrowScorer) -> Scorer:
    """The models, once a process."""
    import torch

    from treernn.scoring.scorer import load

    torch.set_num_threads(1)  # engines start a process for each core
    s = settings
    models = (s.model, s.device, s.parser, s.precision)
    return load(*models, s.newline_ends_sentence, s.classes)
