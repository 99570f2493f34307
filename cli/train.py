"""``treernn train``: a sentiment model from labelled trees or sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treernn.errors import InputError

if TYPE_CHECKING:
    from treernn.training.sentiment import Settings


def train(
    out: Annotated[Path, typer.Option(help="Folder for the model; an unfinished run goes on.")],
    data: Annotated[
        Path | None,
        typer.Option(help="The Stanford Sentiment Treebank: archive or folder; else fetched."),
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
    text_column: Annotated[str, typer.Option(help="Column with the sentence.")] = "text",
    label_column: Annotated[str, typer.Option(help="Column with the class, 0 to 4.")] = "label",
    vectors: Annotated[
        str | None,
        typer.Option(help="Word vectors in GloVe's text format, or none; else GloVe, fetched."),
    ] = None,
    words: Annotated[
        int, typer.Option(help="How many of the most frequent word vectors to keep.", min=0)
    ] = 50_000,
    settings: Annotated[
        Path | None, typer.Option(help="Settings in a TOML file; the flags below go before it.")
    ] = None,
    cell: Annotated[str | None, typer.Option(help="lstm, child-sum-lstm, gru or elman.")] = None,
    hidden_size: Annotated[int | None, typer.Option(help="Numbers per node state.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Share left out in training.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the trees at most.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better one.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Trees per step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of AdaGrad.")] = None,
    embedding_learning_rate: Annotated[
        float | None, typer.Option(help="Of the word vectors.")
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="L2, word vectors excepted.")] = None,
    averaging: Annotated[
        float | None, typer.Option(help="Share of the old average at each step.")
    ] = None,
    root_weight: Annotated[
        float | None, typer.Option(help="How many times a root's loss counts.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of all that is random.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Train a sentiment model; by default as the shipped one was trained.

    It learns from the Stanford Sentiment Treebank, from --trees or from --sentences. The folder
    gets the epoch with the best root accuracy on the dev data, and metrics.jsonl. Killed and
    started again with the same options, a run goes on from its last epoch; a finished model is
    never overwritten.
    """
    flags = {
        "cell": cell,
        "hidden_size": hidden_size,
        "dropout": dropout,
        "epochs": epochs,
        "patience": patience,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "embedding_learning_rate": embedding_learning_rate,
        "weight_decay": weight_decay,
        "averaging": averaging,
        "root_weight": root_weight,
        "seed": seed,
    }
    if trees is not None and sentences is not None:
        raise InputError("--trees and --sentences exclude each other")
    if (dev_trees is not None and trees is None) or (
        dev_sentences is not None and sentences is None
    ):
        raise InputError("--dev-trees goes with --trees, --dev-sentences with --sentences")

    with _interruptible(out):
        from treernn.corpora import glove
        from treernn.models.device import usable_device
        from treernn.models.shipped import PARSER
        from treernn.parsing.embedded import SpanParser
        from treernn.training import data as training_data
        from treernn.training import sentiment

        place = usable_device(device)
        chosen = _settings(settings, flags)
        if trees is not None:
            found = training_data.tree_data(trees, dev_trees, chosen.seed)
        elif sentences is not None:
            found = training_data.sentence_data(
                SpanParser.load(PARSER),
                sentences,
                dev_sentences,
                text_column,
                label_column,
                chosen.seed,
            )
        else:
            found = training_data.sst_data(data)
        known = None
        if vectors != "none":
            known = glove.read(glove.fetch(vectors), progress=True)
        table = sentiment.vocabulary(found.train, known, words)
        model = sentiment.new_classifier(chosen, table, known).to(place)
        _run(model, found.train, found.dev, chosen, out)


@contextmanager
def _interruptible(out: Path) -> Iterator[None]:
    """Turn Ctrl-C into a line that says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        done = "goes on after its last whole epoch" if _unfinished(out) else "begins anew"
        print(f"treernn: stopped; the same command {done}", file=sys.stderr)
        raise typer.Exit(130) from None


def _unfinished(out: Path) -> bool:
    from treernn.training.trainer import CHECKPOINT

    return (out / CHECKPOINT).exists()


def _settings(path: Path | None, flags: dict[str, Any]) -> Settings:
    """Those of the file, then the flags that were given."""
    from treernn.training.sentiment import Settings
    from treernn.training.trainer import settings_from

    values = {}
    if path is not None:
        values = _toml(path)
        try:
            settings_from(Settings, values)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    return settings_from(
        Settings, values | {name: flag for name, flag in flags.items() if flag is not None}
    )


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML ({error})") from None


def _run(model: Any, train: list[Any], dev: list[Any], settings: Settings, out: Path) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from treernn.models.folder import CONFIG
    from treernn.training.sentiment import train_classifier

    before = "finished before, " if (out / CONFIG).exists() else ""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("epoch 1")

        def progress(epoch: int, done: int, steps: int) -> None:
            bar.update(task, completed=done, total=steps, description=f"epoch {epoch}")

        def report(epoch: dict[str, Any]) -> None:
            binary = "" if epoch["dev_binary"] is None else f" / {epoch['dev_binary']:.2f} %"
            bar.print(
                f"epoch {epoch['epoch']:2}   loss {epoch['loss']:.3f}   dev root "
                f"{epoch['dev_root']:.2f} %{binary}   all nodes {epoch['dev_all']:.2f} %   "
                f"{epoch['seconds']:.0f} s"
            )

        best = train_classifier(model, train, dev, settings, out, progress=progress, report=report)
    print(f"{out}: {before}dev root accuracy {best['dev_root']:.2f} %, epoch {best['epoch']}")
