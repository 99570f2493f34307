"""Chains and trees trained under equal conditions, as in Tai et al. (2015, Tables 1 and 2).

All models are trained on the same phrases by the same optimizer, start with the same word vectors,
and have about as many other weights as the Tree-LSTM, so that they differ in structure and cell
only.
"""

from __future__ import annotations

import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.sentiment import load_sentiment
from treernn.studies.formatting import mean_and_deviation
from treernn.studies.machine import device_name, machine, seconds
from treernn.studies.report import Report, table
from treernn.training.loop.trainer import fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import ChainSettings, TreeSettings
from treernn.types import Splits, Tree

TIMED_STEPS, TIMED_SENTENCES, ROUNDS = 20, 500, 3

Training = ChainSettings | TreeSettings

MODELS: dict[str, Training] = {
    "chain-elman": ChainSettings().updated(cell="elman"),
    "chain-gru": ChainSettings().updated(cell="gru"),
    "chain-lstm": ChainSettings().updated(cell="lstm"),
    "stacked-lstm": ChainSettings().updated(cell="lstm", layers=2),
    "bidirectional-lstm": ChainSettings().updated(cell="lstm", bidirectional=True),
    "stacked-bidirectional-lstm": ChainSettings().updated(
        cell="lstm", layers=2, bidirectional=True
    ),
    "tree-elman": TreeSettings().updated(cell="elman"),
    "tree-gru": TreeSettings().updated(cell="gru"),
    "tree-lstm": TreeSettings().updated(cell="lstm"),
    "tree-child-sum-lstm": TreeSettings().updated(cell="child-sum-lstm"),
}
REFERENCE = MODELS["tree-lstm"]
"""The model whose number of weights the others get."""

OnEpoch = Callable[[str, int, dict[str, Any]], None]


@dataclass(frozen=True)
class Settings:
    """What all models have in common; other settings are the defaults of ``treernn train``.

    Attributes:
        models: names in ``MODELS``.
        seeds: one run of each model per seed.
        epochs: maximum number of epochs.
        hidden_size: of ``REFERENCE``.
        max_vectors: number of word vectors besides those of the training words.

    Raises:
        InputError: a value is out of range, or named twice.
    """

    models: tuple[str, ...] = tuple(MODELS)
    seeds: tuple[int, ...] = (1,)
    epochs: int = 8
    hidden_size: int = 150
    max_vectors: int = 50_000

    def __post_init__(self) -> None:
        for name in "models", "seeds":
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise InputError(f"{name}: {list(values)}, expected one or more, each once")
        for model in self.models:
            if model not in MODELS:
                raise InputError(f"no model is called {model!r}; there are {', '.join(MODELS)}")
        for seed in self.seeds:
            REFERENCE.updated(seed=seed, epochs=self.epochs, hidden_size=self.hidden_size)


def compare(
    data: Splits[Tree],
    vectors: WordVectors | None,
    settings: Settings,
    out: Path,
    on_epoch: OnEpoch = lambda _model, _seed, _metrics: None,
    device: torch.device | str = "cpu",
) -> Report:
    """Train the models and evaluate them.

    A finished model is not trained again, an unfinished one resumes after its last complete epoch.
    The first seed of all models comes before the second of any.

    Args:
        data: trees; all roots have labels.
        vectors: pretrained word vectors; without them, random ones with 100 dimensions.
        settings: the models and their training.
        out: gets the model folders, ``MODEL-seedN``.
        on_epoch: called after each epoch with the model, the seed and the metrics.
        device: where the models are trained and run.

    Returns:
        ``settings``, ``machine`` and ``rows``, one per model: its structure and sizes; ``weights``,
        the number of trained parameters besides the word vectors; one value per seed of the chosen
        ``epochs`` and the accuracies (%) on ``dev`` and ``test``; sentences per second in training
        (``train_per_s``, with all their phrases) and in prediction (``score_per_s``, roots only).

    Raises:
        InputError: too few trees; or as ``treernn.training.loop.trainer.fit``, for example because
            a folder holds a model with other settings.
        ModelError: a folder of ``out`` holds something else.
    """
    if len(data.train) < 3:
        raise InputError(f"{len(data.train)} train trees, at least 3 are needed to time a step")
    words = vocabulary(data.train, vectors, settings.max_vectors)
    common = {
        "embedding_size": 100 if vectors is None else vectors.dimension,
        "epochs": settings.epochs,
    }
    reference = REFERENCE.updated(hidden_size=settings.hidden_size, **common)
    weights = num_weights(reference)
    chosen = {name: fit_size(MODELS[name].updated(**common), weights) for name in settings.models}
    best: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    for seed in settings.seeds:
        smallest = new_classifier(reference.updated(hidden_size=1, seed=seed), words, vectors)
        embedding = smallest.get_parameter("embedding.weight").detach().numpy()
        shared = WordVectors(tuple(words), embedding)  # with those that are random
        for name, own in chosen.items():
            own = replace(own, seed=seed)
            model = new_classifier(own, words, shared).to(device)
            task = SentimentTask(model, data, own)
            report = partial(on_epoch, name, seed)
            best[name].append(fit(task, folder(out, name, seed), on_epoch=report))
    rows = []
    for name, own in chosen.items():
        models = [load_sentiment(folder(out, name, seed)).to(device) for seed in settings.seeds]
        epochs = [metrics["epoch"] for metrics in best[name]]
        rows.append({"model": name, "epochs": epochs, **_results(models, data, own)})
    where = machine(device=device_name(device))
    return Report(
        {"settings": asdict(settings), "rows": rows, "machine": where}, _table(rows, where)
    )


