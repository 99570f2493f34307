"""``treernn score`` of texts, or of one table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from treernn import outputs
from treernn.cli.choices import TREE
from treernn.cli.failures import report
from treernn.cli.printed import draw_trees, print_parts
from treernn.cli.progress import tell_where, with_progress
from treernn.scoring import formats
from treernn.scoring.rows import Chunk, Rows, text_rows
from treernn.scoring.settings import Settings, TableOptions
from treernn.stores import Place
from treernn.tables.source import is_stream

if TYPE_CHECKING:
    from treernn.scoring.job import Part

BATCH_ROWS, BATCH_CHARACTERS = 64, 50_000
"""Texts scored together when they are printed."""


@contextmanager
def open_input(
    path: str | None, options: TableOptions, settings: Settings
) -> Iterator[tuple[Rows | None, Settings]]:
    """Open a table, if there is a path, and complete the settings by its columns.

    Raises:
        InputError, DataError: see ``open_to_score``.
    """
    if path is None:
        yield None, settings
        return
    from treernn.scoring.table import open_to_score

    with open_to_score(path, options, settings) as (table, completed):
        if added_columns(settings) and completed.detail.own:
            prefix = settings.prefix
            own = " and ".join(prefix + name for name in completed.detail.own)
            another = "another --prefix" if prefix else "--prefix"
            report(f"{path}: has {own} already, so none is added; {another} keeps both")
        yield table, completed


def score_one(
    texts: Sequence[str],
    path: str | None,
    table: Rows | None,
    out: Place | None,
    options: TableOptions,
    settings: Settings,
    resume: bool,
    live: bool,
    explain: bool,
    processes: int,
    share: bool,
) -> bool:
    """Print the sentiment of texts or rows, or write it to a file; errors go to standard error.

    Args:
        texts: to score, if there is no path.
        path: of the table, or ``-``.
        table: the open table.
        out: the file, or a stream; None: standard output.
        options, settings: how the table is read, and how it is scored and written; see
            ``open_input``.
        resume: see ``job.run``.
        live: whether rows are scored when they arrive.
        explain: whether trees are explained.
        processes, share: see ``part_scorers``.

    Returns:
        Whether all rows were scored.

    Raises:
        TreernnError: the table cannot be read, the model not be loaded, the output not be written.
    """
    from treernn import workers
    from treernn.scoring import job
    from treernn.scoring.stream import without_delay
    from treernn.scoring.table import load_scorer, part_scorers, writer_of

    s, prefix = settings, settings.prefix
    added = added_columns(s)
    chunks: Iterable[Chunk]
    parts: Iterable[Part]
    with ExitStack() as stack:
        if table is None:
            chunks = [Chunk(text_rows(texts, options.max_chars), 1.0)]
        else:
            limits = (job.PART_ROWS, job.PART_CHARACTERS) if out else (BATCH_ROWS, BATCH_CHARACTERS)
            chunks = without_delay(table.rows) if live else table.chunks(*limits)
        parallel_map = stack.enter_context(workers.parallel_map(processes))
        scorer = load_scorer(s)
        if s.format == TREE:
            alone = texts if path is None else None
            parts = draw_trees(scorer, chunks, alone, explain, s.detail)
        else:
            writer = writer_of(s, scorer.classifier)
            scorers = stack.enter_context(part_scorers(scorer, processes, share))
            del scorer
            score_part = scorers(s)
            compression = formats.split_compression(out)[1] if out else ""
            if out is None:
                parts = print_parts(parallel_map(score_part, chunks), writer)
            elif outputs.is_stream(out):
                parts = job.run_to_stream(
                    out, chunks, score_part, writer, compression, parallel_map
                )
            else:
                source = None if path is None or is_stream(path) else path
                record = job.job_record(source, s, **asdict(options))
                join = partial(writer.join, compression=compression)
                parts = job.run(out, record, chunks, score_part, join, resume, parallel_map)
            if sys.stderr.isatty() and (out is not None or not sys.stdout.isatty()):
                parts = with_progress(parts)
        rows = failed = 0
        not_decodable = ""
        for part in parts:
            rows += part.rows
            failed += part.failed
            if not not_decodable:
                not_decodable = next((each for each in part.errors if "--encoding" in each), "")
            for error in () if added else part.errors:
                report(error)
    if failed and added:
        if not_decodable:  # the same for many rows, and there is something to do
            report(not_decodable)
        report(f"{failed} of {rows} could not be scored, see {prefix}error")
    if out is not None and not outputs.is_stream(out):
        tell_where(rows - failed, out)
    return not failed


def added_columns(settings: Settings) -> tuple[str, ...]:
    """The columns that scoring adds, none in formats without columns."""
    return formats.added_columns(settings.format, settings.prefix, settings.detail)
