"""One table: from its file and what is asked for to scored parts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from treernn.scoring.entries import YIELDING_COLUMNS
from treernn.scoring.formats import FORMATS, added_columns
from treernn.scoring.job import Part
from treernn.scoring.loaded import loaded, sharing
from treernn.scoring.rows import Chunk, Rows, score_chunk
from treernn.scoring.scorer import Scorer, load
from treernn.scoring.settings import Settings, TableOptions
from treernn.scoring.shared_models import Address, shared
from treernn.scoring.tabular import Writer
from treernn.scoring.target_names import of_table
from treernn.scoring.target_rows import with_targets


@contextlib.contextmanager
def open_to_score(
    path: str | os.PathLike[str], options: TableOptions, settings: Settings
) -> Iterator[tuple[Rows, Settings]]:
    """Open a table for one reading: its rows, and the settings with its columns.

    Raises:
        InputError, DataError: as ``open_rows``; or there is no column with targets, or the table
            has one that is to be added.
    """
    prefix, detail = settings.prefix, settings.detail
    added = added_columns(settings.format, prefix, detail)
    yielding = [prefix + name for name in YIELDING_COLUMNS]
    with options.open(path, added, yielding) as table:
        detail = detail.of_table(table.column, table.columns, prefix)
        if detail.targets is not None:
            detail = replace(detail, targets=of_table(detail.targets, table.columns, str(path)))
        yield table, replace(settings, columns=table.columns, detail=detail)


def load_scorer(settings: Settings) -> Scorer:
    """A new scorer with these settings.

    Raises:
        TreernnError: as ``treernn.load``.
    """
    return load(*_models(settings))


def scorer_of(settings: Settings) -> Scorer:
    """The scorer of these settings, which this process loads once."""
    return loaded(*_models(settings))


def _models(settings: Settings) -> tuple[Any, ...]:
    """The arguments of ``treernn.load``."""
    s = settings
    models = s.model, s.device, s.parser, s.precision
    return *models, s.newline_ends_sentence, s.detail.classes, s.lexicon


def writer_of(settings: Settings, classifier: Any) -> Writer:
    """What encodes the rows of a table, or with None as classifier joins what is encoded.

    Raises:
        InputError: as ``Writer``.
    """
    s = settings
    return FORMATS[s.format](classifier, s.columns, s.prefix, s.detail)


@dataclass(frozen=True, slots=True)
class PartScorer:
    """Scores chunks of a table in any process, which loads the models on the first call.

    Attributes:
        settings: of the table, as ``open_to_score`` returns them.
        models: those of another process, for settings without a lexicon and targets, which need
            the classifier itself; None: each process has its own.
    """

    settings: Settings
    models: Address | None = None

    def __call__(self, chunk: Chunk) -> Part:
        """See ``score_part``."""
        s = self.settings
        if self.models is None:
            scorer = scorer_of(s)
        else:
            scorer = sharing(self.models, s.newline_ends_sentence, s.detail.classes)
        return score_part(scorer, writer_of(s, scorer.classifier), chunk)


PartScorers: TypeAlias = Callable[[Settings], Callable[[Chunk], Part]]
"""What scores the chunks of a table, from its settings."""


@contextlib.contextmanager
def part_scorers(scorer: Scorer, processes: int, share: bool = False) -> Iterator[PartScorers]:
    """What scores tables.

    Args:
        scorer: of their settings.
        processes: how many it is sent to; with one it stays in this process.
        share: whether the others use the models of this process; else each loads its own.
    """
    if processes == 1:
        yield lambda settings: partial(score_part, scorer, writer_of(settings, scorer.classifier))
    elif share:
        with shared(scorer) as models:
            yield partial(PartScorer, models=models)
    else:
        del scorer  # which has shown that it can be loaded
        yield PartScorer


def score_part(scorer: Scorer, writer: Writer, chunk: Chunk) -> Part:
    """Score a chunk and encode it; independent of other chunks."""
    scored = with_targets(scorer, score_chunk(scorer.score_many, chunk), writer.detail)
    errors = tuple(error for error in scored.errors if error is not None)
    return Part(writer.encode(scored), len(chunk.rows), len(errors), chunk.fraction, errors)
