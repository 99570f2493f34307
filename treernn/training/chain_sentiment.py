"""Training a chain classifier as a tree classifier is trained.

Every labelled phrase of a tree is an example of its own, a chain of its words, as for the
sequential models of Tai et al. (2015, section 5.1). A step takes the phrases of whole trees: word
vectors, optimiser, loss and average are those of ``treernn.training.sentiment``, so that the
structure is all that tells the two apart.
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
from treernn.models.chain_classifier import KIND, ChainClassifier, ChainConfig, Example
from treernn.training import sentiment
from treernn.training.trainer import (
    Progress,
    Report,
    Schedule,
    check_settings,
    fit,
    shuffled,
)
from treernn.types import Tree


@dataclass(frozen=True)
class Settings:
    """How a chain classifier is trained.

    Attributes:
        cell: ``lstm``, ``gru`` or ``elman``.
        hidden_size: numbers per state, of each layer and direction.
        layers: chains on top of each other.
        both: both directions.
        dropout: share left out of word vectors, of states between layers and before the classifier.
        epochs: passes over the trees at most.
        patience: epochs without a better dev result after which training ends.
        batch_size: trees per step, with all their phrases.
        learning_rate: of AdaGrad.
        embedding_learning_rate: of the word vectors' plain gradient steps.
        weight_decay: L2 on all but the word vectors.
        averaging: share of the old average at each step.
        seed: of the initial weights, the order of the trees and dropout.
    """

    cell: str = "lstm"
    hidden_size: int = 150
    layers: int = 1
    both: bool = False
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

    def config(self, embedding_size: int) -> ChainConfig:
        """The classifier of these settings."""
        return ChainConfig(
            embedding_size, self.hidden_size, self.cell, self.layers, self.both, self.dropout
        )


def new_chain(
    settings: Settings, words: Sequence[str], vectors: WordVectors | None, size: int = 100
) -> ChainClassifier:
    """An untrained classifier.

    Args:
        settings: sizes, cell, layers, directions and seed.
        words: the vocabulary, see ``treernn.training.sentiment.vocabulary``.
        vectors: what the rows of these words begin with; other rows begin with small random
            numbers, as in ``treernn.training.sentiment.new_classifier``.
        size: numbers per word vector, where there are no ``vectors``.
    """
    beside = sentiment.Settings(hidden_size=1, seed=settings.seed)
    embedding = sentiment.new_classifier(beside, words, vectors, size).embedding
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = ChainClassifier(settings.config(embedding.embedding_dim), words)
    model.embedding = embedding
    return model


def train_chain(
    model: ChainClassifier,
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
        model: untrained, as ``new_chain`` makes it.
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
    task = _ChainSentiment(model, train, dev, settings)
    return fit(task, schedule, out, described, progress, report)


class _ChainSentiment:
    """Sentiment over chains, as the trainer sees it."""

    kind = KIND

    def __init__(
        self, model: ChainClassifier, train: Sequence[Tree], dev: Sequence[Tree], settings: Settings
    ) -> None:
        self.model = model
        self.chains, self.settings, self.dev = model, settings, dev
        prepared = map(_labelled, model.examples(train))
        self.prepared = [example for example in prepared if len(example.labels)]
        self.examples = len(self.prepared)
        # Rows of words that no tree has never change.
        rows = 1 + int(max(example.words.max() for example in self.prepared))
        self.rows = {"embedding.weight": rows}
        self.optimizers = sentiment.optimizers(model, settings)

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        return shuffled(self.examples, self.settings.batch_size, random)

    def step(self, numbers: Sequence[int], _done: float) -> float:
        batch = self.chains.batch([self.prepared[i] for i in numbers]).to(self.chains.device)
        loss = F.cross_entropy(self.chains(batch), batch.labels, reduction="sum")
        (loss / len(numbers)).backward()
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        return loss.item()

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        assert isinstance(model, ChainClassifier)
        return sentiment.dev_figures(self.dev, model.distributions(self.dev))

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        return epoch["dev_root"], epoch["dev_all"]

    def save(self, out: Path, **about: Any) -> None:
        self.chains.save(out, compact=True, **about)


def _labelled(example: Example) -> Example:
    """Without the phrases that there is nothing to learn from: chains, other than a tree, need no
    smaller phrase for a larger one."""
    known = example.labels >= 0
    return Example(example.words, example.spans[known], example.labels[known])
