"""``treernn reproduce``: the published tables of the SST, trained and measured anew."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from treernn.cli.options import Treebank
from treernn.errors import TreernnError


def reproduce(
    rows: Annotated[
        str | None, typer.Option(help="Some of the rows, with commas between; else all.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Runs of each row and task; 5 unless told.", min=1)
    ] = None,
    jobs: Annotated[int, typer.Option(help="Runs at a time, one process each.", min=1)] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of runs, models and report; results or results-quick if not."),
    ] = None,
    data: Treebank = None,
    vectors: Annotated[
        str | None, typer.Option(help="Word vectors in GloVe's text format; else GloVe, fetched.")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Three rows, one seed, a smaller treebank: five minutes."),
    ] = False,
) -> None:
    """Train and test the rows of Socher et al. 2013, table 1, and Tai et al. 2015, table 2, with
    several seeds, and set them beside the published figures.

    Rows: nb, svm, binb, vecavg, vecavg-tanh, rnn, mv-rnn, rntn, lstm, bilstm, lstm-2, bilstm-2,
    dependency, constituency-random, constituency-fixed, constituency-tuned, fold, tree-gru,
    bidirectional-tree, constituency-distilled, ensemble, encoder-sentences, encoder-phrases,
    encoder-frozen-tree, encoder-tree.

    --out gets a JSON file of each run, the models, and the report in Markdown. Stopped
    and started again with the same options, it goes on where it was; rows and seeds may be added.
    """
    from treernn.studies.reproduction.reproduce import QUICK_ROWS, Source, reproduce, runs
    from treernn.studies.reproduction.rows import ROWS
    from treernn.studies.reproduction.write import check_folder, check_installed, write_report

    check_installed()
    chosen = QUICK_ROWS if quick else tuple(ROWS)
    if rows is not None:
        chosen = tuple(part.strip() for part in rows.split(",") if part.strip())
    out = out or Path("results-quick" if quick else "results")
    wanted = runs(chosen, seeds or (1 if quick else 5))
    check_folder(out)
    source = Source(str(data) if data is not None else None, vectors, quick)
    if quick:
        print("a smaller treebank and fewer epochs: the figures are lower than those of a full run")
    told = _Told(len(wanted))
    try:
        reproduce(wanted, source, out, jobs, told)
    except KeyboardInterrupt:
        print(
            "treernn: stopped; the same command goes on after the last whole epoch",
            file=sys.stderr,
        )
        raise typer.Exit(130) from None
    from rich.console import Console

    table, report = write_report(out, shlex.join(["treernn", *sys.argv[1:]]))
    console = Console()
    (console if console.is_terminal else Console(width=180)).print(table)
    print(f"report: {report}")
    if told.failed:
        raise typer.Exit(1)


class _Told:
    """A line for each run that is done."""

    def __init__(self, runs: int) -> None:
        self.runs, self.done, self.failed = runs, 0, 0

    def __call__(self, run: Any, found: dict[str, Any] | TreernnError) -> None:
        self.done += 1
        if isinstance(found, TreernnError):
            self.failed += 1
            print(f"treernn: {self.done}/{self.runs} {run.name}: {found}", file=sys.stderr)
            return
        root = found["test"]["root"]
        print(
            f"{self.done}/{self.runs} {found['row']}, {found['task']}, seed {found['seed']}: test "
            f"root {root['five']} %, binary {root['binary']} %, {found['seconds']:.0f} s",
            flush=True,
        )
