"""``treernn train targets``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.terminal import run_training
from treernn.cli.together import training
from treernn.printing import shown


def targets(
    out: options.Out,
    model: options.ChosenModel = "small",
    data: Annotated[
        list[str] | None,
        typer.Option(
            callback=inputs.existing("mams", "products", "pros-cons"),
            help="Data: texts with labelled targets, SemEval's XML, JSON lines with spans, or an "
            "export of an annotation tool; or mams, products or pros-cons, the train parts of "
            "these sets. May be repeated.",
            show_default="mams, products and pros-cons",
        ),
    ] = None,
    dev_data: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(), help="Dev data.", show_default="a tenth of --data"
        ),
    ] = None,
    structure: Annotated[
        str | None,
        typer.Option(
            help="What is read of a target: tree, the states of the smallest phrase that holds it; "
            "average, the mean of the vectors of its words."
        ),
    ] = None,
    settings: options.SettingsFile = None,
    tuning: options.Tuning = None,
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
    """Train a sentiment model to know the sentiment toward targets.

    The output folder receives a copy of the model, and in its folder targets what was trained.
    Stopped training resumes when the same command is run again.
    """
    flags = options.given(
        structure=structure,
        tuning=tuning,
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
        from treernn.models.names import TARGETS
        from treernn.models.pretrained import sentiment_folder
        from treernn.models.sentiment import load_sentiment
        from treernn.models.storage import weights_checksum
        from treernn.models.target_classifier import check_base
        from treernn.parsing import load_parser
        from treernn.training import build
        from treernn.training.data.target_sets import SETS
        from treernn.training.tasks.target_settings import TargetSettings
        from treernn.training.tasks.targets import (
            TargetTask,
            new_targets,
            store_with_model,
            target_data,
        )

        chosen = build.load_settings(TargetSettings, settings, flags)
        base, folder = check_base(load_sentiment(model), model), sentiment_folder(model)
        names = data or [*SETS]
        splits, left_out = target_data(load_parser("embedded"), names, dev_data, chosen.seed)
        if left_out:
            print(shown(f"{left_out:,} targets are in no sentence, or cross two"), flush=True)
        classifier = new_targets(base.to(where), chosen)
        store_with_model(out, folder)
        run_training(
            TargetTask(classifier, splits, chosen, weights_checksum(folder)), out / TARGETS
        )