def folder(out: Path, name: str, seed: int) -> Path:
    """The folder of a model."""
    return out / f"{name}-seed{seed}"


def num_weights(settings: Training) -> int:
    """Trained parameters besides the word vectors."""
    return new_classifier(settings, ["<unk>"]).num_weights


def fit_size(settings: Training, weights: int) -> Training:
    """The settings with the hidden size whose number of weights is closest to ``weights``."""

    def count(size: int) -> int:
        return num_weights(settings.updated(hidden_size=size))

    high = 2
    while count(high) < weights:
        high *= 2
    enough = bisect_left(range(high), weights, lo=2, key=count)
    closest = min(enough - 1, enough, key=lambda size: abs(count(size) - weights))
    return settings.updated(hidden_size=closest)


def _results(
    models: Sequence[PhraseClassifier], data: Splits[Tree], settings: Training
) -> dict[str, Any]:
    """Evaluate the models of all seeds."""
    evaluations = {
        part: [evaluate(trees, model.distributions(trees)) for model in models]
        for part, trees in (("dev", data.dev), ("test", data.test))
    }
    accuracies = {
        part: {
            "root_five": [result.root.five for result in results],
            "root_binary": [result.root.binary for result in results],
            "all_five": [result.all.five for result in results],
        }
        for part, results in evaluations.items()
    }
    model, timed = models[-1], data.test[:TIMED_SENTENCES]
    return {
        "structure": "tree" if isinstance(settings, TreeSettings) else "chain",
        "cell": settings.model.cell,
        "layers": getattr(settings.model, "layers", 1),
        "bidirectional": settings.model.bidirectional,
        "hidden_size": settings.model.hidden_size,
        "weights": model.num_weights,
        **accuracies,
        "train_per_s": _trained_per_s(model, data, settings),
        "score_per_s": len(timed) / min(seconds(lambda: model.roots(timed)) for _ in range(ROUNDS)),
    }


def _trained_per_s(model: PhraseClassifier, data: Splits[Tree], settings: Training) -> float:
    """Sentences per second in training, measured in a short run whose result is discarded."""
    size = min(settings.batch_size, len(data.train) // 3)
    ends: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        part = Splits(data.train[: TIMED_STEPS * size], data.dev[:1])
        fit(
            SentimentTask(model, part, replace(settings, epochs=1, batch_size=size)),
            Path(scratch, "model"),
            on_step=lambda *_: ends.append(time.perf_counter()),
        )
    # The first step is a warm-up, and the last one may have fewer trees.
    return size * (len(ends) - 2) / (ends[-2] - ends[0])


def _table(rows: Sequence[dict[str, Any]], about: dict[str, Any]) -> Any:
    """Mean and standard deviation over the seeds."""
    accuracies = [
        f"{part}\n{name}" for part in ("dev", "test") for name in ("root 5", "root 2", "all 5")
    ]
    columns = ["structure", "cell", "layers", "hidden", "weights", *accuracies]
    shown = table(about, [*columns, "trains\nper s", "scores\nper s"], left_aligned=2)
    for row in rows:
        shown.add_row(
            "bidirectional" if row["bidirectional"] else row["structure"],
            row["cell"],
            *(f"{row[name]:,}" for name in ("layers", "hidden_size", "weights")),
            *map(mean_and_deviation, (*row["dev"].values(), *row["test"].values())),
            *(f"{row[name]:,.0f}" for name in ("train_per_s", "score_per_s")),
        )
    return shown
