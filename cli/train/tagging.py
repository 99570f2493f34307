"""``treernn train tagging``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.terminal import run_training
from treernn.cli.together import training


def tagging(
    out: options.Out,
    data: Annotated[
        Path,
        typer.Option(
            callback=inputs.existing(),
            help="Data: a treebank, a file of words and tags, or a folder of tagged videos.",
        ),
    ],
    dev_data: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(), help="Dev data.", show_default="a tenth of --data"
        ),
    ] = None,
    tag_column: Annotated[str, typer.Option(help="Column of the tags of a video.")] = "tag",
    vectors: options.Vectors = None,
    words: options.Words = None,
    settings: options.SettingsFile = None,
    cell: options.Cell = None,
    hidden_size: options.HiddenSize = None,
    layers: options.Layers = None,
    bidirectional: options.Bidirectional = None,
    dropout: options.Dropout = None,
    epochs: options.Epochs = None,
    patience: options.Patience = None,
    batch_size: options.BatchSize = None,
    learning_rate: options.LearningRate = None,
    embedding_learning_rate: options.EmbeddingLearningRate = None,
    weight_decay: options.WeightDecay = None,
    ema_decay: options.EmaDecay = None,
    seed: options.Seed = None,
    precision: options.TrainingPrecision = None,
    device: options.Device = "auto",
    devices: options.Devices = 1,
) -> None:
    """Train a tagger of words or of video frames.

    The model folder receives the epoch with the best dev accuracy, and metrics.jsonl. Stopped
    training resumes when the same command is run again; a finished model is never overwritten.
    """
    flags = options.given(
        cell=cell,
        hidden_size=hidden_size,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        learning_rate=learning_rate,
        embedding_learning_rate=embedding_learning_rate,
        weight_decay=weight_decay,
        ema_decay=ema_decay,
        seed=seed,
        precision=precision,
    )
    with training(out, device, devices) as where:
        from treernn.training import build
        from treernn.training.data.reading import load_tagged
        from treernn.training.tasks.tagging import TaggingSettings, TaggingTask

        chosen = build.load_settings(TaggingSettings, settings, flags)
        splits = load_tagged(data, dev_data, tag_column, chosen.seed)
        model = build.tagging_model(chosen, splits.train, vectors, words)
        run_training(TaggingTask(model.to(where), splits, chosen), out)
