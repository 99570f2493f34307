"""``treernn train-parser``: a parser learnt from the brackets of a treebank."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from treernn.cli.options import (
    Device,
    Encoder,
    Epochs,
    Seed,
    SettingsFile,
    Treebank,
    Tuning,
    Vectors,
    Words,
)
from treernn.cli.parser_training import new_parser, parser_settings
from treernn.cli.training import interruptible, show


def train_parser(
    out: Annotated[Path, typer.Option(help="Folder for the parser; an unfinished run goes on.")],
    data: Treebank = None,
    vectors: Vectors = None,
    words: Words = None,
    encoder: Encoder = None,
    tuning: Tuning = None,
    settings: SettingsFile = None,
    epochs: Epochs = None,
    seed: Seed = None,
    device: Device = "cpu",
) -> None:
    """Train a parser on the trees of a treebank, their labels left aside.

    The folder gets the parser of the epoch with the best bracket F1 on the development trees (on an
    encoder, of the last epoch), and metrics.jsonl with a line for each epoch. Parse with it by
    treernn parse --parser FOLDER.
    """
    given = {name: value for name, value in locals().items() if value is not None}
    with interruptible(out):
        from treernn.corpora import sst
        from treernn.models.device import usable_device
        from treernn.training import parser

        where = usable_device(device)
        chosen = parser_settings(given)
        train, dev = sst.load("train", data), sst.load("dev", data)
        model = new_parser(chosen, train, given).to(where)
        show(out, partial(parser.train_parser, model, train, dev, chosen, out))
