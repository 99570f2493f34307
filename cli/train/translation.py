"""``treernn train translation``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.terminal import run_training
from treernn.cli.together import training


def translation(
    out: options.Out,
    data: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.data_set("parallel"),
            help="Data: sentence pairs, or a folder of them.",
            show_default="found in TREERNN_DATA",
        ),
    ] = None,
    settings: options.SettingsFile = None,
    cell: options.Cell = None,
    hidden_size: options.HiddenSize = None,
    layers: options.Layers = None,
    attention: Annotated[
        bool | None, typer.Option(help="Whether the decoder attends to all encoder states.")
    ] = None,
    dropout: options.Dropout = None,
    epochs: options.Epochs = None,
    patience: options.Patience = None,
    batch_size: options.BatchSize = None,
    learning_rate: options.LearningRate = None,
    weight_decay: options.WeightDecay = None,
    ema_decay: options.EmaDecay = None,
    seed: options.Seed = None,
    precision: options.TrainingPrecision = None,
    device: options.Device = "auto",
    devices: options.Devices = 1,
) -> None:
    """Train a translator from Chinese to English.

    The model folder receives the epoch with the best dev BLEU, and metrics.jsonl. Stopped training
    resumes when the same command is run again; a finished model is never overwritten.
    """
    flags = options.given(
        cell=cell,
        hidden_size=hidden_size,
        layers=layers,
        attention=attention,
        dropout=dropout,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        ema_decay=ema_decay,
        seed=seed,
        precision=precision,
    )
    with training(out, device, devices) as where:
        from treernn.corpora import parallel
        from treernn.training import build
        from treernn.training.tasks.translation import (
            TranslationSettings,
            TranslationTask,
            new_translator,
        )

        chosen = build.load_settings(TranslationSettings, settings, flags)
        # The split does not depend on the seed, so that models of several seeds are comparable.
        splits = parallel.split(parallel.read_pairs(parallel.find(data)))
        model = new_translator(chosen, splits.train)
        run_training(TranslationTask(model.to(where), splits, chosen), out)
