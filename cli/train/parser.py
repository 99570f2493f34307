"""``treernn train parser``."""

from __future__ import annotations

from treernn.cli import options
from treernn.cli.terminal import run_training
from treernn.cli.together import training


def parser(
    out: options.Out,
    data: options.Treebank = None,
    vectors: options.Vectors = None,
    words: options.Words = None,
    encoder: options.Encoder = None,
    tuning: options.Tuning = None,
    settings: options.SettingsFile = None,
    hidden_size: options.HiddenSize = None,
    layers: options.Layers = None,
    dropout: options.Dropout = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    learning_rate: options.LearningRate = None,
    seed: options.Seed = None,
    precision: options.TrainingPrecision = None,
    device: options.Device = "auto",
    devices: options.Devices = 1,
) -> None:
    """Train a parser on the Stanford Sentiment Treebank.

    It is trained on the trees without their labels.

    The model folder receives the epoch with the best dev bracket F1, or on an encoder the last
    epoch, and metrics.jsonl. Use it with treernn parse --parser FOLDER.
    """
    flags = options.given(
        encoder=encoder,
        tuning=tuning,
        hidden_size=hidden_size,
        layers=layers,
        dropout=dropout,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
        precision=precision,
    )
    with training(out, device, devices) as where:
        from treernn.corpora import sst
        from treernn.training import build
        from treernn.training.tasks.parser import ParserTask

        chosen = build.parser_settings(settings, flags)
        build.check_vector_options(chosen, vectors, words)
        splits = sst.load_splits(data)
        model = build.parser_model(chosen, splits.train, vectors, words)
        run_training(ParserTask(model.to(where), splits, chosen), out)
