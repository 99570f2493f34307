"""``treernn distil-vectors``: static word vectors out of a pretrained encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli.options import Treebank
from treernn.cli.training import share_bar


def distil_vectors(
    encoder: Annotated[str, typer.Argument(help="A name on the Hugging Face hub, or a folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file; .txt or .txt.gz.")],
    dimension: Annotated[int, typer.Option(help="Numbers of the encoder per word.", min=1)] = 200,
    vectors: Annotated[
        str | None,
        typer.Option(help="Word vectors to set them beside, or none; else GloVe, fetched."),
    ] = None,
    words: Annotated[
        int, typer.Option(help="How many of the most frequent words of those.", min=0)
    ] = 50_000,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="A table of texts whose words are to have vectors too; repeatable."),
    ] = None,
    column: Annotated[str, typer.Option(help="Column of --corpus that holds the texts.")] = "text",
    data: Treebank = None,
) -> None:
    """Write a file of word vectors in GloVe's text format: what the encoder makes of each word
    alone, in fewer numbers, after the numbers of other word vectors.

    Words are those of the Stanford Sentiment Treebank, of --corpus, and the most frequent ones of
    --vectors. The encoder's pieces that go on a word come last, as ##ing: of them a model trained
    with the file composes words that it does not know.
    """
    from treernn.corpora import glove, sst
    from treernn.encoders.distilled import concatenate_vectors
    from treernn.encoders.distilled import distil_vectors as distilled
    from treernn.encoders.encoder import load_encoder
    from treernn.scoring.rows import texts_of
    from treernn.training.words import words_of

    model = load_encoder(encoder)
    trees = [tree for split in sst.load_splits(data) for tree in split]
    known = None if vectors == "none" else glove.read(glove.fetch(vectors), progress=True)
    frequent = () if known is None else known.words[:words]
    chosen = words_of(trees, texts_of(corpus or [], column), frequent)
    with share_bar("Encoding") as progress:
        found = distilled(model, chosen, dimension, progress)
    pieces = len(found) - len(chosen)
    if known is not None:
        found = concatenate_vectors(known, found)
    glove.write(out, found)
    print(f"{out}: {len(chosen):,} words, {pieces:,} pieces, {found.dimension} numbers each")
