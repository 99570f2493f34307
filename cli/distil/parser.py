"""``treernn distil parser``."""

from __future__ import annotations

from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.device import chosen_device
from treernn.cli.terminal import interruptible, progress_bar, run_training


def parser(
    teachers: Annotated[
        list[str],
        typer.Argument(
            callback=inputs.trained_model("embedded"),
            help="Folders of parsers; embedded; or hf://….",
        ),
    ],
    out: options.Out,
    text: options.Texts = None,
    column: options.Column = "text",
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    label_weight: options.LabelWeight = 0.5,
    resample: options.Resample = 1.0,
    data: options.Treebank = None,
    vectors: options.Vectors = None,
    words: options.Words = None,
    encoder: options.Encoder = None,
    tuning: options.Tuning = None,
    settings: options.SettingsFile = None,
    epochs: options.Epochs = None,
    seed: options.Seed = None,
    device: options.Device = "auto",
) -> None:
    """Train a parser on the span probabilities of other parsers.

    The targets are the mean probabilities of the teachers, mixed with gold trees. The data are the
    Stanford Sentiment Treebank and the sentences of --text. The teachers' probabilities are cached
    in OUT/teachers. Everything else is as in treernn train parser.
    """
    flags = options.given(encoder=encoder, tuning=tuning, epochs=epochs, seed=seed)
    with interruptible(out):
        from treernn.corpora import sst
        from treernn.scoring.rows import texts_of
        from treernn.training import build
        from treernn.training.data.distinct import distinct_sentences
        from treernn.training.data.parsed import sentences
        from treernn.training.data.sequences import chained, split
        from treernn.training.data.soft_targets import SoftTargets
        from treernn.training.data.teachers import teacher_spans
        from treernn.training.tasks.parser import (
            ParserTask,
            check_trees,
            mix_trees,
            usable_sentences,
        )

        where = chosen_device(device)
        chosen = build.parser_settings(settings, flags)
        build.check_vector_options(chosen, vectors, words)
        SoftTargets(mix_trees([], [], label_weight), 0, resample)  # checks the values
        splits = sst.load_splits(data)
        check_trees(splits)
        cache = build.corpus_cache(out)
        texts = texts_of(text or [], column, encoding, delimiter)
        others = sentences(usable_sentences(distinct_sentences(texts)), cache)
        model = build.parser_model(chosen, splits.train, vectors, words).to(where)
        members = [[tree.words for tree in splits.train], others]
        with progress_bar("Running the teachers") as on_progress:
            spans = teacher_spans(teachers, chained(members), out / "teachers", where, on_progress)
        soft, of_others = split(spans, members)
        mixed = mix_trees(splits.train, soft, label_weight)
        targets = SoftTargets(chained([mixed, of_others]), len(mixed), resample)
        run_training(ParserTask(model, splits, chosen, targets, others), out, cache)
