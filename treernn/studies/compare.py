"""Chains and trees side by side: alike in words, number of weights, seeds and optimiser.

The comparison of Tai et al. (2015, tables 1 and 2): every model learns from the same phrases and
has as many weights outside the word vectors as the Tree-LSTM, so that structure and cell are what
tells them apart.
"""

from __future__ import annotations

import functools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from treernn.corpora import sst
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.sentiment import load_sentiment
from treernn.studies.machine import machine
from treernn.training.sentiment import train_sentiment, vocabulary
from treernn.training.structures import ChainSettings, TreeSettings
from treernn.types import Tree

TIMED_STEPS, TIMED_SENTENCES, ROUNDS = 20, 500, 3

Training = ChainSettings | TreeSettings


@dataclass(frozen=True)
class Kind:
    """One of the models that are compared.

    Attributes:
        structure: ``chain`` or ``tree``.
        cell: see ``treernn.training.structures``.
        layers: of a chain.
        bidirectional: whether a chain runs in both directions.
    """

    structure: str
    cell: str
    layers: int = 1
    bidirectional: bool = False

    def settings(self, **common: Any) -> Training:
        """How it is trained, given what all kinds have in common."""
        if self.structure == "tree":
            return TreeSettings(self.cell, **common)
        return ChainSettings(
            self.cell, layers=self.layers, bidirectional=self.bidirectional, **common
        )


KINDS = {
    "chain-elman": Kind("chain", "elman"),
    "chain-gru": Kind("chain", "gru"),
    "chain-lstm": Kind("chain", "lstm"),
    "stacked-lstm": Kind("chain", "lstm", layers=2),
    "bidirectional-lstm": Kind("chain", "lstm", bidirectional=True),
    "stacked-bidirectional-lstm": Kind("chain", "lstm", layers=2, bidirectional=True),
    "tree-elman": Kind("tree", "elman"),
    "tree-gru": Kind("tree", "gru"),
    "tree-lstm": Kind("tree", "lstm"),
    "tree-child-sum-lstm": Kind("tree", "child-sum-lstm"),
}
YARDSTICK = KINDS["tree-lstm"]  # whose weights are counted


@dataclass(frozen=True)
class Data:
    """The parts of a treebank; every root has a label."""

    train: Sequence[Tree]
    dev: Sequence[Tree]
    test: Sequence[Tree]


def sst_data(source: str | os.PathLike[str] | None = None) -> Data:
    """The Stanford Sentiment Treebank; see ``treernn.corpora.sst.load``."""
    return Data(*(sst.load(split, source) for split in sst.SPLITS))


@dataclass(frozen=True)
class Settings:
    """What all models have in common; what is not here is as ``treernn train`` has it.

    Attributes:
        models: names of ``KINDS``, each once.
        seeds: of one run each, each once.
        epochs: passes over the trees at most.
        hidden_size: of the Tree-LSTM; the other models follow.
        words: how many of the most frequent word vectors there are beside the train trees' words.

    Raises:
        InputError: a value that no comparison can have.
    """

    models: tuple[str, ...] = tuple(KINDS)
    seeds: tuple[int, ...] = (1,)
    epochs: int = 8
    hidden_size: int = 150
    words: int = 50_000

    def __post_init__(self) -> None:
        for name in "models", "seeds":
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise InputError(f"{name}: {list(values)}, expected some, and each once")
        for model in self.models:
            if model not in KINDS:
                raise InputError(f"no model is called {model!r}; there are {', '.join(KINDS)}")
        for seed in self.seeds:
            YARDSTICK.settings(seed=seed, epochs=self.epochs, hidden_size=self.hidden_size)


@dataclass(frozen=True)
class Row:
    """One model: what it is, and what came out, seed by seed.

    Attributes:
        model: its name.
        structure, cell, layers, both: see ``Kind``.
        hidden_size: numbers per state, of each layer and direction.
        weights: how many numbers are learnt, those of the word vectors excepted.
        epochs: the epoch that was best on the dev data.
        dev: by ``root_five``, ``root_binary`` and ``all_five`` the accuracies in per cent.
        test: the same.
        train_per_s: sentences per second in training, with all their phrases.
        score_per_s: whole sentences scored per second; by a tree with all its nodes.
    """

    model: str
    structure: str
    cell: str
    layers: int
    bidirectional: bool
    hidden_size: int
    weights: int
    epochs: list[int]
    dev: dict[str, list[float]]
    test: dict[str, list[float]]
    train_per_s: float
    score_per_s: float


@dataclass(frozen=True)
class Report:
    """The whole comparison.

    Attributes:
        settings: what all had in common.
        rows: one a model.
        machine: where the speeds were measured.
    """

    settings: Settings
    rows: list[Row]
    machine: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def to_table(self) -> Table:
        """A table for the terminal: mean and standard deviation over the seeds, in per cent."""
        table = Table(caption="  ".join(f"{key} {value}" for key, value in self.machine.items()))
        for column in "structure", "cell":
            table.add_column(column)
        parts = [
            f"{part}\n{what}" for part in ("dev", "test") for what in ("root 5", "root 2", "all 5")
        ]
        for column in ("layers", "hidden", "weights", *parts, "trains\nper s", "scores\nper s"):
            table.add_column(column, justify="right", no_wrap=True)
        for row in self.rows:
            figures = [*row.dev.values(), *row.test.values()]
            table.add_row(
                "bidirectional" if row.bidirectional else row.structure,
                row.cell,
                str(row.layers),
                str(row.hidden_size),
                f"{row.weights:,}",
                *map(mean_and_deviation, figures),
                f"{row.train_per_s:,.0f}",
                f"{row.score_per_s:,.0f}",
            )
        return table


