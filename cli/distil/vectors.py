"""``treernn distil vectors``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs, options
from treernn.cli.device import chosen_device
from treernn.cli.reading import check_output
from treernn.cli.terminal import progress_bar
from treernn.printing import shown


def vectors(
    encoder: Annotated[
        str,
        typer.Argument(callback=inputs.encoder, help="Name on the Hugging Face hub, or folder."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file; .txt or .txt.gz.")],
    dimension: Annotated[
        int, typer.Option(help="Principal components of the encoder's vectors.", min=1)
    ] = 200,
    vectors: Annotated[
        str | None,
        typer.Option(
            callback=inputs.data_set("glove", "none"),
            help="Word vectors to concatenate with, or none.",
            show_default="GloVe",
        ),
    ] = None,
    words: Annotated[
        int, typer.Option(help="How many of their most frequent words to include.", min=0)
    ] = 50_000,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            callback=inputs.existing(), help="Table of texts whose words to include; repeatable."
        ),
    ] = None,
    column: Annotated[str, typer.Option(help="Column of --corpus with the texts.")] = "text",
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    data: options.Treebank = None,
    device: options.Device = "auto",
) -> None:
    """Write word vectors from a pretrained encoder.

    The file is in GloVe's text format. The vector of a word is that of --vectors, concatenated with
    the principal components of the encoder's vector for the word alone. Words are those of the
    Stanford Sentiment Treebank, of --corpus, and the most frequent ones of --vectors. The encoder's
    word pieces, such as ##ing, come last: a model composes unknown words of them.
    """
    from treernn.corpora import glove, sst
    from treernn.encoders.distilled import concatenate_vectors, distil_vectors
    from treernn.encoders.encoder import load_encoder
    from treernn.scoring.rows import texts_of
    from treernn.training.build import read_vectors
    from treernn.training.data.reading import frequent_words

    check_output(out, *(corpus or []))
    model = load_encoder(encoder).to(chosen_device(device))
    trees = [tree for split in sst.load_splits(data) for tree in split]
    known = read_vectors(vectors)
    extra = () if known is None else known.words[:words]
    chosen = frequent_words(trees, texts_of(corpus or [], column, encoding, delimiter), extra)
    with progress_bar("Encoding") as on_progress:
        distilled = distil_vectors(model, chosen, dimension, on_progress)
    pieces = len(distilled) - len(chosen)
    if known is not None:
        distilled = concatenate_vectors(known, distilled)
    glove.write(out, distilled)
    size = f"{len(chosen):,} words, {pieces:,} word pieces, dimension {distilled.dimension}"
    print(f"{shown(str(out))}: {size}")
