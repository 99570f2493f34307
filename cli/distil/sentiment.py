"""``treernn distil sentiment``."""

from __future__ import annotations

from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.device import chosen_device
from treernn.cli.terminal import interruptible, progress_bar, run_training
from treernn.printing import shown


def sentiment(
    teachers: Annotated[
        list[str],
        typer.Argument(
            callback=inputs.sentiment_model,
            help="Folders of sentiment models; small, medium, large; or hf://user/name.",
        ),
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
    sources: options.Sources = None,
    init_from: options.InitFrom = None,
    vectors: options.Vectors = None,
    words: options.Words = None,
    encoder: options.Encoder = None,
    tuning: options.Tuning = None,
    settings: options.SettingsFile = None,
    hidden_size: options.HiddenSize = None,
    epochs: options.Epochs = None,
    seed: options.Seed = None,
    device: options.Device = "auto",
    precision: Annotated[
        str, typer.Option(help="Precision of the teachers' encoders: float32 or bfloat16.")
    ] = "float32",
) -> None:
    """Train a tree model on the distributions of larger models.

    The targets are the mean distributions of the teachers, mixed with gold labels. The data are the
    Stanford Sentiment Treebank, or those of --sources in its place, and the sentences of --text;
    the embedded parser parses texts. The teachers' distributions are cached in OUT/teachers.
    Everything else is as in treernn train sentiment.
    """
    flags = options.given(
        encoder=encoder, tuning=tuning, hidden_size=hidden_size, epochs=epochs, seed=seed
    )
    with interruptible(out):
        from treernn.models.sentiment import load_sentiment
        from treernn.training import build
        from treernn.training.data.sequences import chained, split
        from treernn.training.data.sources import check_mixture, with_teachers
        from treernn.training.data.teachers import teacher_distributions
        from treernn.training.tasks.sources_task import SourcesTask

        where = chosen_device(device)
        start = None if init_from is None else load_sentiment(init_from, keep_adapters=True)
        chosen = build.sentiment_settings(settings, flags, start=start)
        build.check_vector_options(chosen, vectors, words, start)
        check_mixture(label_weight, temperature)
        cache = build.corpus_cache(out)
        table = (column, encoding, delimiter, resample)
        plain = build.distillation_sources(chosen.seed, data, sources, text or [], *table, cache)
        if sources is not None:
            for source in plain:
                print(shown(source.describe()), flush=True)
        members = [source.train.trees for source in plain]
        trees = chained(members)
        with progress_bar("Running the teachers") as on_progress:
            soft = teacher_distributions(
                teachers, trees, out / "teachers", where, on_progress, precision
            )
        several = [
            with_teachers(source, rows, label_weight, temperature)
            for source, rows in zip(plain, split(soft, members), strict=True)
        ]
        model = build.sentiment_model(chosen, trees, vectors, words, start).to(where)
        run_training(SourcesTask(model, several, chosen), out, cache)
