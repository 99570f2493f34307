"""``treernn train``: a model of any task, from data as they come."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treernn.cli.options import (
    Device,
    Encoder,
    Epochs,
    HiddenSize,
    Seed,
    SettingsFile,
    Start,
    Tuning,
    Vectors,
    Words,
)
from treernn.cli.training import (
    WORDS,
    interruptible,
    new_sentiment,
    read_vectors,
    sentiment_settings,
    settings_of,
    show,
    with_start,
)
from treernn.errors import InputError

if TYPE_CHECKING:
    import torch


def train(
    out: Annotated[Path, typer.Option(help="Folder for the model; an unfinished run goes on.")],
    task: Annotated[
        str, typer.Option(help="sentiment, tagging, captioning or translation.")
    ] = "sentiment",
    data: Annotated[Path | None, typer.Option(help="What to learn from; see above.")] = None,
    dev_data: Annotated[
        Path | None, typer.Option(help="What to choose the best epoch by; else a part of it.")
    ] = None,
    structure: Annotated[
        str | None, typer.Option(help="Of sentiment: tree, chain or average; tree unless told.")
    ] = None,
    trees: Annotated[
        Path | None, typer.Option(help="Own labelled trees in SST's brackets, instead of the SST.")
    ] = None,
    dev_trees: Annotated[
        Path | None, typer.Option(help="Own trees to choose the best epoch by; else a tenth.")
    ] = None,
    sentences: Annotated[
        Path | None, typer.Option(help="Own labelled sentences (CSV), parsed here.")
    ] = None,
    dev_sentences: Annotated[
        Path | None, typer.Option(help="Own sentences to choose by; else a tenth.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column with the sentence; text unless told.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="Column with the class, 0 to 4; label unless told.")
    ] = None,
    tag_column: Annotated[
        str | None, typer.Option(help="Column with the tag of a frame; tag unless told.")
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help="Features of the captioned images: .npy or .safetensors.")
    ] = None,
    dev_features: Annotated[
        Path | None, typer.Option(help="Features of the images of --dev-data.")
    ] = None,
    start: Start = None,
    vectors: Vectors = None,
    encoder: Encoder = None,
    tuning: Tuning = None,
    words: Words = None,
    settings: SettingsFile = None,
    cell: Annotated[
        str | None,
        typer.Option(
            help="lstm, gru or elman; for trees child-sum-lstm, rntn or matrix-vector too."
        ),
    ] = None,
    hidden_size: HiddenSize = None,
    layers: Annotated[int | None, typer.Option(help="Chains on top of each other.")] = None,
    both: Annotated[
        bool | None,
        typer.Option("--bidirectional/--unidirectional", help="Chains in both directions, or one."),
    ] = None,
    attention: Annotated[
        bool | None, typer.Option(help="Whether a translator looks at every word again.")
    ] = None,
    dropout: Annotated[float | None, typer.Option(help="Share left out in training.")] = None,
    epochs: Epochs = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better one.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Examples per step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of the optimiser.")] = None,
    embedding_learning_rate: Annotated[
        float | None, typer.Option(help="Of the word vectors, or the encoder.")
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="L2, word vectors excepted.")] = None,
    ema_decay: Annotated[
        float | None, typer.Option(help="Share of the old average at each step.")
    ] = None,
    root_weight: Annotated[
        float | None, typer.Option(help="How many times a root's loss counts.")
    ] = None,
    seed: Seed = None,
    device: Device = "cpu",
) -> None:
    """Train a model: of sentiment over trees or chains; a tagger; a captioner; a translator.

    It learns from --data. Sentiment: the Stanford Sentiment Treebank, fetched unless given, or
    --trees or --sentences. Tagging: a treebank, a file of words and tags, or a folder of videos.
    Captioning: COCO's JSON with --features; without it rows of handwritten digits. Translation: a
    file of sentence pairs.

    The folder gets the epoch that is best on the dev data, and metrics.jsonl. Killed and started
    again with the same options, a run goes on from its last epoch; a finished model is never
    overwritten.
    """
    given = {name: value for name, value in locals().items() if value is not None}
    if task not in OPTIONS:
        raise InputError(f"no task {task!r}, expected one of {', '.join(OPTIONS)}")
    _check_options(task, given)
    with interruptible(out):
        from treernn.models.device import usable_device

        run = {
            "sentiment": _sentiment,
            "tagging": _tagging,
            "captioning": _captioning,
            "translation": _translation,
        }[task]
        run(given, usable_device(device), out)


# What each task takes beside --task, --out, --settings, --device and those of SETTINGS.
OPTIONS = {
    "sentiment": (
        *("data", "structure", "trees", "dev_trees", "sentences", "dev_sentences"),
        *("text_column", "label_column", "start", "vectors", "words"),
    ),
    "tagging": ("data", "dev_data", "tag_column", "vectors", "words"),
    "captioning": ("data", "dev_data", "features", "dev_features"),
    "translation": ("data",),
}
# The flags that are settings; a task says itself which of them it has.
SETTINGS = (
    *(
        "encoder",
        "tuning",
        "cell",
        "hidden_size",
        "layers",
        "bidirectional",
        "attention",
        "dropout",
        "epochs",
        "patience",
    ),
    *("batch_size", "learning_rate", "embedding_learning_rate", "weight_decay", "ema_decay"),
    *("root_weight", "seed"),
)


def _check_options(task: str, given: Mapping[str, Any]) -> None:
    everywhere = {"task", "out", "settings", "device", *SETTINGS, *OPTIONS[task]}
    for name in given.keys() - everywhere:
        tasks = [other for other, options in OPTIONS.items() if name in options]
        raise InputError(f"{_flag(name)} is of --task {' or '.join(tasks)}, not {task}")
    pairs = (
        ("trees", "dev_trees"),
        ("sentences", "dev_sentences"),
        ("features", "dev_features"),
        ("dev_features", "dev_data") if task == "captioning" else ("data", "dev_data"),
        ("features", "data") if task == "captioning" else ("data", "data"),
    )
    if "trees" in given and "sentences" in given:
        raise InputError("--trees and --sentences exclude each other")
    if "data" in given and ("trees" in given or "sentences" in given):
        raise InputError("--data is of the SST; it excludes --trees and --sentences")
    for needed, name in pairs:
        if name in given and needed not in given:
            raise InputError(f"{_flag(name)} goes with {_flag(needed)}")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _sentiment(given: Mapping[str, Any], device: torch.device, out: Path) -> None:
    from treernn.models.pretrained import PARSER
    from treernn.parsing.lstm_parser import LSTMParser
    from treernn.training import data as training_data
    from treernn.training.sentiment import train_sentiment

    given = with_start(given)
    chosen = sentiment_settings(given, SETTINGS)
    if "trees" in given:
        found = training_data.tree_data(given["trees"], given.get("dev_trees"), chosen.seed)
    elif "sentences" in given:
        found = training_data.sentence_data(
            LSTMParser.load(PARSER),
            given["sentences"],
            given.get("dev_sentences"),
            given.get("text_column", "text"),
            given.get("label_column", "label"),
            chosen.seed,
        )
    else:
        found = training_data.sst_data(given.get("data"))
    model = new_sentiment(chosen, found.train, given).to(device)
    show(out, partial(train_sentiment, model, *found, chosen, out))


def _tagging(given: Mapping[str, Any], device: torch.device, out: Path) -> None:
    from treernn.training import tagging

    chosen = settings_of(tagging.Settings, given, SETTINGS)
    if "data" not in given:
        raise InputError("tagging needs --data: a treebank, a file of words and tags, or videos")
    column = given.get("tag_column", "tag")
    found = tagging.read_data(given["data"], given.get("dev_data"), column, chosen.seed)
    known = read_vectors(given.get("vectors")) if isinstance(found.train[0][0], tuple) else None
    model = tagging.new_tagger(chosen, found.train, known, given.get("words", WORDS)).to(device)
    show(out, partial(tagging.train_tagger, model, found.train, found.dev, chosen, out))


def _captioning(given: Mapping[str, Any], device: torch.device, out: Path) -> None:
    from treernn.corpora.captions import read_captions
    from treernn.training import captioning

    chosen = settings_of(captioning.Settings, given, SETTINGS)
    if "data" not in given:
        train, dev = captioning.digit_data()
    elif "dev_data" in given:
        train = read_captions(given["data"], given["features"])
        dev = read_captions(given["dev_data"], given["dev_features"])
    else:
        raise InputError("--data of captioning goes with --dev-data, images to choose by")
    model = captioning.new_captioner(chosen, train).to(device)
    show(out, partial(captioning.train_captioner, model, train, dev, chosen, out))


def _translation(given: Mapping[str, Any], device: torch.device, out: Path) -> None:
    from treernn.corpora import parallel
    from treernn.training import translation

    chosen = settings_of(translation.Settings, given, SETTINGS)
    # The split is the same whatever the seed, so that models of several seeds compare.
    parts = parallel.split(parallel.read_pairs(parallel.find(given.get("data"))))
    train = partial(translation.train_translator, parts.train, parts.dev, chosen, out, device)
    show(out, train)
