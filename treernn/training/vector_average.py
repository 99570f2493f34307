"""Training an average of word vectors as the other classifiers are trained.

Word vectors, optimiser, loss and average are those of ``treernn.training.sentiment``, so that the
missing structure is all that tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from treernn.corpora.glove import WordVectors
from treernn.models.vector_average import KIND, AverageClassifier, AverageConfig
from treernn.training import sentiment
from treernn.training.trainer import (
    Progress,
    Report,
    Schedule,
    check_settings,
    fit,
    shuffled,
)
from treernn.types import UNLABELLED, Tree


@dataclass(frozen=True)
class Settings:
    """How an average of word vectors is trained.

    Attributes:
        tanh: whether the mean goes through tanh on its way to the classifier.
        dropout: share left out of word vectors.
        epochs: passes over the trees at most.
        patience: epochs without a better dev result after which training ends.
        batch_size: trees per step, with all their phrases.
        learning_rate: of AdaGrad.
        embedding_learning_rate: of the word vectors' plain gradient steps.
        weight_decay: L2 on all but the word vectors.
        averaging: share of the old average at each step.
        seed: of the initial weights, the order of the trees and dropout.
    """

    tanh: bool = False
    dropout: float = 0.5
    epochs: int = 26
    patience: int = 8
    batch_size: int = 25
    learning_rate: float = 0.05
    embedding_learning_rate: float = 0.3
    weight_decay: float = 1e-4
    averaging: float = 0.9995
    seed: int = 1

    def __post_init__(self) -> None:
        self.config(1)  # has its own checks
        check_settings(self)

    def config(self, embedding_size: int) -> AverageConfig:
        """The classifier of these settings."""
        return AverageConfig(embedding_size, self.tanh, self.dropout)


def new_average(
    settings: Settings, words: Sequence[str], vectors: WordVectors | None, size: int = 100
) -> AverageClassifier:
    """An untrained classifier.

    Args:
        settings: tanh, dropout and seed.
        words: the vocabulary, see ``treernn.training.sentiment.vocabulary``.
        vectors: what the rows of these words begin with; other rows begin with small random
            numbers, as in ``treernn.training.sentiment.new_classifier``.
        size: numbers per word vector, where there are no ``vectors``.
    """
    beside = sentiment.Settings(hidden_size=1, seed=settings.seed)
    embedding = sentiment.new_classifier(beside, words, vectors, size).embedding
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = AverageClassifier(settings.config(embedding.embedding_dim), words)
    model.embedding = embedding
    return model


def train_average(
    model: AverageClassifier,
    train: Sequence[Tree],
    dev: Sequence[Tree],
    settings: Settings,
    out: Path,
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
) -> dict[str, Any]:
    """Train ``model`` and write the best one, as ``treernn.training.trainer.fit`` does.

    Args:
        model: untrained, as ``new_average`` makes it.
        train: trees, at least one node labelled.
        dev: trees to choose the best epoch by; those whose roots are labelled count.
        settings: how.
        out: the model folder.
        about: what else ``config.json`` should say, such as where the trees came from.
        progress: as in ``fit``.
        report: as in ``fit``.

    Returns:
        The epoch whose weights are in ``out``, see ``treernn.training.sentiment.train_classifier``.

    Raises:
        InputError: trees that nothing can be learnt from or chosen by; or as ``fit``.
        ModelError: as ``fit``.
    """
    sentiment.check_trees(train, dev)
    begun = sentiment.origin(model, train, dev)
    described = {"settings": asdict(settings), **begun, **(about or {})}
    schedule = Schedule(settings.epochs, settings.patience, settings.averaging, settings.seed)
    task = _AverageSentiment(model, train, dev, settings)
    return fit(task, schedule, out, described, progress, report)


class _AverageSentiment:
    """Sentiment by averages, as the trainer sees it."""

    kind = KIND

    def __init__(
        self,
        model: AverageClassifier,
        train: Sequence[Tree],
        dev: Sequence[Tree],
        settings: Settings,
    ) -> None:
        self.model = model
        self.averages, self.settings, self.dev = model, settings, dev
        prepared = model.examples(train)
        self.prepared = [example for example in prepared if example.labels.max() >= 0]
        self.examples = len(self.prepared)
        # Rows of words that no tree has never change.
        rows = 1 + int(max(example.words.max() for example in self.prepared))
        self.rows = {"embedding.weight": rows}
        self.optimizers = sentiment.optimizers(model, settings)

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        return shuffled(self.examples, self.settings.batch_size, random)

    def step(self, numbers: Sequence[int], _done: float) -> float:
        batch = self.averages.batch([self.prepared[i] for i in numbers]).to(self.averages.device)
        scores = self.averages(batch)
        loss = F.cross_entropy(scores, batch.labels, reduction="sum", ignore_index=UNLABELLED)
        (loss / len(numbers)).backward()
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        return loss.item()

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        assert isinstance(model, AverageClassifier)
        return sentiment.dev_figures(self.dev, model.distributions(self.dev))

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        return epoch["dev_root"], epoch["dev_all"]

    def save(self, out: Path, **about: Any) -> None:
        self.averages.save(out, compact=True, **about)
