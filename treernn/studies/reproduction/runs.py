"""One run: train the model of a row with one seed, evaluate it, write its record."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import treernn
from treernn import strict_json
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import NEUTRAL, evaluate
from treernn.evaluation.contrast import contrast
from treernn.evaluation.negation import treebank_negation
from treernn.evaluation.plain import to_plain
from treernn.files import atomic_write
from treernn.models.sentiment import load_sentiment
from treernn.studies.machine import device_name, machine
from treernn.studies.reproduction import bag_of_words
from treernn.studies.reproduction.records import Record, Run, read_record
from treernn.studies.reproduction.rows import ROWS, Ensemble, Row
from treernn.training.loop.settings import TrainingSettings
from treernn.training.loop.trainer import METRICS, fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import EncoderSettings
from treernn.types import UNLABELLED, AnyTree, Splits

Trees = Sequence[AnyTree]

QUICK_EPOCHS = 6

# The label of a two-class model; neutral phrases have none.
_BINARY = {UNLABELLED: UNLABELLED, 0: 1, 1: 1, NEUTRAL: UNLABELLED, 3: 3, 4: 3}


@dataclass(frozen=True)
class Data:
    """A treebank and word vectors.

    Attributes:
        trees: all roots have labels.
        vectors: pretrained word vectors.
        vectors_name: for the report, for example ``GloVe 6B 100-d``.
        quick: whether this is a part of the treebank, for quick runs.
    """

    trees: Splits[AnyTree]
    vectors: WordVectors
    vectors_name: str
    quick: bool = False

    def map(self, change: Callable[[Any], Any]) -> Data:
        """A copy with each part of the treebank changed."""
        return replace(self, trees=Splits(*map(change, self.trees)))


def model_folder(out: Path, run: Run) -> Path:
    """The folder of the model of a run."""
    return out / "models" / run.name


def members(run: Run) -> list[Run]:
    """The runs whose models form an ensemble; empty for other rows."""
    settings = ROWS[run.row].settings
    if not isinstance(settings, Ensemble):
        return []
    return [Run(settings.row, run.task, seed + 1) for seed in range(settings.members)]


def run_once(run: Run, data: Data, out: Path, device: str = "cpu") -> Record:
    """Train, evaluate and write the record; a run that has its record is not repeated.

    Args:
        run: the run; members of an ensemble are run first.
        data: with dependency trees if the row needs them.
        out: folder of ``runs/`` and ``models/``.
        device: where the model is trained and run.

    Raises:
        InputError: the record or the model in ``out`` has other settings or data.
        DataError: the record is damaged.
    """
    row = ROWS[run.row]
    settings: Any = row.settings
    if row.seeded:
        epochs = min(settings.epochs, QUICK_EPOCHS) if data.quick else settings.epochs
        settings = replace(settings, seed=run.seed, epochs=epochs)
    expected = {
        **asdict(run),
        "quick": data.quick,
        "data": {
            part: {"trees": len(trees), "nodes": sum(tree.num_nodes for tree in trees)}
            for part, trees in data.trees._asdict().items()
        },
        "vectors": _vectors_name(row, data),
        "settings": _plain(settings),
    }
    path = out / "runs" / f"{run.name}.json"
    if not path.exists():
        text = strict_json.dumps(
            {**expected, **_results(run, settings, data, out, device)}, indent=1
        )
        with atomic_write(path) as fresh:
            fresh.write_text(text + "\n", "utf-8")
    record = read_record(path)
    stored = strict_json.read(path)
    # Settings that were added since then had their default values.
    stored["settings"] = {**_plain(type(settings)()), **stored["settings"]}
    for name, value in expected.items():
        if json.dumps(stored.get(name), sort_keys=True) != json.dumps(value, sort_keys=True):
            raise InputError(
                f"{path}: a run with different {name}; choose another --out, or remove the file"
            )
    return record


def _plain(settings: Any) -> dict[str, Any]:
    return settings.values() if isinstance(settings, TrainingSettings) else asdict(settings)


def _vectors_name(row: Row, data: Data) -> str:
    if row.vectors in ("tuned", "fixed"):
        return f"{data.vectors_name}, {row.vectors}"
    if isinstance(row.settings, EncoderSettings):
        return f"{row.settings.encoder.rpartition('/')[2]}, {row.settings.tuning}"
    return f"random {data.vectors.dimension}-d, tuned" if row.vectors == "random" else "none"


def _results(run: Run, settings: Any, data: Data, out: Path, device: str) -> dict[str, Any]:
    """Train and evaluate; what a record holds besides what it is about."""
    row, of_members = (
        ROWS[run.row],
        [run_once(member, data, out, device) for member in members(run)],
    )
    if run.task == "binary":
        data = data.map(binary_labels)
    train, dev, test = data.trees
    if not row.phrases:
        train = root_labels(train)
    history: list[dict[str, Any]] = []
    chosen: dict[str, Any] = {}
    models: list[Any] = [
        load_sentiment(model_folder(out, member.run)).to(device) for member in of_members
    ]
    if isinstance(settings, bag_of_words.Settings):
        models = [bag_of_words.fit(train, dev, settings)]  # type: ignore[arg-type]
        history, chosen = models[0].history, models[0].chosen
    elif not isinstance(settings, Ensemble):
        folder = model_folder(out, run)
        # The model is for this treebank only, so the vocabulary has the dev and test words too.
        words = vocabulary([tree for part in data.trees for tree in part], None, 0)
        vectors = data.vectors if row.vectors in ("tuned", "fixed") else None
        if row.vectors == "random":
            settings = settings.updated(embedding_size=data.vectors.dimension)
        # An encoder ignores words and vectors.
        model = new_classifier(settings, words, vectors).to(device)
        task = SentimentTask(model, Splits(train, dev), settings)
        chosen = fit(task, folder, {"task": run.task})
        models = [load_sentiment(folder).to(device)]
        history = [json.loads(line) for line in (folder / METRICS).read_text("utf-8").splitlines()]

    def distributions(trees: Trees) -> list[np.ndarray]:
        by_tree = zip(*(model.distributions(trees) for model in models), strict=True)
        return [np.mean(rows, axis=0) for rows in by_tree]

    of_test = distributions(test)
    results = {
        "weights": sum(model.num_weights for model in models),
        "seconds": sum(member.figures["seconds"] for member in of_members)
        or sum(epoch["seconds"] for epoch in history),
        "test": evaluate(test, of_test).to_dict(),
        "dev": evaluate(dev, distributions(dev)).to_dict(),
        "history": history,
        "chosen": chosen,
        "machine": machine(device=device_name(device)),
        "treernn": treernn.__version__,
    }
    if run.task == "five" and not row.dependency:
        results["analyses"] = analyses(test, of_test)
    return results


def binary_labels(trees: Trees) -> list[AnyTree]:
    """Trees for a two-class model, without those whose root is neutral."""
    return [
        tree.with_labels([_BINARY[label] for label in tree.labels])
        for tree in trees
        if tree.labels[tree.root] != NEUTRAL
    ]


def root_labels(trees: Trees) -> list[AnyTree]:
    """The trees with no labels but those of the roots."""
    return [tree.with_labels([UNLABELLED] * tree.root + [tree.labels[tree.root]]) for tree in trees]


def analyses(trees: Sequence[Any], distributions: Sequence[np.ndarray]) -> dict[str, float | None]:
    """The analyses of Socher et al. (2013, sections 5.3 and 5.4), % of cases; None without cases.

    Returns:
        ``contrast``: sentences ``X but Y`` with both parts and the phrase that joins them right;
        the others as in ``treernn.evaluation.negation.NegationScores``, for negated positive and
        negated negative phrases.
    """
    negation = treebank_negation(trees, distributions)
    percentages = {
        "contrast": contrast(trees, distributions).correct,
        "positive_flipped": negation.negated_positive.flipped,
        "negative_opposite_rises": negation.negated_negative.opposite_rises,
        "negative_own_falls": negation.negated_negative.own_falls,
    }
    return {name: to_plain(value, ".2f") for name, value in percentages.items()}
