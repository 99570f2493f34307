"""``treernn compare``: chains and trees trained under equal conditions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from treernn.cli.device import chosen_device
from treernn.cli.options import AsJson, Device, Treebank, Vectors
from treernn.cli.terminal import comma_separated, interruptible, print_report
from treernn.errors import InputError


def compare(
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Folder of the models; existing ones are used."),
    ] = Path("compared"),
    models: Annotated[
        str | None,
        typer.Option(help="Some of the models, separated by commas.", show_default="all"),
    ] = None,
    seeds: Annotated[str, typer.Option(help="Random seeds, separated by commas.")] = "1",
    epochs: Annotated[int, typer.Option(help="Maximum number of epochs.")] = 8,
    hidden_size: Annotated[
        int, typer.Option(help="Hidden size of the Tree-LSTM; the others get as many weights.")
    ] = 150,
    data: Treebank = None,
    vectors: Vectors = None,
    words: Annotated[
        int, typer.Option(help="Number of word vectors, the most frequent ones.", min=0)
    ] = 50_000,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Train chains and trees under equal conditions.

    Chains may be stacked and bidirectional. One table of all models is printed.

    Models: chain-elman, chain-gru, chain-lstm, stacked-lstm, bidirectional-lstm,
    stacked-bidirectional-lstm, tree-elman, tree-gru, tree-lstm, tree-child-sum-lstm. If stopped,
    the same command resumes; seeds and models may be added.
    """
    from treernn.corpora.sst import load_splits
    from treernn.studies.compare import MODELS, Settings, compare
    from treernn.training.build import read_vectors

    names = tuple(MODELS) if models is None else comma_separated(models)
    numbers = tuple(map(_seed, comma_separated(seeds)))
    settings = Settings(names, numbers, epochs, hidden_size, words)
    with interruptible(out):
        where = chosen_device(device)
        trees, known = load_splits(data), read_vectors(vectors)
        print_report(compare(trees, known, settings, out, _print_epoch, where), as_json)


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"seed {text!r} is not a whole number; expected for example 1,2") from None


def _print_epoch(model: str, seed: int, metrics: dict[str, Any]) -> None:
    print(
        f"{model}, seed {seed}, epoch {metrics['epoch']}: loss {metrics['loss']:.3f}, dev root "
        f"{metrics['dev_root']:.2f} %, all nodes {metrics['dev_all']:.2f} %, "
        f"{metrics['seconds']:.0f} s",
        file=sys.stderr,
    )
