"""``treernn train captioning``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.terminal import run_training
from treernn.cli.together import training


def captioning(
    out: options.Out,
    data: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Data: captions in COCO's JSON format.",
            show_default="rows of digits",
        ),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(), help="Features of the images: .npy or .safetensors."
        ),
    ] = None,
    dev_data: Annotated[
        Path | None, typer.Option(callback=inputs.existing(), help="Captions of the dev images.")
    ] = None,
    dev_features: Annotated[
        Path | None, typer.Option(callback=inputs.existing(), help="Features of the dev images.")
    ] = None,
    settings: options.SettingsFile = None,
    cell: options.Cell = None,
    hidden_size: options.HiddenSize = None,
    layers: options.Layers = None,
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
    """Train a captioner, by default of rows of handwritten digits.

    The model folder receives the epoch with the most exact dev captions, and metrics.jsonl. Stopped
    training resumes when the same command is run again; a finished model is never overwritten.
    """
    flags = options.given(
        cell=cell,
        hidden_size=hidden_size,
        layers=layers,
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
        from treernn.training import build
        from treernn.training.tasks.captioning import (
            CaptioningSettings,
            CaptioningTask,
            new_captioner,
        )

        chosen = build.load_settings(CaptioningSettings, settings, flags)
        splits = build.caption_data(data, features, dev_data, dev_features)
        model = new_captioner(chosen, splits.train)
        run_training(CaptioningTask(model.to(where), splits, chosen), out)
