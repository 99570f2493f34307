"""Options that several commands have, said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Split(StrEnum):
    """The parts of the SST."""

    train = "train"
    dev = "dev"
    test = "test"


# Data.
Treebank = Annotated[
    Path | None,
    typer.Option(help="The Stanford Sentiment Treebank: archive or folder; else fetched."),
]
Part = Annotated[Split, typer.Option(help="Part of the SST.")]
Vectors = Annotated[
    str | None,
    typer.Option(help="Word vectors in GloVe's text format, or none; else GloVe, fetched."),
]
Words = Annotated[
    int | None,
    typer.Option(help="How many of the most frequent word vectors to keep.", min=0),
]

# Models.
ChosenParser = Annotated[
    str,
    typer.Option(help="embedded, stanza, the folder of one; right, left, balanced see no word."),
]
GivenModel = Annotated[str, typer.Argument(help="Folder of a sentiment model; or small, medium.")]
ChosenModel = Annotated[str, typer.Option(help="Folder of a sentiment model; or small, medium.")]
Device = Annotated[str, typer.Option(help="Where the models run: cpu or cuda.")]
Precision = Annotated[str, typer.Option(help="Of the model's encoder: float32 or bfloat16.")]

# Training.
Encoder = Annotated[
    str | None,
    typer.Option(help="In their place an encoder: a name on the Hugging Face hub, a folder."),
]
Tuning = Annotated[
    str | None, typer.Option(help="What of the encoder learns: full, layers, lora, frozen.")
]
Start = Annotated[
    str | None,
    typer.Option(help="Begin with this model, not untrained: its folder; or small, medium."),
]
SettingsFile = Annotated[
    Path | None, typer.Option(help="Settings in a TOML file; the flags below go before it.")
]
HiddenSize = Annotated[int | None, typer.Option(help="Numbers per node state.")]
Epochs = Annotated[int | None, typer.Option(help="Passes over the examples at most.")]
Seed = Annotated[int | None, typer.Option(help="Of all that is random.")]

# Distillation.
MoreText = Annotated[
    list[Path] | None, typer.Option(help="A table of texts to learn from too; repeatable.")
]
Column = Annotated[str, typer.Option(help="Column of --text that holds the texts.")]
Gold = Annotated[float, typer.Option(help="Share of the label (of the tree), where there is one.")]
Anew = Annotated[float, typer.Option(help="Share of the sentences of --text that an epoch sees.")]

# Output.
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
