"""``treernn score``: the sentiment of texts, phrase by phrase."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from treernn import outputs
from treernn.classes import PLACES
from treernn.cli import choices, reading
from treernn.cli.choices import TREE
from treernn.cli.device import chosen_device
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
from treernn.cli.score_many import find_files, ray_cluster, score_files, this_machine
from treernn.cli.score_one import open_input, score_one
from treernn.errors import InputError
from treernn.scoring import formats
from treernn.scoring.entries import LEVELS, Detail
from treernn.scoring.rows import MAX_CHARACTERS
from treernn.scoring.settings import Settings, TableOptions
from treernn.scoring.target_names import target_names
from treernn.stores import place, without_scheme
from treernn.tables.open import FORMATS
from treernn.tables.source import is_stream

MOST_JOBS = 256  # each takes some 500 MB

if TYPE_CHECKING:
    InputFormat: TypeAlias = str
    OutputFormat: TypeAlias = str
    Level: TypeAlias = str
    Classes: TypeAlias = str
    Engine: TypeAlias = str
else:
    InputFormat = StrEnum("InputFormat", {name: name for name in FORMATS})
    OutputFormat = StrEnum("OutputFormat", {name: name for name in (TREE, *formats.FORMATS)})
    Level = StrEnum("Level", {name: name for name in LEVELS})
    Engine = StrEnum("Engine", {"ray": "ray"})
    Classes = StrEnum("Classes", {str(number): str(number) for number in PLACES})


def score(
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Texts, or a file, or - for standard input, which is the default. Or many files, "
            "with -o: folders, patterns such as '**/*.csv', names. Also s3:// and gs://."
        ),
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
    output: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="PATH",
            help="Output file, whose ending sets the format; of many files a folder. Also s3:// "
            "and gs://.",
        ),
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
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="K/N",
            help="Of many files score only those of the process K of N, from 1.",
            show_default="all",
        ),
    ] = None,
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
            show_default="one per core for a large file, otherwise 1; of a cluster all its cores",
        ),
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(
            help="Score many files on a cluster: ray, see --address.",
            show_default="processes of this machine",
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Of the Ray cluster; auto for the one that this machine is in.",
            show_default="one on this machine, for this job",
        ),
    ] = None,
) -> None:
    """Score texts phrase by phrase, or the rows of a file.

    Without -o the results are printed. Exit status 1 if a text could not be scored.
    """
    if as_json:
        if format not in (None, "json"):
            raise InputError(f"--json is --format json, not {format}; give one of them")
        format = "json"
    given = [*map(without_scheme, texts or [])]
    file = None if file is None else without_scheme(file)
    output = None if output is None else without_scheme(output)
    out = None if output is None else place(output)
    part_of = choices.shard(shard)
    many = choices.many_inputs(given, file, output)
    texts = given if file is not None else reading.texts_or_input(given)
    for_files = {"--column": column, "--input-format": input_format, "--delimiter": delimiter}
    as_rows = input_format is not None or delimiter is not None
    if many is None:
        if shard is not None:
            raise InputError("--shard is for many files: a folder, a pattern, or several names")
        path = choices.input_path(texts, file, for_files, as_rows)
        reading.check_output(out, path)
        format = choices.output(format, path, out, level, not (no_phrases or no_texts))
    else:
        path = many[0]
        format = choices.output_of_many(format, least_sure)
    choices.check_engine(engine, address, many, part_of)
    choices.check_detail(format, level, explain, not no_phrases, not no_texts)
    choices.check_targets(format, target, target_column, path)
    choices.check_tasks(format, least_sure, labeling_config)
    reading.check_output(labeling_config, path, out)
    if escape_formulas and format not in ("csv", "tsv"):
        raise InputError("--escape-formulas is for CSV and TSV")
    choices.check_prefix(prefix)
    stream = many is None and path is not None and is_stream(path)
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

    options = TableOptions(column or "text", input_format, max_chars, encoding, delimiter)
    base, inputs = "", None
    if many is not None:
        base, inputs = find_files(many, output or "", format, input_format, part_of)
    size = choices.size_of(path) if inputs is None else sum(each.size for each in inputs)

    live = stream and (out is None or (to_stream and format not in formats.BINARY))
    from treernn.scoring.lexicon.files import lexicon_of

    words = lexicon_of(model, lexicon, domain)
    formats.check_lexicon(format, words)
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
    settings = Settings(
        *(model, device, parser, precision, format, ("text",), prefix, detail),
        newline_ends_sentence=newline_ends_sentence,
        lexicon=words,
    )
    # What is wrong with a table is said before torch is imported, which takes seconds.
    with open_input(path if inputs is None else None, options, settings) as (table, settings):
        import torch

        from treernn import memory
        from treernn.models.device import AUTO

        # A GPU takes longer to start than a few texts take.
        if engine is not None:  # whose machines may have others than this one
            device = "cpu" if device == AUTO else device
        else:
            device = str(chosen_device("cpu" if path is None and device == AUTO else device))
        settings = replace(settings, device=device)
        # Two threads save a seventh of the time of a text, but triple it on a busy machine.
        torch.set_num_threads(1)
        memory.keep_few_kernels()
        # The others need the classifier itself.
        sharing = device != "cpu" and words is None and (target, target_column) == (None, None)
        processes = jobs or (choices.processes(size, format) if sharing or device == "cpu" else 1)
        processes = 1 if live else processes
        if inputs is None:
            how = (resume, live, explain, processes, sharing)
            all_scored = score_one(texts, path, table, out, options, settings, *how)
        else:
            scored_by = this_machine(processes, sharing)
            if engine is not None:
                scored_by = ray_cluster(address, jobs)
            all_scored = score_files(
                base, inputs, output or "", options, settings, resume, scored_by
            )
    if labeling_config is not None:
        from treernn.files import atomic_write
        from treernn.scoring import label_studio

        with atomic_write(labeling_config) as temporary:
            temporary.write_text(
                label_studio.labeling_config(int(classes), level, detail.targets is not None),
                "utf-8",
            )
    if not all_scored:
        raise typer.Exit(1)
