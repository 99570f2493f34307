"""``treernn score``: the sentiment of texts, phrase by phrase."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

import treernn
from treernn import outputs
from treernn.classes import PLACES
from treernn.cli import choices, reading
from treernn.cli.choices import TREE
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
from treernn.cli.printed import draw_trees, print_parts
from treernn.cli.progress import with_progress
from treernn.errors import InputError
from treernn.scoring import formats
from treernn.scoring.entries import LEVELS, Detail
from treernn.scoring.rows import MAX_CHARACTERS, Chunk, text_rows
from treernn.scoring.settings import Settings, TableOptions
from treernn.scoring.target_names import target_names
from treernn.tables.open import FORMATS
from treernn.tables.source import is_stream

if TYPE_CHECKING:
    from treernn.scoring.job import Part

MOST_JOBS = 256  # each takes some 500 MB
BATCH_ROWS, BATCH_CHARACTERS = 64, 50_000
"""Texts scored together when they are printed."""

if TYPE_CHECKING:
    InputFormat: TypeAlias = str
    OutputFormat: TypeAlias = str
    Level: TypeAlias = str
    Classes: TypeAlias = str
else:
    InputFormat = StrEnum("InputFormat", {name: name for name in FORMATS})
    OutputFormat = StrEnum("OutputFormat", {name: name for name in (TREE, *formats.FORMATS)})
    Level = StrEnum("Level", {name: name for name in LEVELS})
    Classes = StrEnum("Classes", {str(number): str(number) for number in PLACES})


def score(
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="Texts, or a file, or - for standard input, which is the default."),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            "-f",
            help="A file: CSV, TSV, JSON, JSONL, Parquet, Excel, or a text per line.",
        ),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Column of the file with the texts.", show_default="text")
    ] = None,
    input_format: Annotated[
        InputFormat | None,
        typer.Option(
            help="Format of the file; standard input has rows then.",
            show_default="by the file's ending",
        ),
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Output file; its ending sets the format.")
    ] = None,
    format: Annotated[
        OutputFormat | None,
        typer.Option(help="How to print or write.", show_default="coloured trees"),
    ] = None,
    level: Annotated[
        Level, typer.Option(help="What a row of output is, in formats with columns.")
    ] = "review",
    classes: Annotated[
        Classes,
        typer.Option(help="5; 3: negative, neutral, positive; or 2: negative, positive."),
    ] = "5",
    target: Annotated[
        str | None,
        typer.Option(help="Also the sentiment toward this: words of the texts, such as battery."),
    ] = None,
    target_column: Annotated[
        str | None,
        typer.Option(help="The same, of the words in this column of the file, row by row."),
    ] = None,
    no_phrases: Annotated[
        bool, typer.Option("--no-phrases", help="Leave the trees out of JSON.")
    ] = False,
    no_texts: Annotated[
        bool,
        typer.Option("--no-texts", help="In JSON, give the places of phrases, not their texts."),
    ] = False,
    as_json: AsJson = False,
    escape_formulas: Annotated[
        bool,
        typer.Option("--escape-formulas", help="In CSV, put an apostrophe before formulas."),
    ] = False,
    prefix: Annotated[str, typer.Option(help="Prefix of the names of the added columns.")] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a job with -o that was killed.")
    ] = False,
    max_chars: Annotated[
        int, typer.Option(min=1, help="Do not score longer texts.")
    ] = MAX_CHARACTERS,
    explain: Annotated[
        bool, typer.Option("--explain", help="Name the phrases that decided the label.")
    ] = False,
    newline_ends_sentence: Annotated[
        bool, typer.Option("--newline-ends-sentence", help="Each line of a text is a sentence.")
    ] = False,
    least_sure: Annotated[
        int,
        typer.Option(
            min=0,
            help="Write only this many tasks for people: those where the model is least sure.",
            show_default="all",
        ),
    ] = 0,
    labeling_config: Annotated[
        Path | None,
        typer.Option(help="Write the labeling interface for Label Studio to this XML file."),
    ] = None,
    lexicon: OwnLexicon = None,
    domain: Domain = None,
    model: ChosenModel = "small",
    parser: ChosenParser = "embedded",
    device: Device = "auto",
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
    """Print the sentiment of texts, phrase by phrase, or add it to the rows of a file.

    Exit status 1 if a text could not be scored.
    """
    if as_json:
        if format not in (None, "json"):
            raise InputError(f"--json is --format json, not {format}; give one of them")
        format = "json"
    given = texts or []
    texts = given if file is not None else reading.texts_or_input(texts)
    for_files = {"--column": column, "--input-format": input_format, "--delimiter": delimiter}
    as_rows = input_format is not None or delimiter is not None
    path = choices.input_path(texts, file, for_files, as_rows)
    reading.check_output(out, path)
    format = choices.output(format, path, out, level, not (no_phrases or no_texts))
    choices.check_detail(format, level, explain, not no_phrases, not no_texts)
    choices.check_targets(format, target, target_column, path)
    choices.check_tasks(format, least_sure, labeling_config)
    reading.check_output(labeling_config, path, out)
    if escape_formulas and format not in ("csv", "tsv"):
        raise InputError("--escape-formulas is for CSV and TSV")
    choices.check_prefix(prefix)
    stream = path is not None and is_stream(path)
    to_stream = out is not None and outputs.is_stream(out)
    if resume and (out is None or path is None or stream):
        raise InputError("--resume needs an input file and -o")
    if resume and to_stream:
        raise InputError(f"{out}: not a file that could be resumed, leave out --resume")
    if jobs is not None and (path is None or stream or format == TREE):
        raise InputError("--jobs needs an input file, not a pipe, and another format than trees")
    if path is None:
        texts = [reading.standard_input(encoding) if text == "-" else text for text in texts]
        if not given and not texts[0].strip():
            raise InputError("nothing to score; pass a text, - for standard input, or --file")

    import torch

    from treernn import memory, workers
    from treernn.models.device import AUTO
    from treernn.scoring import job
    from treernn.scoring.lexicon.files import lexicon_of
    from treernn.scoring.stream import without_delay
    from treernn.scoring.table import open_to_score, part_scorers, writer_of

    # A GPU takes longer to start than a few texts take.
    device = str(chosen_device("cpu" if path is None and device == AUTO else device))
    # Two threads save a seventh of the time of a text, but triple it on a busy machine.
    torch.set_num_threads(1)
    memory.keep_few_kernels()
    live = stream and (out is None or (to_stream and format not in formats.BINARY))
    words = lexicon_of(model, lexicon, domain)
    formats.check_lexicon(format, words)
    # The others need the classifier itself.
    sharing = device != "cpu" and words is None and (target, target_column) == (None, None)
    processes = jobs or (choices.processes(path, format) if sharing or device == "cpu" else 1)
    processes = 1 if live else processes
    detail = Detail(
        level,
        explain=explain and format != TREE,
        phrases=not no_phrases,
        texts=False if no_texts else None,
        escape_formulas=escape_formulas,
        classes=int(classes),
        targets=target_names(target, target_column),
        model=Path(model).name if format in formats.TASKS else "",
        least_sure=least_sure,
    )
    options = TableOptions(column or "text", input_format, max_chars, encoding, delimiter)
    settings = Settings(
        *(model, device, parser, precision, format, ("text",), prefix, detail),
        newline_ends_sentence=newline_ends_sentence,
        lexicon=words,
    )
    added = formats.added_columns(format, prefix, detail)
    chunks: Iterable[Chunk]
    parts: Iterable[Part]
    with ExitStack() as stack:
        if path is None:
            chunks = [Chunk(text_rows(texts, max_chars), 1.0)]
        else:
            table, settings = stack.enter_context(open_to_score(path, options, settings))
            if added and settings.detail.own:
                own = " and ".join(prefix + name for name in settings.detail.own)
                another = "another --prefix" if prefix else "--prefix"
                report(f"{path}: has {own} already, so none is added; {another} keeps both")
            limits = (job.PART_ROWS, job.PART_CHARACTERS) if out else (BATCH_ROWS, BATCH_CHARACTERS)
            chunks = without_delay(table.rows) if live else table.chunks(*limits)
        parallel_map = stack.enter_context(workers.parallel_map(processes))
        scorer = treernn.load(
            model, device, parser, precision, newline_ends_sentence, int(classes), words
        )
        if format == TREE:
            alone = texts if path is None else None
            parts = draw_trees(scorer, chunks, alone, explain, settings.detail)
        else:
            writer = writer_of(settings, scorer.classifier)
            scorers = stack.enter_context(part_scorers(scorer, processes, sharing))
            del scorer
            score_part = scorers(settings)
            compression = formats.split_compression(out)[1] if out else ""
            if out is None:
                parts = print_parts(parallel_map(score_part, chunks), writer)
            elif to_stream:
                parts = job.run_to_stream(
                    out, chunks, score_part, writer, compression, parallel_map
                )
            else:
                record = job.job_record(None if stream else path, settings, **asdict(options))
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
    if labeling_config is not None:
        from treernn.files import atomic_write
        from treernn.scoring import label_studio

        with atomic_write(labeling_config) as temporary:
            temporary.write_text(
                label_studio.labeling_config(int(classes), level, detail.targets is not None),
                "utf-8",
            )
    if failed:
        if added:
            if not_decodable:  # the same for many rows, and there is something to do
                report(not_decodable)
            message = f"{failed} of {rows} could not be scored, see {prefix}error"
            report(message)
        raise typer.Exit(1)
