"""``treernn summarize``: what many reviews say about what, as one page."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from treernn import outputs
from treernn.cli import choices, inputs, reading
from treernn.cli.device import chosen_device
from treernn.cli.failures import report
from treernn.cli.options import (
    AsJson,
    ChosenModel,
    ChosenParser,
    Delimiter,
    Device,
    Domain,
    Encoding,
    OwnLexicon,
    Precision,
)
from treernn.cli.progress import tell_where, with_progress
from treernn.errors import InputError
from treernn.scoring.rows import MAX_CHARACTERS
from treernn.scoring.settings import TableOptions
from treernn.tables.open import FORMATS
from treernn.tables.source import is_stream

MOST_JOBS = 256  # each takes some 500 MB

if TYPE_CHECKING:
    InputFormat: TypeAlias = str
else:
    InputFormat = StrEnum("InputFormat", {name: name for name in FORMATS})


def summarize(
    file: Annotated[
        str,
        typer.Argument(
            help="File of reviews: CSV, TSV, JSON, JSONL, Parquet, Excel, or a text per line; or -."
        ),
    ],
    column: Annotated[str, typer.Option(help="Column with the texts.")] = "text",
    group: Annotated[
        str | None, typer.Option(help="Column of groups to compare, such as products.")
    ] = None,
    time: Annotated[str | None, typer.Option(help="Column of dates.")] = None,
    rating: Annotated[
        str | None, typer.Option(help="Column of the authors' ratings, such as stars.")
    ] = None,
    aspects: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="TOML or CSV of aspects and their names, instead of those that are found.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Report (.html, .md, .json), or all opinions (.parquet, .csv)."
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Title of the report.", show_default="the name of the file")
    ] = None,
    as_json: AsJson = False,
    input_format: Annotated[
        InputFormat | None,
        typer.Option(help="Format of the file.", show_default="by its ending"),
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a job with -o that was killed.")
    ] = False,
    max_chars: Annotated[
        int, typer.Option(min=1, help="Do not read longer texts.")
    ] = MAX_CHARACTERS,
    newline_ends_sentence: Annotated[
        bool, typer.Option("--newline-ends-sentence", help="Each line of a text is a sentence.")
    ] = False,
    lexicon: OwnLexicon = None,
    domain: Domain = None,
    model: ChosenModel = "small",
    parser: ChosenParser = "embedded",
    device: Device = "cpu",  # each process has models of its own
    precision: Precision = "float32",
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_JOBS,
            help="Processes.",
            show_default="one per core for a large file, otherwise 1",
        ),
    ] = None,
) -> None:
    """Summarize what many reviews praise and criticise.

    The summary quotes the sentences that say so. Without -o it is printed, in Markdown. Exit status
    1 if a review could not be read.
    """
    from treernn.opinions import files
    from treernn.opinions.find import knows_targets
    from treernn.opinions.listed import read_listed

    ending = ".json" if as_json else ".md"
    if out is not None:
        if as_json:
            raise InputError("--json prints JSON, leave out -o; or write a file, -o summary.json")
        ending = files.format_of(out)
    stream = is_stream(file)
    options = TableOptions(column, input_format, max_chars, encoding, delimiter)
    reading.check_output(out, file)
    to_file = out is not None and not outputs.is_stream(out)
    if resume and (stream or not to_file):
        raise InputError("--resume needs an input file and -o with a file")
    if jobs is not None and stream:
        raise InputError("--jobs needs an input file, not a pipe")
    if ending in (".html", ".htm") and time is not None:
        from treernn.opinions.report.chart import check_charts

        check_charts()
    listed = None if aspects is None else read_listed(aspects)

    import treernn
    from treernn import memory, workers
    from treernn.opinions.work import Settings, review_part
    from treernn.scoring import job
    from treernn.scoring.lexicon.files import lexicon_of

    wanted = files.Wanted(column, group, time, rating)
    with ExitStack() as stack:
        table = stack.enter_context(options.open(file))
        columns = files.find_columns(wanted, table.columns, file)
        columns = files.with_classes(columns, options, file)
        words = lexicon_of(model, lexicon, domain)

        import torch  # takes seconds, so when the rest is known to be right

        torch.set_num_threads(1)
        memory.keep_few_kernels()
        device = str(chosen_device(device))
        size = 0 if stream or device != "cpu" else choices.size_of(file)
        processes = 1 if stream else jobs or choices.processes(size, "html")
        parallel_map = stack.enter_context(workers.parallel_map(processes))
        scorer = treernn.load(
            model, device, parser, precision, newline_ends_sentence, lexicon=words
        )
        settings = Settings(
            *(model, device, parser, precision, newline_ends_sentence, columns, listed),
            known_targets=knows_targets(scorer),
            lexicon=words,
        )
        make_part = partial(review_part, scorer, settings) if processes == 1 else settings
        del scorer  # each process loads its own; this one has shown that it can be loaded
        chunks = table.chunks(job.PART_ROWS, job.PART_CHARACTERS)
        record = job.job_record(None if stream else file, settings, **asdict(options))
        name = title or ("Reviews" if file == "-" else Path(file).name.partition(".")[0])
        join = partial(
            files.write_summary, ending=ending, settings=settings, title=name or "Reviews"
        )
        if out is None or not to_file:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            written = Path(folder, f"summary{ending}")
        else:
            written = out
        parts = job.run(written, record, chunks, make_part, join, resume, parallel_map)
        if sys.stderr.isatty():
            parts = with_progress(parts)
        rows = failed = 0
        for part in parts:
            rows += part.rows
            failed += part.failed
        if out is None:
            print(written.read_text("utf-8"), end="")
        elif not to_file:
            with outputs.open_stream(out) as pipe, written.open("rb") as content:
                shutil.copyfileobj(content, pipe)
    if failed:
        report(f"{failed} of {rows} could not be read, see what the summary has left out")
    if to_file:
        tell_where(rows - failed, out)
    if failed:
        raise typer.Exit(1)
