"""``treernn train-parser``: a parser learnt from the brackets of a treebank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import Treebank

if TYPE_CHECKING:
    from treernn.training.parser import Epoch


def train_parser(
    out: Annotated[Path, typer.Option(help="Folder for the parser; an older one is replaced.")],
    data: Treebank = None,
    vectors: Annotated[
        Path | None,
        typer.Option(help="Word vectors in GloVe's text format, or their folder; else fetched."),
    ] = None,
    words: Annotated[
        int,
        typer.Option(help="How many of the most frequent word vectors to take in.", min=0),
    ] = 50_000,
    epochs: Annotated[int, typer.Option(help="Passes over the treebank.", min=1)] = 24,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 1,
) -> None:
    """Train the embedded parser on the trees of a treebank, their labels left aside.

    The folder gets the parser of the epoch with the best bracket F1 on the development trees, and
    metrics.jsonl with a line for each epoch. The defaults are those of the shipped parser.
    """
    from rich.console import Console
    from rich.progress import Progress

    from treernn.corpora import glove, sst
    from treernn.parsing.embedded import ParserConfig
    from treernn.training.parser import ParserTraining, fit_parser, new_parser, parser_vocabulary

    train, dev = sst.load("train", data), sst.load("dev", data)
    known = glove.read(glove.fetch(vectors), progress=True)
    parser = new_parser(
        parser_vocabulary(train, known.words, words),
        known.words,
        known.vectors,
        ParserConfig(word_size=known.dimension),
        seed,
    )
    console = Console(stderr=True)
    with Progress(console=console) as bar:
        task = bar.add_task("Training", total=1.0)

        def report(epoch: Epoch) -> None:
            bar.print(
                f"epoch {epoch.epoch:2}   loss {epoch.loss:.4f}   dev F1 {epoch.dev_f1:.2f} %   "
                f"{epoch.seconds:.0f} s"
            )

        best = fit_parser(
            parser,
            train,
            dev,
            out,
            ParserTraining(epochs=epochs, seed=seed),
            progress=lambda share: bar.update(task, completed=share),
            report=report,
        )
    print(f"{out}: bracket F1 {best.dev_f1:.2f} % on the development trees, epoch {best.epoch}")
