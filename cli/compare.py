"""``treernn compare``: chains and trees beside each other, trained alike."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from treernn.cli.options import AsJson, Treebank, Vectors
from treernn.errors import InputError


class Task(StrEnum):
    """What can be compared."""

    sentiment = "sentiment"


def compare(
    task: Annotated[Task, typer.Option(help="What the models learn.")] = Task.sentiment,
    out: Annotated[
        Path, typer.Option(help="Folder for the models, one folder each; what is there is used.")
    ] = Path("compared"),
    models: Annotated[
        str | None, typer.Option(help="Some of the models, with commas between; else all.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="One run each, with commas between.")] = "1",
    epochs: Annotated[int, typer.Option(help="Passes over the trees at most.")] = 8,
    hidden_size: Annotated[
        int, typer.Option(help="Of the Tree-LSTM; the others get as many weights.")
    ] = 150,
    data: Treebank = None,
    vectors: Vectors = None,
    words: Annotated[
        int, typer.Option(help="How many of the most frequent word vectors to keep.", min=0)
    ] = 50_000,
    as_json: AsJson = False,
) -> None:
    """Train chains, stacked and bidirectional ones, and trees on the same terms; print one table.

    Models: chain-elman, chain-gru, chain-lstm, stacked-lstm, bidirectional-lstm,
    stacked-bidirectional-lstm, tree-elman, tree-gru, tree-lstm, tree-child-sum-lstm. Stopped and
    started again with the same options, it goes on after the last whole epoch; more seeds or
    models join those that are there.
    """
    from treernn.corpora import glove
    from treernn.studies.compare import KINDS, Settings, compare, sst_data

    settings = Settings(
        models=tuple(KINDS) if models is None else tuple(_parts(models)),
        seeds=tuple(_number(part) for part in _parts(seeds)),
        epochs=epochs,
        hidden_size=hidden_size,
        words=words,
    )
    assert task is Task.sentiment
    try:
        found = sst_data(data)
        known = None
        if vectors != "none":
            known = glove.read(glove.fetch(vectors), progress=True)
        result = _shown(compare, found, known, settings, out)
    except KeyboardInterrupt:
        print(
            "treernn: stopped; the same command goes on after the last whole epoch",
            file=sys.stderr,
        )
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(result.to_dict(), indent=1))
        return
    from rich.console import Console

    console = Console()
    # Into a file the table goes as wide as it is.
    (console if console.is_terminal else Console(width=180)).print(result.to_table())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"seed {text!r} is no whole number; expected such as 1,2") from None


def _shown(compare: Any, data: Any, vectors: Any, settings: Any, out: Path) -> Any:
    """Compare, with a bar for each epoch and a line after it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("")

        def progress(model: str, seed: int, epoch: int, done: int, steps: int) -> None:
            about = f"{model}, seed {seed}, epoch {epoch}"
            bar.update(task, completed=done, total=steps, description=about)

        def report(model: str, seed: int, epoch: dict[str, Any]) -> None:
            bar.print(
                f"{model}, seed {seed}, epoch {epoch['epoch']}: loss {epoch['loss']:.3f}, dev root "
                f"{epoch['dev_root']:.2f} %, all nodes {epoch['dev_all']:.2f} %, "
                f"{epoch['seconds']:.0f} s",
                soft_wrap=True,
            )

        return compare(data, vectors, settings, out, progress, report)