def mean_and_deviation(values: Sequence[float]) -> str:
    """For people: ``45.1 ± 0.4``; of a single value, the value."""
    mean = f"{statistics.fmean(values):.1f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.1f}"


def fitting_size(kind: Kind, embedding_size: int, budget: int) -> int:
    """The hidden size with which a kind's number of weights comes nearest to ``budget``."""

    def count(size: int) -> int:
        return kind.settings(hidden_size=size).new(["<unk>"], None, embedding_size).num_weights

    low, high = 1, 2
    while count(high) < budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < budget else (low, middle)
    return min(low, high, key=lambda size: abs(count(size) - budget))


def compare(
    data: Data,
    vectors: WordVectors | None,
    settings: Settings,
    out: Path,
    progress: Callable[[str, int, int, int, int], None] = lambda *_: None,
    report: Callable[[str, int, dict[str, Any]], None] = lambda *_: None,
) -> Report:
    """Train the models, one folder each in ``out``, and measure them.

    A finished model is taken as it is, an unfinished one goes on after its last whole epoch; the
    first seed of all models comes before the second of any.

    Args:
        data: trees to learn from, to choose the epoch by, and to measure on.
        vectors: what the word vectors begin with; without them with 100 small random numbers.
        settings: which models, and how.
        out: folder of the model folders ``MODEL-seedN``.
        progress: called after each step with the model, the seed, the epoch, the steps done in it
            and all its steps.
        report: called after each epoch with the model, the seed and its figures.

    Raises:
        InputError: too few trees; or as ``treernn.training.trainer.fit``, say because a folder
            holds a model of other settings.
        ModelError: a folder of ``out`` holds something else.
    """
    if len(data.train) < 3:
        raise InputError(f"{len(data.train)} train trees, at least 3 are needed to time a step")
    words = vocabulary(data.train, vectors, settings.words)
    size = 100 if vectors is None else vectors.dimension
    yardstick = YARDSTICK.settings(hidden_size=settings.hidden_size)
    budget = yardstick.new(["<unk>"], None, size).num_weights
    kinds = {name: KINDS[name] for name in settings.models}
    chosen = {
        name: kind.settings(hidden_size=fitting_size(kind, size, budget), epochs=settings.epochs)
        for name, kind in kinds.items()
    }
    best: dict[str, list[int]] = {name: [] for name in kinds}
    for seed in settings.seeds:
        start = TreeSettings(hidden_size=1, seed=seed).new(words, vectors, size)
        for name, common in chosen.items():
            own = replace(common, seed=seed)
            model = own.new(words, None, size)
            # The very same word vectors, also those that are random.
            table = start.get_submodule("embedding").state_dict()
            model.get_submodule("embedding").load_state_dict(table)
            epoch = train_sentiment(
                model,
                data.train,
                data.dev,
                own,
                folder(out, name, seed),
                progress=functools.partial(progress, name, seed),
                report=functools.partial(report, name, seed),
            )
            best[name].append(epoch["epoch"])
    rows = [
        _row(name, common, data, [folder(out, name, seed) for seed in settings.seeds], best[name])
        for name, common in chosen.items()
    ]
    return Report(settings, rows, machine())


def folder(out: Path, name: str, seed: int) -> Path:
    """Where the model of that name and seed lies."""
    return out / f"{name}-seed{seed}"


def _row(
    name: str, settings: Training, data: Data, models: Sequence[Path], epochs: list[int]
) -> Row:
    """Measure the models of all seeds."""
    parts: dict[str, dict[str, list[float]]] = {"dev": {}, "test": {}}
    for path in models:
        model = load_sentiment(path)
        for part, found in parts.items():
            for figure, value in _accuracies(model, getattr(data, part)).items():
                found.setdefault(figure, []).append(value)
    return Row(
        model=name,
        **asdict(KINDS[name]),
        hidden_size=settings.hidden_size,
        weights=model.num_weights,
        epochs=epochs,
        dev=parts["dev"],
        test=parts["test"],
        score_per_s=_scored_per_s(model, data.test[:TIMED_SENTENCES]),
        train_per_s=_trained_per_s(model, data, settings),
    )


def _accuracies(model: PhraseClassifier, trees: Sequence[Tree]) -> dict[str, float]:
    found = evaluate(trees, model.distributions(trees))
    return {
        "root_five": found.root.five,
        "root_binary": found.root.binary,
        "all_five": found.all.five,
    }


def _scored_per_s(model: PhraseClassifier, trees: Sequence[Tree]) -> float:
    """Whole sentences per second, the best of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        model.roots(trees)
        seconds.append(time.perf_counter() - start)
    return len(trees) / min(seconds)


def _trained_per_s(model: PhraseClassifier, data: Data, settings: Training) -> float:
    """Sentences per second in training, over the steps of a short run that nobody keeps."""
    size = min(settings.batch_size, len(data.train) // 3)
    ends: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        train_sentiment(
            model,
            data.train[: TIMED_STEPS * size],
            data.dev[:1],
            replace(settings, epochs=1, batch_size=size),
            Path(scratch, "model"),
            progress=lambda *_: ends.append(time.perf_counter()),
        )
    # The first step warms up, and the last one may be a short one.
    return size * (len(ends) - 2) / (ends[-2] - ends[0])
