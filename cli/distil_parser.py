"""``treernn distil-parser``: a parser that learns what other parsers say of every span."""

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
    MoreText,
    Seed,
    SettingsFile,
    Treebank,
    Tuning,
    Vectors,
    Words,
)
from treernn.cli.parser_training import new_parser, parser_settings
from treernn.cli.training import interruptible, share_bar, show


def distil_parser(
    teachers: Annotated[list[str], typer.Argument(help="Folders of parsers; or embedded.")],
    out: Annotated[Path, typer.Option(help="Folder for the student; an unfinished run goes on.")],
    text: MoreText = None,
    column: Column = "text",
    gold: Gold = 0.5,
    anew: Anew = 1.0,
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
    """Train a parser on how probable other parsers take every span to be, beside the trees.

    It learns from the Stanford Sentiment Treebank and from the sentences of --text; what the
    teachers say is averaged, and kept in the folder OUT/teachers, so that they are asked once.
    All else is as treernn train-parser does it.
    """
    given = {name: value for name, value in locals().items() if value is not None}
    with interruptible(out):
        from treernn.corpora import sst
        from treernn.models.device import usable_device
        from treernn.scoring.rows import texts_of
        from treernn.training import parser
        from treernn.training.data import different_sentences
        from treernn.training.soft_targets import SoftTargets
        from treernn.training.teachers import ask_parsers

        where = usable_device(device)
        chosen = parser_settings(given)
        parser.mixed_spans([], [], gold)  # says what cannot be, at once
        SoftTargets([], 0, anew)
        train, dev = sst.load("train", data), sst.load("dev", data)
        parser.check_trees(train, dev)
        others = parser.sentences_to_learn(different_sentences(texts_of(text or [], column)))
        model = new_parser(chosen, train, given).to(where)
        words_of_all = [*(tree.words for tree in train), *others]
        with share_bar("Asking the teachers") as progress:
            said = ask_parsers(teachers, words_of_all, out / "teachers", where, progress)
        soft = SoftTargets(parser.mixed_spans(train, said, gold), len(train), anew)
        learn = partial(parser.train_parser, soft=soft, sentences=others)
        show(out, partial(learn, model, train, dev, chosen, out))
