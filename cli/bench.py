"""``treernn bench``: speed and accuracy compared with alternatives."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs
from treernn.cli.command import Command
from treernn.cli.device import chosen_device
from treernn.cli.options import AsJson, ChosenModel, Device, Precision, Treebank
from treernn.cli.terminal import print_report

app = typer.Typer(
    name="bench", help="Measure speed and accuracy.", no_args_is_help=True, rich_markup_mode=None
)


class HeldOut(StrEnum):
    """Parts of data sets that no model is trained on."""

    dev = "dev"
    test = "test"


Repeats = Annotated[int, typer.Option(min=1, help="Steps per measurement.")]


Models = Annotated[
    list[str] | None,
    typer.Option(
        callback=inputs.sentiment_model,
        help="Folder of a sentiment model; small, medium, large; or hf://user/name; repeatable.",
        show_default="small",
    ),
]


@app.callback()
def options() -> None:
    """Measure speed on this machine."""


@app.command(cls=Command)
def engine(
    cell: Annotated[
        str, typer.Option(help="The cell to compare with DGL: lstm, gru or elman.")
    ] = "lstm",
    repeats: Repeats = 20,
    data: Treebank = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Speed of each cell, relative to matrix products and DGL.

    Only one cell is compared with DGL. On a GPU it is compared with its definition, differentiated
    by torch.
    """
    from treernn.studies.benchmarks.engine import bench

    print_report(bench(cell, repeats, data, chosen_device(device)), as_json)


@app.command(cls=Command)
def chain(
    cell: Annotated[str, typer.Option(help="lstm, gru or elman.")] = "lstm",
    repeats: Repeats = 20,
    data: Treebank = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Speed of chains, relative to torch's LSTM, GRU and RNN.

    Torch's layers run on packed sequences; on a GPU they are those of cuDNN.
    """
    from treernn.studies.benchmarks.chain import bench

    print_report(bench(cell, repeats, data, chosen_device(device)), as_json)


@app.command(cls=Command)
def score(
    model: ChosenModel = "small",
    precision: Precision = "float32",
    data: Treebank = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Speed from raw text to JSON lines.

    Each stage, a file, one text, and a cold start are measured.
    """
    from treernn.studies.benchmarks.score import bench

    where = str(chosen_device(device))
    print_report(bench(data, model=model, precision=precision, device=where), as_json)


@app.command(cls=Command)
def gpu(data: Treebank = None, device: Device = "auto", as_json: AsJson = False) -> None:
    """All speeds of a GPU in some minutes.

    Trees, chains, a scored file, and the start of a training are measured. With --device cpu the
    same in a small size, which shows that all works.
    """
    from treernn.studies.benchmarks.gpu import bench

    report = bench(chosen_device(device), data, lambda part: typer.echo(part, err=True))
    print_report(report, as_json)


@app.command(cls=Command)
def documents(
    model: ChosenModel = "small",
    data: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.data_set("reviews"),
            help="Data: movie reviews, polarity 2.0, archive or folder.",
            show_default="found in TREERNN_DATA, or downloaded",
        ),
    ] = None,
    precision: Precision = "float32",
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Accuracy on whole reviews.

    Several ways to combine the predictions for the sentences are compared.
    """
    from treernn.studies.benchmarks.documents import bench

    print_report(bench(model, data, str(chosen_device(device)), precision), as_json)


@app.command(cls=Command)
def domains(
    model: Models = None,
    split: Annotated[
        HeldOut, typer.Option(help="Part of each data set: dev or test.")
    ] = HeldOut.test,
    data: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Data: folder with the data sets.",
            show_default="the folder that TREERNN_DATA names",
        ),
    ] = None,
    device: Device = "auto",
    precision: Precision = "float32",
    as_json: AsJson = False,
) -> None:
    """Accuracy on texts of several kinds, beside VADER.

    Sentences and whole reviews of films, sentences of product reviews, lists of pros and cons,
    sentences about restaurants, tweets. The files of the data sets come from the folder that
    TREERNN_DATA names; those that are not there are left out.
    """
    from treernn.studies.benchmarks.domains import bench

    where = str(chosen_device(device))
    print_report(bench(model or ["small"], split.value, data, where, precision), as_json)


@app.command(cls=Command)
def aspects(
    model: ChosenModel = "small",
    data: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Data: folder with the data sets.",
            show_default="the folder that TREERNN_DATA names",
        ),
    ] = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Precision and recall of the aspects found in reviews.

    Features of five products, marked by hand (Hu and Liu 2004), and terms in sentences about
    restaurants (MAMS, validation). A data set that is not there is left out.
    """
    from treernn.studies.benchmarks.aspects import bench

    print_report(bench(model, data, str(chosen_device(device))), as_json)


@app.command(cls=Command)
def constructions(
    model: Models = None,
    count: Annotated[int, typer.Option(min=5, help="Texts of each construction.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Other texts for another number.")] = 0,
    device: Device = "auto",
    precision: Precision = "float32",
    as_json: AsJson = False,
) -> None:
    """Accuracy by construction, such as negation and wishes.

    Also comparisons, idiom, ratings and so on, and how often a word for a group of people changes
    the class. The texts are made from patterns that the models of this package are not trained on.
    """
    from treernn.studies.benchmarks.constructions import bench

    where = str(chosen_device(device))
    print_report(bench(model or ["small"], count, seed, where, precision), as_json)


@app.command("all", cls=Command)
def everything(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder of earlier results, such as docs/record, to compare with and to add to; "
            "fewer correct predictions are an error, and less speed is a warning.",
        ),
    ] = None,
    data: Treebank = None,
    as_json: AsJson = False,
) -> None:
    """Regression test: accuracy and speed of this version.

    For those who change treernn; it takes some minutes. Correct predictions of the included models
    are counted on the dev part of the SST and on texts made from patterns; a model whose encoder
    is not on this machine is left out. Speeds are relative to matrix products or torch's LSTM,
    which are timed in turns with what is measured.
    """
    from treernn.outputs import folder_of
    from treernn.studies.record.bench import measure, report
    from treernn.studies.record.comparison import falls, slower
    from treernn.studies.record.records import read_records, write_record

    earlier = [] if out is None else read_records(folder_of(out))
    record = measure(data, lambda part: typer.echo(part, err=True))
    print_report(report(record), as_json)
    for line in slower(record, earlier):
        typer.echo(f"warning: slower: {line}", err=True)
    if fewer := falls(record.accuracy, earlier):
        for line in fewer:
            typer.echo(f"error: {line}", err=True)
        accepted = f"treernn bench all --json > {out}/{record.name}"
        typer.echo(f"no record is written; to accept fewer right answers: {accepted}", err=True)
        raise typer.Exit(1)
    if out is not None:
        typer.echo(write_record(record, out), err=True)
