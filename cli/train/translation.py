"""``treernn train translation``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli.options import (
    BatchSize,
    Cell,
    Device,
    Dropout,
    EmaDecay,
    Epochs,
    HiddenSize,
    Layers,
    LearningRate,
    Out,
    Patience,
    Seed,
    SettingsFile,
    WeightDecay,
    given,
)
from treernn.cli.terminal import interruptible, run_training


def translation(
    out: Out,
    data: Annotated[
        Path | None,
        typer.Option(help="Sentence pairs, or a folder of them; default: that of TREERNN_DATA."),
    ] = None,
    settings: SettingsFile = None,
    cell: Cell = None,
    hidden_size: HiddenSize = None,
    layers: Layers = None,
    attention: Annotated[
        bool | None, typer.Option(help="Whether the decoder attends to all encoder states.")
    ] = None,
    dropout: Dropout = None,
    epochs: Epochs = None,
    patience: Patience = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    weight_decay: WeightDecay = None,
    ema_decay: EmaDecay = None,
    seed: Seed = None,
    device: Device = "cpu",
) -> None:
    """Train a translator from Chinese to English.

    The model folder receives the epoch with the best dev BLEU, and metrics.jsonl. Stopped training
    resumes when the same command is run again; a finished model is never overwritten.
    """
    flags = given(
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
    )
    with interruptible(out):
        from treernn.corpora import parallel
        from treernn.models.device import usable_device
        from treernn.training import build
        from treernn.training.translation import (
            TranslationSettings,
            TranslationTask,
            new_translator,
        )

        where = usable_device(device)
        chosen = build.load_settings(TranslationSettings, settings, flags)
        # The split does not depend on the seed, so that models of several seeds are comparable.
        splits = parallel.split(parallel.read_pairs(parallel.find(data)))
        model = new_translator(chosen, splits.train)
        run_training(TranslationTask(model.to(where), splits, chosen), out)
