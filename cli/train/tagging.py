"""``treernn train tagging``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli.options import (
    BatchSize,
    Bidirectional,
    Cell,
    Device,
    Dropout,
    EmaDecay,
    EmbeddingLearningRate,
    Epochs,
    HiddenSize,
    Layers,
    LearningRate,
    Out,
    Patience,
    Seed,
    SettingsFile,
    Vectors,
    WeightDecay,
    Words,
    given,
)
from treernn.cli.terminal import interruptible, run_training


def tagging(
    out: Out,
    data: Annotated[
        Path,
        typer.Option(help="A treebank, a file of words and tags, or a folder of tagged videos."),
    ],
    dev_data: Annotated[
        Path | None, typer.Option(help="Dev data; default: a tenth of --data.")
    ] = None,
    tag_column: Annotated[str, typer.Option(help="Column of the tags of a video.")] = "tag",
    vectors: Vectors = None,
    words: Words = None,
    settings: SettingsFile = None,
    cell: Cell = None,
    hidden_size: HiddenSize = None,
    layers: Layers = None,
    bidirectional: Bidirectional = None,
    dropout: Dropout = None,
    epochs: Epochs = None,
    patience: Patience = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    embedding_learning_rate: EmbeddingLearningRate = None,
    weight_decay: WeightDecay = None,
    ema_decay: EmaDecay = None,
    seed: Seed = None,
    device: Device = "cpu",
) -> None:
    """Train a tagger of words or of video frames.

    The model folder receives the epoch with the best dev accuracy, and metrics.jsonl. Stopped
    training resumes when the same command is run again; a finished model is never overwritten.
    """
    flags = given(
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
    )
    with interruptible(out):
        from treernn.models.device import usable_device
        from treernn.training import build
        from treernn.training.data import load_tagged
        from treernn.training.tagging import TaggingSettings, TaggingTask

        where = usable_device(device)
        chosen = build.load_settings(TaggingSettings, settings, flags)
        splits = load_tagged(data, dev_data, tag_column, chosen.seed)
        model = build.tagging_model(chosen, splits.train, vectors, words)
        run_training(TaggingTask(model.to(where), splits, chosen), out)
