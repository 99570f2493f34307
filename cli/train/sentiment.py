"""``treernn train sentiment``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.terminal import run_training
from treernn.cli.together import training
from treernn.printing import shown


def sentiment(
    out: options.Out,
    data: options.Treebank = None,
    trees: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Your labelled trees in brackets, or phrases, not the SST.",
        ),
    ] = None,
    dev_trees: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(), help="Your dev trees.", show_default="a tenth of --trees"
        ),
    ] = None,
    sentences: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Your labelled sentences: CSV, TSV, JSON, JSONL, Excel, Parquet.",
        ),
    ] = None,
    dev_sentences: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Your dev sentences.",
            show_default="a tenth of --sentences",
        ),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Labels made by hand: an export of Label Studio, Prodigy or doccano.",
        ),
    ] = None,
    sources: options.Sources = None,
    text_column: options.TextColumn = "text",
    label_column: options.LabelColumn = "label",
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    structure: Annotated[
        str | None, typer.Option(help="tree, chain or average.", show_default="tree")
    ] = None,
    init_from: options.InitFrom = None,
    vectors: options.Vectors = None,
    words: options.Words = None,
    encoder: options.Encoder = None,
    tuning: options.Tuning = None,
    settings: options.SettingsFile = None,
    cell: Annotated[
        str | None,
        typer.Option(help="lstm, gru, elman; for trees also child-sum-lstm, rntn, matrix-vector."),
    ] = None,
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
    root_weight: Annotated[
        float | None, typer.Option(help="Factor of the loss at the roots of trees.")
    ] = None,
    seed: options.Seed = None,
    precision: options.TrainingPrecision = None,
    device: options.Device = "auto",
    devices: options.Devices = 1,
) -> None:
    """Train a sentiment model over trees, chains or averages.

    The default data are the Stanford Sentiment Treebank, which is downloaded if necessary.

    The model folder receives the epoch with the best dev result, and metrics.jsonl. Stopped
    training resumes when the same command is run again; a finished model is never overwritten.
    """
    flags = options.given(
        encoder=encoder,
        tuning=tuning,
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
        root_weight=root_weight,
        seed=seed,
        precision=precision,
    )
    with training(out, device, devices) as where:
        from treernn.corpora.labelled import FIVE_CLASSES
        from treernn.models.sentiment import load_sentiment
        from treernn.training import build
        from treernn.training.data.sequences import chained
        from treernn.training.tasks.sources_task import SourcesTask

        start = None if init_from is None else load_sentiment(init_from, keep_adapters=True)
        chosen = build.sentiment_settings(settings, flags, structure, start)
        build.check_vector_options(chosen, vectors, words, start)
        if sources is not None or annotations is not None:
            cache = build.corpus_cache(out)
            name = "--annotations" if sources is None else "--sources"
            columns = (text_column, label_column) != ("text", "label") or None
            own = (data, trees, dev_trees, sentences, dev_sentences)
            build.check_alone(name, own, "--data, --trees and --sentences")
            tables = "its tables" if sources is not None else "tables of --sources"
            names = f"columns, --encoding and --delimiter, which {tables} have"
            build.check_alone(name, (columns, encoding, delimiter), names)
            if sources is not None:
                build.check_alone(name, (annotations,), "--annotations, which can be one of them")
                several = build.training_sources(sources, chosen.seed, cache)
            elif annotations is not None:
                several = [build.annotated_source(annotations, chosen.seed)]
            for source in several:
                print(shown(source.describe()), flush=True)
            words_of = chained([source.train.trees for source in several])
            model = build.sentiment_model(chosen, words_of, vectors, words, start)
            run_training(SourcesTask(model.to(where), several, chosen), out, cache)
            return
        splits, scale = build.sentiment_data(
            chosen.seed,
            data,
            trees,
            dev_trees,
            sentences,
            dev_sentences,
            text_column,
            label_column,
            encoding,
            delimiter,
        )
        model = build.sentiment_model(chosen, splits.train, vectors, words, start)
        if scale != FIVE_CLASSES:
            print(scale.describe(), flush=True)
        task = build.sentiment_task(model.to(where), splits, chosen, scale, start)
        run_training(task, out)
