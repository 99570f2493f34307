"""``treernn bench``: how fast it is, beside what else there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import AsJson, ChosenModel, Precision, Treebank

if TYPE_CHECKING:
    from treernn.studies.benchmarks.common import Report

app = typer.Typer(
    name="bench", help="Measure speed on this machine.", no_args_is_help=True, rich_markup_mode=None
)


Repeats = Annotated[int, typer.Option(min=1, help="Steps of each kind in each row.")]


@app.callback()
def options() -> None:
    """Measure speed on this machine."""


@app.command()
def engine(
    cell: Annotated[
        str, typer.Option(help="Which cell has DGL beside it: lstm, gru or elman.")
    ] = "lstm",
    repeats: Repeats = 20,
    data: Treebank = None,
    as_json: AsJson = False,
) -> None:
    """Every cell beside the bare matrix products, one beside DGL's own propagation too."""
    from treernn.studies.benchmarks.engine import bench

    _print(bench(cell, repeats, data), as_json)


@app.command()
def chain(
    cell: Annotated[str, typer.Option(help="lstm, gru or elman.")] = "lstm",
    repeats: Repeats = 20,
    data: Treebank = None,
    as_json: AsJson = False,
) -> None:
    """The engine's chains beside torch's own layers on packed sequences."""
    from treernn.studies.benchmarks.chain import bench

    _print(bench(cell, repeats, data), as_json)


@app.command()
def score(
    model: ChosenModel = "small",
    precision: Precision = "float32",
    data: Treebank = None,
    as_json: AsJson = False,
) -> None:
    """Raw text to JSON lines: each stage, a whole file, one text, and a cold start."""
    from treernn.studies.benchmarks.score import bench

    _print(bench(data, model=model, precision=precision), as_json)


@app.command()
def documents(
    model: ChosenModel = "small",
    data: Annotated[
        Path | None, typer.Option(help="Movie reviews, polarity 2.0: archive or folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How well whole reviews are told apart, and by which way to combine their sentences."""
    from treernn.studies.benchmarks.documents import bench

    _print(bench(model, data), as_json)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.values, indent=1))
        return
    from rich.console import Console

    Console().print(report.table)
