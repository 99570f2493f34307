"""What the commands that train have in common: settings, word vectors, progress, Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from treernn.errors import InputError

if TYPE_CHECKING:
    from treernn.corpora.glove import WordVectors
    from treernn.models.phrase_classifier import PhraseClassifier
    from treernn.training.settings import TrainingSettings
    from treernn.training.structures import SentimentSettings
    from treernn.types import Tree

Chosen = TypeVar("Chosen", bound="TrainingSettings")

WORDS = 50_000  # word vectors kept, the most frequent


def read_vectors(wanted: str | None) -> WordVectors | None:
    """Word vectors of a file; of ``none`` none, of None GloVe's, fetched."""
    from treernn.corpora import glove

    return None if wanted == "none" else glove.read(glove.fetch(wanted), progress=True)


def sentiment_settings(given: Mapping[str, Any], flags: Sequence[str]) -> SentimentSettings:
    """Settings of the structure that was chosen, over word vectors or an encoder."""
    from treernn.training import encoder_structures as contextual
    from treernn.training import structures

    kinds: dict[str, tuple[type[SentimentSettings], type[SentimentSettings] | None]] = {
        "tree": (structures.TreeSettings, contextual.ContextualTreeSettings),
        "chain": (structures.ChainSettings, None),
        "average": (structures.AverageSettings, contextual.ContextualAverageSettings),
    }
    if "start" in given:
        shape = _shape(given, {kind.MODEL: name for name, (kind, _) in kinds.items()})
        given, flags = {**given, **shape}, [*flags, *(shape.keys() - {"structure"})]
    structure = given.get("structure", "tree")
    if structure not in kinds:
        raise InputError(f"structure is {structure!r}, expected tree, chain or average")
    plain, contextual_kind = kinds[structure]
    if not on_encoder(given):
        return settings_of(plain, given, flags)
    if contextual_kind is None:
        raise InputError("an encoder is for --structure tree or average, not chain")
    return settings_of(contextual_kind, given, flags)


def on_encoder(given: Mapping[str, Any]) -> bool:
    """Whether flags or settings name an encoder in place of word vectors.

    Raises:
        InputError: there are flags of the other kind too.
    """
    if "encoder" not in {**(read_toml(given["settings"]) if "settings" in given else {}), **given}:
        if "tuning" in given:
            raise InputError("--tuning is of an encoder; it goes with --encoder")
        return False
    for name in ("vectors", "words"):
        if name in given:
            raise InputError(f"--{name} is of word vectors; an encoder has its own")
    return True


def with_start(given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with the model to begin with in place of its folder."""
    from treernn.models.sentiment import load_sentiment

    start = {"start": load_sentiment(given["start"])} if "start" in given else {}
    return {**given, **start}


def _shape(given: Mapping[str, Any], structures: Mapping[type, str]) -> dict[str, Any]:
    """What the model to begin with leaves no choice in: its structure, and settings."""
    from treernn.training.initialization import check_shape, shape_of

    for name in ("vectors", "words"):
        if name in given:
            raise InputError(f"--{name} is of a new model; that of --start has its words")
    start = given["start"]
    if "settings" in given:
        check_shape(start, read_toml(given["settings"]), given["settings"])
    check_shape(start, given, "--start")
    structure = structures[type(start)]
    if given.get("structure", structure) != structure:
        raise InputError(f"--start: it is a {structure}, not a {given['structure']}")
    return {"structure": structure, **shape_of(start)}


def new_sentiment(
    chosen: SentimentSettings, trees: Sequence[Tree], given: Mapping[str, Any]
) -> PhraseClassifier:
    """A model to be trained by these settings: untrained, for the words of ``trees``, or begun as
    that of ``given``."""
    from treernn.training.encoder_structures import EncoderSettings
    from treernn.training.initialization import begun_as
    from treernn.training.sentiment import vocabulary

    if "start" in given:
        return begun_as(given["start"], chosen)
    if isinstance(chosen, EncoderSettings):
        return chosen.new()
    known = read_vectors(given.get("vectors"))
    words = vocabulary(trees, known, given.get("words", WORDS), chosen.MODEL.COMPOSES)
    return chosen.new(words, known)


@contextmanager
def interruptible(out: Path) -> Iterator[None]:
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


def settings_of(kind: type[Chosen], given: Mapping[str, Any], flags: Iterable[str]) -> Chosen:
    """Settings of the file ``given["settings"]``, then those of ``flags`` that were given."""
    from treernn.training.settings import settings_from

    values = {}
    if "settings" in given:
        path = given["settings"]
        values = read_toml(path)
        try:
            settings_from(kind, values)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    chosen = {name: given[name] for name in flags if name in given}
    return settings_from(kind, values | chosen)


def read_toml(path: Path) -> dict[str, Any]:
    """The values of a TOML file."""
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML ({error})") from None


def show(out: Path, train: Callable[..., dict[str, Any]]) -> None:
    """Run ``train`` with a bar on a terminal, and a line after each epoch."""
    from rich.console import Console
    from rich.progress import Progress

    from treernn.models.storage import CONFIG

    before = "finished before, " if (out / CONFIG).exists() else ""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("epoch 1")

        def progress(epoch: int, done: int, steps: int) -> None:
            bar.update(task, completed=done, total=steps, description=f"epoch {epoch}")

        def report(epoch: dict[str, Any]) -> None:
            bar.print(f"epoch {epoch['epoch']:2}   loss {epoch['loss']:.3f}   {_figures(epoch)}")

        best = train(progress=progress, report=report)
    print(f"{out}: {before}epoch {best['epoch']}, {_figures(best).replace('   ', ', ')}")


def _figures(epoch: Mapping[str, Any]) -> str:
    """What an epoch gave on the dev data, and its seconds."""
    figures = [
        f"{name.replace('_', ' ')} {value:.2f}"
        for name, value in epoch.items()
        if name.startswith("dev_") and value is not None
    ]
    return "   ".join([*figures, f"{epoch['seconds']:.0f} s"])


@contextmanager
def share_bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, of the share of something that is done."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share: bar.update(task, completed=share)
