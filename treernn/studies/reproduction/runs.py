"""One run: a row's model trained with one seed, measured, and written down."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

import treernn
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import NEUTRAL, evaluate
from treernn.evaluation.contrast import contrast
from treernn.evaluation.negation import treebank_negation
from treernn.files import whole_file
from treernn.models.sentiment import load_sentiment
from treernn.studies.machine import machine
from treernn.studies.reproduction import bag_of_words
from treernn.studies.reproduction.rows import ROWS, Ensemble, Row, Task
from treernn.training.encoder_structures import EncoderSettings
from treernn.training.sentiment import train_sentiment, vocabulary
from treernn.training.trainer import METRICS
from treernn.types import LABELS, UNLABELLED, DependencyTree, Tree

Trees = Sequence[Tree] | Sequence[DependencyTree]

QUICK_EPOCHS = 6

# Nobody knows how negative or positive: each side is one class, the neutral none.
_SIDES = {label: label for label in range(UNLABELLED, len(LABELS))} | {
    label: UNLABELLED if label == NEUTRAL else 1 if label < NEUTRAL else 3
    for label in range(len(LABELS))
}


@dataclass(frozen=True)
class Data:
    """A treebank in three parts, and what the word vectors begin with.

    Attributes:
        train, dev, test: trees; all roots have labels.
        vectors: word vectors.
        vectors_name: what they are, for the report: ``GloVe 6B 100-d``.
        quick: whether this is a smaller treebank, for a quick look.
    """

    train: Trees
    dev: Trees
    test: Trees
    vectors: WordVectors
    vectors_name: str
    quick: bool = False

    def map(self, change: Callable[[Any], Any]) -> Data:
        """The same with all three parts changed."""
        return replace(self, train=change(self.train), dev=change(self.dev), test=change(self.test))


@dataclass(frozen=True)
class Run:
    """Which model, trained for what, from which seed.

    Attributes:
        row: name of one of ``treernn.studies.reproduction.rows.ROWS``.
        task: see ``treernn.studies.reproduction.rows.Row``.
        seed: of all that is random.
    """

    row: str
    task: Task
    seed: int

    @property
    def name(self) -> str:
        """Of its file and its model folder."""
        return f"{self.row}-{self.task}-seed{self.seed}"


class Scored(Protocol):
    """What all trained models have in common."""

    def distributions(self, trees: Any) -> list[np.ndarray]:
        """For each tree ``[nodes, 5]``."""


def record(out: Path, run: Run) -> Path:
    """The file of a run."""
    return out / "runs" / f"{run.name}.json"


def model_folder(out: Path, run: Run) -> Path:
    """Where the model of a run is trained and kept."""
    return out / "models" / run.name


def run(which: Run, data: Data, out: Path) -> dict[str, Any]:
    """Train, measure, write the run's file; a run that has its file is not run again.

    Args:
        which: the run.
        data: with dependency trees where the row wants them.
        out: folder of ``runs/`` and ``models/``.

    Returns:
        What the file holds: ``row``, ``task``, ``seed``, ``quick``, ``data`` (how many trees and
        nodes), ``vectors``, ``settings``, ``weights`` (learnt numbers outside the word vectors),
        ``seconds`` of training, ``test`` and ``dev`` as ``Evaluation.to_dict`` has
        them, ``understood`` (see ``understood``; of five classes over parse trees), ``history`` and
        ``chosen`` epoch, ``machine`` and ``treernn``, its version.

    Raises:
        InputError: the file or the model there are of other settings or data.
    """
    row = ROWS[which.row]
    settings = _settings(row, which, data)
    about = {
        **asdict(which),
        "quick": data.quick,
        "data": {part: _size(getattr(data, part)) for part in ("train", "dev", "test")},
        "vectors": _vectors_name(row, data),
        "settings": asdict(settings),
    }
    path = record(out, which)
    if path.exists():
        return _read(path, about, settings)
    made_of = members(which)
    theirs = [run(each, data, out) for each in made_of]
    if which.task == "binary":
        data = data.map(two_sides)
    if not row.phrases:
        data = replace(data, train=sentences(data.train))
    model: Any
    history: list[dict[str, Any]] = []
    chosen: dict[str, Any] = {}
    if made_of:
        for each in made_of:
            if not model_folder(out, each).exists():
                raise InputError(
                    f"{model_folder(out, each)}: gone; remove {record(out, each)} to train it again"
                )
        model = _Mean([load_sentiment(model_folder(out, each)) for each in made_of])
    else:
        model, history, chosen = _train(row, settings, data, model_folder(out, which), which.task)
    found = {
        **about,
        "weights": sum(each["weights"] for each in theirs) or model.num_weights,
        "seconds": sum(each["seconds"] for each in theirs or history),
        **_measured(model, data, which.task),
        "history": history,
        "chosen": chosen,
        "machine": machine(),
        "treernn": treernn.__version__,
    }
    text = json.dumps(found, indent=1) + "\n"
    with whole_file(path) as fresh:
        fresh.write_text(text, "utf-8")
    return json.loads(text)


def two_sides(trees: Trees) -> list[Any]:
    """The trees whose roots are not neutral, every label one of negative and positive, or none."""
    kept = (tree for tree in trees if tree.labels[tree.root] != NEUTRAL)
    return [tree.with_labels([_SIDES[label] for label in tree.labels]) for tree in kept]


def sentences(trees: Trees) -> list[Any]:
    """The trees without labels but for those of their roots."""
    return [
        tree.with_labels(
            [label if node == tree.root else UNLABELLED for node, label in enumerate(tree.labels)]
        )
        for tree in trees
    ]


def members(which: Run) -> list[Run]:
    """The runs whose models an ensemble is made of; else none."""
    settings = ROWS[which.row].settings
    if not isinstance(settings, Ensemble):
        return []
    return [Run(settings.row, which.task, seed + 1) for seed in range(settings.members)]


class _Mean:
    """Several models as one."""

    def __init__(self, models: Sequence[Scored]) -> None:
        self.models = models

    def distributions(self, trees: Any) -> list[np.ndarray]:
        """The mean of theirs."""
        each = zip(*(model.distributions(trees) for model in self.models), strict=True)
        return [np.mean(rows, axis=0) for rows in each]


def _settings(row: Row, which: Run, data: Data) -> Any:
    settings: Any = row.settings
    if row.seeded:
        settings = replace(settings, seed=which.seed)
        if data.quick:
            settings = replace(settings, epochs=min(settings.epochs, QUICK_EPOCHS))
    return settings


def _size(trees: Trees) -> dict[str, int]:
    return {"trees": len(trees), "nodes": sum(tree.num_nodes for tree in trees)}


def _vectors_name(row: Row, data: Data) -> str:
    if row.vectors in ("tuned", "fixed"):
        return f"{data.vectors_name}, {row.vectors}"
    if isinstance(row.settings, EncoderSettings):
        return f"{row.settings.encoder.rpartition('/')[2]}, {row.settings.tuning}"
    return f"random {data.vectors.dimension}-d, tuned" if row.vectors == "random" else "none"


def _read(path: Path, about: dict[str, Any], settings: Any) -> dict[str, Any]:
    """The run in ``path``, which must be the one that ``about`` describes."""
    try:
        found = json.loads(path.read_text("utf-8"))
        # A setting that came later was what it now is by default.
        usual = {
            each.name: each.default for each in fields(settings) if each.default is not MISSING
        }
        same = {**found, "settings": {**usual, **found["settings"]}}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: cannot be read ({error!r}); remove it to run it again") from None
    for name, value in about.items():
        if json.dumps(same.get(name), sort_keys=True) != json.dumps(value, sort_keys=True):
            raise InputError(
                f"{path}: of another run, its {name} differ; choose another --out, or remove it"
            )
    return found


def _train(
    row: Row, settings: Any, data: Data, folder: Path, task: Task
) -> tuple[Scored, list[dict[str, Any]], dict[str, Any]]:
    """The trained model, its epochs, and the chosen one."""
    if isinstance(settings, bag_of_words.Settings):
        bag: Any = bag_of_words.fit(data.train, data.dev, settings)  # type: ignore[arg-type]
        return bag, bag.history, bag.chosen
    # Every word that is read has its vector: they are of no use beyond the treebank.
    words = vocabulary([*data.train, *data.dev, *data.test], None, 0)
    given = data.vectors if row.vectors in ("tuned", "fixed") else None
    model = settings.new(words, given, data.vectors.dimension)  # an encoder takes none of them
    chosen = train_sentiment(model, data.train, data.dev, settings, folder, {"task": task})
    lines = (folder / METRICS).read_text("utf-8").splitlines()
    return load_sentiment(folder), [json.loads(line) for line in lines], chosen


def _measured(model: Scored, data: Data, task: Task) -> dict[str, Any]:
    of_test = model.distributions(data.test)
    found = {
        "test": evaluate(data.test, of_test).to_dict(),
        "dev": evaluate(data.dev, model.distributions(data.dev)).to_dict(),
    }
    if task == "five" and all(isinstance(tree, Tree) for tree in data.test):
        found["understood"] = understood(data.test, of_test)  # type: ignore[arg-type]
    return found


def understood(
    trees: Sequence[Tree], distributions: Sequence[np.ndarray]
) -> dict[str, float | None]:
    """The analyses of Socher et al. (2013, sections 5.3 and 5.4), per cent of cases: ``contrast``,
    sentences ``X but Y`` in which all three are right; ``positive_turned``, negations of something
    positive that turn it; ``negative_crossed``, those of something negative that make it more
    positive, and ``negative_eased``, less negative. None where there are no cases."""
    negated = treebank_negation(trees, distributions)
    found = {
        "contrast": contrast(trees, distributions).correct,
        "positive_turned": negated.negated_positive.flipped,
        "negative_crossed": negated.negated_negative.opposite_rises,
        "negative_eased": negated.negated_negative.own_falls,
    }
    return {name: None if math.isnan(share) else round(share, 2) for name, share in found.items()}
