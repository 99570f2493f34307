"""``treernn distil``: a small model that learns from larger ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from treernn.cli.options import (
    Anew,
    Column,
    Device,
    Encoder,
    Epochs,
    Gold,
    HiddenSize,
    MoreText,
    Seed,
    SettingsFile,
    Start,
    Treebank,
    Tuning,
    Vectors,
    Words,
)
from treernn.cli.training import (
    interruptible,
    new_sentiment,
    sentiment_settings,
    share_bar,
    show,
    with_start,
)

SETTINGS = ("encoder", "tuning", "hidden_size", "epochs", "seed")


def distil(
    teachers: Annotated[
        list[str], typer.Argument(help="Folders of sentiment models; or small, medium.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the student; an unfinished run goes on.")],
    text: MoreText = None,
    column: Column = "text",
    gold: Gold = 0.5,
    temperature: Annotated[
        float, typer.Option(help="Above 1, teachers are taken to be less sure.")
    ] = 1.0,
    anew: Anew = 1.0,
    data: Treebank = None,
    start: Start = None,
    vectors: Vectors = None,
    words: Words = None,
    encoder: Encoder = None,
    tuning: Tuning = None,
    settings: SettingsFile = None,
    hidden_size: HiddenSize = None,
    epochs: Epochs = None,
    seed: Seed = None,
    device: Device = "cpu",
) -> None:
    """Train a model on what other models say of every phrase, beside the labels.

    It learns from the Stanford Sentiment Treebank and from the sentences of --text, which the
    embedded parser parses; the teachers' distributions are averaged, and kept in the folder
    OUT/teachers, so that they are asked once. All else is as treernn train does it.
    """
    given = {name: value for name, value in locals().items() if value is not None}
    with interruptible(out):
        from treernn.models.device import usable_device
        from treernn.models.pretrained import PARSER
        from treernn.parsing.lstm_parser import LSTMParser
        from treernn.scoring.rows import texts_of
        from treernn.training import data as training_data
        from treernn.training.sentiment import train_sentiment
        from treernn.training.soft_targets import SoftTargets, mixed
        from treernn.training.teachers import ask_teachers

        where = usable_device(device)
        given = with_start(given)
        chosen = sentiment_settings(given, SETTINGS)
        SoftTargets(mixed([], [], gold, temperature), 0, anew)  # says what cannot be, at once
        gold_trees, dev = training_data.sst_data(data)
        others = training_data.unlabelled(LSTMParser.load(PARSER), texts_of(text or [], column))
        trees = [*gold_trees, *others]
        with share_bar("Asking the teachers") as progress:
            said = ask_teachers(teachers, trees, out / "teachers", where, progress)
        soft = SoftTargets(mixed(trees, said, gold, temperature), len(gold_trees), anew)
        model = new_sentiment(chosen, trees, given).to(where)
        show(out, partial(train_sentiment, model, trees, dev, chosen, out, soft=soft))
