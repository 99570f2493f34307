"""``treernn distil sentiment``."""

from __future__ import annotations

from typing import Annotated

import typer

from treernn.cli import options
from treernn.cli.terminal import interruptible, progress_bar, run_training


def sentiment(
    teachers: Annotated[
        list[str], typer.Argument(help="Folders of sentiment models; or small, medium.")
    ],
    out: options.Out,
    text: options.Texts = None,
    column: options.Column = "text",
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    label_weight: options.LabelWeight = 0.5,
    temperature: Annotated[
        float, typer.Option(help="Above 1, it softens the teachers' distributions.")
    ] = 1.0,
    resample: options.Resample = 1.0,
    data: options.Treebank = None,
    init_from: options.InitFrom = None,
    vectors: options.Vectors = None,
    words: options.Words = None,
    encoder: options.Encoder = None,
    tuning: options.Tuning = None,
    settings: options.SettingsFile = None,
    hidden_size: options.HiddenSize = None,
    epochs: options.Epochs = None,
    seed: options.Seed = None,
    device: options.Device = "cpu",
) -> None:
    """Train a tree model on the distributions of larger models.

    The targets are the mean distributions of the teachers, mixed with gold labels. The data are the
    Stanford Sentiment Treebank and the sentences of --text, which the embedded parser parses. The
    teachers' distributions are cached in OUT/teachers. Everything else is as in treernn train
    sentiment.
    """
    flags = options.given(
        encoder=encoder, tuning=tuning, hidden_size=hidden_size, epochs=epochs, seed=seed
    )
    with interruptible(out):
        from treernn.corpora import sst
        from treernn.models.device import usable_device
        from treernn.models.sentiment import load_sentiment
        from treernn.parsing import load_parser
        from treernn.scoring.rows import texts_of
        from treernn.training import build
        from treernn.training.data import unique_sentences
        from treernn.training.sentiment import SentimentTask
        from treernn.training.soft_targets import SoftTargets, mix_labels
        from treernn.training.teachers import teacher_distributions

        where = usable_device(device)
        start = None if init_from is None else load_sentiment(init_from)
        chosen = build.sentiment_settings(settings, flags, start=start)
        build.check_vector_options(chosen, vectors, words, start)
        SoftTargets(mix_labels([], [], label_weight, temperature), 0, resample)  # checks the values
        splits = sst.load_splits(data)
        texts = texts_of(text or [], column, encoding, delimiter)
        trees = [*splits.train, *load_parser("embedded").parse(unique_sentences(texts))]
        with progress_bar("Running the teachers") as on_progress:
            soft = teacher_distributions(teachers, trees, out / "teachers", where, on_progress)
        mixed = mix_labels(trees, soft, label_weight, temperature)
        targets = SoftTargets(mixed, len(splits.train), resample)
        model = build.sentiment_model(chosen, trees, vectors, words, start).to(where)
        run_training(SentimentTask(model, splits._replace(train=trees), chosen, targets), out)
