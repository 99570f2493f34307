"""``treernn reproduce``: the published tables of the SST, trained and evaluated again."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs
from treernn.cli.device import chosen_device
from treernn.cli.failures import report
from treernn.cli.options import Device, Treebank
from treernn.cli.terminal import comma_separated, interruptible, print_table
from treernn.errors import TreernnError
from treernn.printing import shown


def reproduce(
    rows: Annotated[
        str | None, typer.Option(help="Some of the rows, separated by commas.", show_default="all")
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(help="Runs of each row and task.", min=1, show_default="5, or 1 with --quick"),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Number of processes, one run each.", min=1)] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            *("--out", "-o"),
            help="Folder of runs, models and report.",
            show_default="results, or results-quick with --quick",
        ),
    ] = None,
    data: Treebank = None,
    vectors: Annotated[
        str | None,
        typer.Option(
            callback=inputs.data_set("glove"),
            help="Word vectors in GloVe's text format.",
            show_default="GloVe, found in TREERNN_DATA, or downloaded",
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Three rows, one seed, a smaller treebank: five minutes."),
    ] = False,
    device: Device = "auto",
) -> None:
    """Train the models of two papers and compare accuracies.

    Each is trained with several seeds, and compared with the published accuracy. The papers are
    Socher et al. 2013, Table 1, and Tai et al. 2015, Table 2.

    Rows: nb, svm, binb, vecavg, vecavg-tanh, rnn, mv-rnn, rntn, lstm, bilstm, lstm-2, bilstm-2,
    dependency, constituency-random, constituency-fixed, constituency-tuned, fold, tree-gru,
    bidirectional-tree, constituency-distilled, ensemble, encoder-sentences, encoder-phrases,
    encoder-frozen-tree, encoder-tree.

    --out receives a JSON file of each run, the models, and a report in Markdown. If stopped, the
    same command resumes; rows and seeds may be added.
    """
    from treernn.studies.reproduction.report import check_installed, write_report
    from treernn.studies.reproduction.reproduce import QUICK_ROWS, Source, reproduce, runs_of
    from treernn.studies.reproduction.rows import ROWS

    check_installed()
    names = tuple(QUICK_ROWS if quick else ROWS) if rows is None else comma_separated(rows)
    runs = runs_of(names, seeds or (1 if quick else 5))
    folder = out or Path("results-quick" if quick else "results")
    where = str(chosen_device(device))
    source = Source(str(data) if data else None, vectors, folder, quick, where)
    if quick:
        print("a smaller treebank and fewer epochs: accuracies are lower than in a full run")
    failed = False
    with interruptible(folder):
        for number, (run, result) in enumerate(reproduce(runs, source, jobs), 1):
            if isinstance(result, TreernnError):
                failed = True
                report(f"{number}/{len(runs)} {run.name}: {result}")
            else:
                five, binary, seconds = (
                    result.figures.get(name) for name in ("root_five", "root_binary", "seconds")
                )
                print(
                    f"{number}/{len(runs)} {run.row}, {run.task}, seed {run.seed}: test root "
                    f"{five} %, binary {binary} %, {seconds:.0f} s",
                    flush=True,
                )
    table, path = write_report(folder, shlex.join(["treernn", *sys.argv[1:]]))
    print_table(table)
    print(f"report: {shown(str(path))}")
    if failed:
        raise typer.Exit(1)
