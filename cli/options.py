"""Options of several commands."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from treernn.cli import inputs


class Split(StrEnum):
    """Splits of the SST."""

    train = "train"
    dev = "dev"
    test = "test"


# Data.
Treebank = Annotated[
    Path | None,
    typer.Option(
        callback=inputs.data_set("sst"),
        help="Data: the Stanford Sentiment Treebank, archive or folder.",
        show_default="found in TREERNN_DATA, or downloaded",
    ),
]
Sources = Annotated[
    Path | None,
    typer.Option(
        callback=inputs.existing(),
        help="TOML file that lists several sources of training texts, see docs/train.md.",
    ),
]
Part = Annotated[Split, typer.Option(help="Split of the SST.")]
Vectors = Annotated[
    str | None,
    typer.Option(
        callback=inputs.data_set("glove", "none"),
        help="Word vectors in GloVe's text format, or none.",
        show_default="GloVe, found in TREERNN_DATA, or downloaded",
    ),
]
Words = Annotated[
    int | None,
    typer.Option(
        help="How many of the most frequent word vectors to use.", min=0, show_default="50000"
    ),
]

# Tables.
TextColumn = Annotated[str, typer.Option("--text-column", "--column", help="Column of the text.")]
LabelColumn = Annotated[
    str,
    typer.Option(
        help="Column of the class: 0 to 4, stars 1 to 5, or a name; or two classes, 0 and 1."
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        help="Encoding of the text, for example cp1252.",
        show_default="utf-8, or what the bytes show",
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        help="Character between the fields of CSV, or tab.", show_default="by the first rows"
    ),
]


# Models.
ChosenParser = Annotated[
    str,
    typer.Option(
        callback=inputs.parser,
        help="embedded, stanza, a folder, hf://user/name, or a baseline: right, left, balanced.",
    ),
]
_MODEL = "Folder of a sentiment model; small, medium, large; or hf://user/name."
GivenModel = Annotated[str, typer.Argument(callback=inputs.sentiment_model, help=_MODEL)]
ChosenModel = Annotated[str, typer.Option(callback=inputs.sentiment_model, help=_MODEL)]
Device = Annotated[
    str,
    typer.Option(help="Device of the models: cpu, cuda, cuda:N, or auto: a GPU if there is one."),
]
Precision = Annotated[
    str, typer.Option(help="Precision of the model's encoder: float32 or bfloat16.")
]
OwnLexicon = Annotated[
    str | None,
    typer.Option(
        "--lexicon",
        callback=inputs.existing(),
        help="File of your own words and phrases with a class or score each.",
    ),
]
Domain = Annotated[
    str | None,
    typer.Option(
        help="Use the entries of the lexicon for this domain, and those without a domain."
    ),
]

# Training.
Out = Annotated[
    Path, typer.Option("--out", "-o", help="Model folder; unfinished training there is resumed.")
]
Encoder = Annotated[
    str | None,
    typer.Option(
        callback=inputs.encoder,
        help="Pretrained encoder instead of word vectors: name on the Hugging Face hub, or folder.",
    ),
]
Tuning = Annotated[
    str | None,
    typer.Option(help="Which encoder weights to train: full, layers, lora or frozen."),
]
InitFrom = Annotated[
    str | None,
    typer.Option(
        callback=inputs.sentiment_model,
        help="Start from the weights of this model: folder; small, medium, large; or hf://….",
    ),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(callback=inputs.existing(), help="TOML file of settings; flags override it."),
]
Cell = Annotated[str | None, typer.Option(help="Recurrent cell: lstm, gru or elman.")]
HiddenSize = Annotated[int | None, typer.Option(help="Size of the hidden states.")]
Layers = Annotated[int | None, typer.Option(help="Number of stacked layers.")]
Bidirectional = Annotated[
    bool | None,
    typer.Option("--bidirectional/--unidirectional", help="Both directions, or one."),
]
Dropout = Annotated[float | None, typer.Option(help="Dropout probability.")]
Epochs = Annotated[int | None, typer.Option(help="Maximum number of epochs.")]
Patience = Annotated[
    int | None, typer.Option(help="Stop after this many epochs without a better dev result.")
]
BatchSize = Annotated[int | None, typer.Option(help="Examples per step.")]
LearningRate = Annotated[float | None, typer.Option(help="Learning rate.")]
EmbeddingLearningRate = Annotated[
    float | None, typer.Option(help="Learning rate of the word vectors, or of the encoder.")
]
WeightDecay = Annotated[float | None, typer.Option(help="Weight decay.")]
EmaDecay = Annotated[float | None, typer.Option(help="Decay of the moving average of the weights.")]
Seed = Annotated[int | None, typer.Option(help="Random seed.")]
TrainingPrecision = Annotated[
    str | None,
    typer.Option(
        "--precision", help="Precision of the training: float32; or bfloat16, mixed precision."
    ),
]
Devices = Annotated[
    int,
    typer.Option(help="Processes that train together, each on a GPU or a core of its own.", min=1),
]

# Distillation.
Texts = Annotated[
    list[Path] | None,
    typer.Option(callback=inputs.existing(), help="Table of texts to train on too; repeatable."),
]
Column = Annotated[str, typer.Option(help="Column of --text with the texts.")]
LabelWeight = Annotated[
    float, typer.Option(help="Weight of the gold label (or tree) against the teachers, 0 to 1.")
]
Resample = Annotated[
    float, typer.Option(help="Fraction of the sentences of --text that each epoch samples.")
]

# Output.
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def given(**options: Any) -> dict[str, Any]:
    """The options that have a value."""
    return {name: value for name, value in options.items() if value is not None}
