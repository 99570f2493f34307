"""``treernn score``: the sentiment of texts, phrase by phrase."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import treernn
from treernn.cli.options import ChosenModel, ChosenParser, Device, Precision
from treernn.errors import InputError
from treernn.scoring import formats
from treernn.scoring.formats import OutputFormat
from treernn.scoring.rows import MAX_CHARACTERS
from treernn.tables.open import InputFormat, format_of

if TYPE_CHECKING:
    from treernn.scoring.formats import Writer
    from treernn.scoring.job import Part
    from treernn.scoring.rows import Chunk, Rows
    from treernn.scoring.scorer import Scorer

BATCH, CHARACTERS = 64, 50_000
"""Texts scored together where they are printed; they are printed as soon as they are there."""

LARGE = 1 << 19
"""Bytes of a file for which several processes are worth their start: some seconds of work."""


def score(
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="What to score: texts, or a file, or - for standard input."),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file", "-f", help="Score a file: CSV, TSV, JSONL, Parquet, or a text a line."
        ),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Column of the file that holds the texts; text.")
    ] = None,
    input_format: Annotated[
        InputFormat | None,
        typer.Option(help="What the file is written in; its ending tells. With -, score rows."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write to this file; its ending tells the format."),
    ] = None,
    format: Annotated[
        OutputFormat | None, typer.Option(help="How to print or write; coloured trees.")
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Stands before the names of the columns that are added.")
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a killed job with -o was.")
    ] = False,
    max_chars: Annotated[
        int, typer.Option(min=1, help="Do not score longer texts.")
    ] = MAX_CHARACTERS,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Below the trees, say which phrases turned the verdict."),
    ] = False,
    model: ChosenModel = "small",
    parser: ChosenParser = "embedded",
    device: Device = "cpu",
    precision: Precision = "float32",
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that score a file; one per core for a large one."),
    ] = None,
) -> None:
    """Print the sentiment of texts, phrase by phrase, or write it beside the rows of a file.

    Ends with status 1 when a text could not be scored.
    """
    path = _path(texts or [], file, column, input_format)
    if format is None:
        format = _usual_format(path, out)
    elif format is OutputFormat.json and path is None:
        format = OutputFormat.jsonl
    if out is None and format is OutputFormat.parquet:
        raise InputError("parquet cannot be printed, write it to a file with -o")
    if out is not None and format is OutputFormat.tree:
        known = ", ".join(formats.FILES)
        raise InputError(f"trees are drawn for the terminal, formats of files are {known}")
    if explain and format is not OutputFormat.tree:
        raise InputError(f"--explain goes with trees, not with --format {format}")
    if resume and (out is None or path in (None, "-")):
        raise InputError("--resume is for a file that is scored into another with -o")
    if jobs is not None and (path in (None, "-") or format is OutputFormat.tree):
        raise InputError("--jobs is for a file that is scored in another format than trees")

    import torch

    from treernn import workers
    from treernn.scoring import job
    from treernn.scoring.rows import open_rows, text_rows
    from treernn.scoring.stream import lively

    # Two threads gain a seventh for a text, and on a busy machine take three times as long.
    torch.set_num_threads(1)
    live = path == "-" and out is None  # an answer must not wait for what comes after it
    count = 1 if live else jobs or _usual_jobs(path, format, device)
    opening: AbstractContextManager[Rows]
    if path is None:
        given = [sys.stdin.read() if text == "-" else text for text in texts or []]
        opening = nullcontext(text_rows(given, max_chars))
    else:
        added = formats.added(format, prefix)
        opening = open_rows(path, column or "text", input_format, max_chars, added)
    with opening as table, workers.started(count) as each:
        scorer = treernn.load(model, device, parser, precision)
        parts: Iterable[Part]
        if format is OutputFormat.tree:
            parts = _trees(scorer, table, len(texts or []) if path is None else 0, explain)
        else:
            writer = formats.writer(format, scorer, table.columns, prefix)
            process: Callable[[Chunk], Part] = partial(job.process, scorer, writer)
            if count > 1:
                process = job.Work(model, device, parser, precision, format, table.columns, prefix)
                del scorer  # was loaded to see that it can be; each worker has its own
            if out is None:
                chunks = lively(table.rows) if live else table.chunks(BATCH, CHARACTERS)
                parts = _print(each(process, chunks), writer)
            else:
                parts = job.run(
                    out,
                    job.describe(
                        None if path == "-" else path,
                        model,
                        device=device,
                        parser=parser,
                        precision=precision,
                        column=column,
                        input_format=input_format,
                        format=format,
                        prefix=prefix,
                        max_chars=max_chars,
                    ),
                    table.chunks(job.ROWS, job.CHARACTERS),
                    process,
                    job.joiner(format, writer, table.columns, prefix),
                    resume,
                    each,
                )
            if sys.stderr.isatty() and (out is not None or not sys.stdout.isatty()):
                parts = _with_progress(parts)
        rows = bad = 0
        for part in parts:
            rows += part.rows
            bad += part.bad
            if format in formats.TREES or format is OutputFormat.tree:
                for error in part.errors:
                    print(f"treernn: {error}", file=sys.stderr)
    if bad:
        if formats.added(format):
            where = f"see {prefix}error"
            print(f"treernn: {bad} of {rows} could not be scored, {where}", file=sys.stderr)
        raise typer.Exit(1)


def _path(
    texts: list[str], file: str | None, column: str | None, input_format: InputFormat | None
) -> str | None:
    """The file to score, - for rows from standard input; None where texts are given.

    A lone argument is a file when there is such a file, or when it looks like one: no white space,
    and an ending of a format.
    """
    if file is not None:
        if texts:
            raise InputError("give texts or --file, not both")
        return file
    if not texts:
        raise InputError("nothing to score, give a text, - for standard input, or --file")
    if texts == ["-"] and input_format is not None:
        return "-"
    files = [text for text in texts if _is_file(text)]
    if len(texts) == 1 and files:
        return texts[0]
    if files:
        raise InputError(f"{files[0]}: a file is scored alone, {len(texts)} arguments were given")
    if column is not None or input_format is not None:
        option = "--input-format" if column is None else "--column"
        raise InputError(f"{option} is for files, and there is no file {texts[0][:60]}")
    return None


def _usual_jobs(path: str | None, format: OutputFormat, device: str) -> int:
    """Processes for a file: another one takes seconds to start."""
    if path is None or format is OutputFormat.tree or device != "cpu" or not os.path.isfile(path):
        return 1
    from treernn.workers import usual_count

    return usual_count() if os.path.getsize(path) >= LARGE else 1


def _is_file(text: str) -> bool:
    looks = len(text.split()) == 1 and format_of(text) is not None
    return looks or (len(text) < 1000 and text != "-" and os.path.isfile(text))


def _usual_format(path: str | None, out: Path | None) -> OutputFormat:
    if out is not None:
        return formats.output_format(out)
    return OutputFormat.jsonl if path == "-" else OutputFormat.tree


def _print(parts: Iterable[Part], writer: Writer) -> Iterator[Part]:
    """Print each part as soon as it is there."""
    stdout = sys.stdout.buffer
    stdout.write(writer.begin)
    between = b""
    for part in parts:
        stdout.write(between + part.data)
        stdout.flush()
        between = writer.between
        yield part
    stdout.write(writer.end)


def _trees(scorer: Scorer, table: Rows, count: int, explain: bool) -> Iterator[Part]:
    """Draw the trees of each row under its place, unless it is the only one."""
    from rich.console import Console

    from treernn.scoring.job import Part
    from treernn.scoring.scored import score_chunk
    from treernn.views.explanation import explanation_lines
    from treernn.views.result import result_lines

    console = Console(width=shutil.get_terminal_size((100, 24)).columns)
    number = 0
    for chunk in table.chunks(BATCH, CHARACTERS):
        scored = score_chunk(scorer.score_many, chunk)
        for row, result in zip(chunk.rows, scored.results, strict=True):
            number += 1
            if count != 1:
                console.rule(f"{number} of {count}" if count else row.place, align="left")
            if result is not None:
                console.print(result_lines(result))
                if explain:
                    console.print(explanation_lines(result.explain()))
        errors = tuple(error for error in scored.errors if error is not None)
        yield Part(b"", len(chunk.rows), len(errors), chunk.fraction, errors)


def _with_progress(parts: Iterable[Part]) -> Iterator[Part]:
    """Show how far it is, rows per second and the time that remains."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.progress import TaskProgressColumn as Percent

    rate = TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f}/s")
    columns = (BarColumn(), Percent(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0, rows=0, rate=0.0)
        rows = fresh = 0
        for part in parts:
            rows += part.rows
            if part.data:
                fresh += part.rows
            else:  # done by a run before: says nothing of the speed
                progress.reset(task)
            seconds = progress.tasks[0].elapsed or 0
            rate_now = fresh / seconds if seconds else 0.0
            progress.update(task, completed=part.fraction, rows=rows, rate=rate_now)
            yield part
