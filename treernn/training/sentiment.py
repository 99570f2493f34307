"""Training a tree classifier.

The optimiser is that of Tai et al. (2015, section 5.4): AdaGrad with L2 on all but the word
vectors, these by plain gradient steps; the loss is summed over the labelled nodes of each tree.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.models.classifier import KIND, Batch, ClassifierConfig, TreeClassifier
from treernn.models.sentiment import SentimentModel
from treernn.structure.plan import graph_library
from treernn.training.evaluation import evaluate
from treernn.training.trainer import (
    Progress,
    Report,
    Schedule,
    check_settings,
    fingerprint,
    fit,
    shuffled,
    weights_fingerprint,
)
from treernn.types import LABELS, UNLABELLED, AnyTree

UNKNOWN = "<unk>"


@dataclass(frozen=True)
class Settings:
    """How a classifier is trained; the defaults made the shipped model.

    Attributes:
        cell: the merge rule, see ``ClassifierConfig``.
        hidden_size: numbers per node state.
        both: a second pass from the root down, see ``ClassifierConfig``.
        dropout: share left out of word vectors, and of states before the classifier.
        recurrent_dropout: share left out of what a node adds to its memory.
        smoothing: share of the target that goes from a class to its neighbours, in equal parts.
        epochs: passes over the trees at most.
        patience: epochs without a better dev result after which training ends.
        batch_size: trees per step.
        learning_rate: of AdaGrad.
        embedding_learning_rate: of the word vectors' plain gradient steps.
        weight_decay: L2 on all but the word vectors.
        averaging: share of the old average at each step.
        root_weight: how many times the loss of a root counts.
        seed: of the initial weights, the order of the trees and dropout.
    """

    cell: str = "lstm"
    hidden_size: int = 150
    both: bool = False
    dropout: float = 0.5
    recurrent_dropout: float = 0.0
    smoothing: float = 0.0
    epochs: int = 26
    patience: int = 8
    batch_size: int = 25
    learning_rate: float = 0.05
    embedding_learning_rate: float = 0.3
    weight_decay: float = 1e-4
    averaging: float = 0.9995
    root_weight: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        self.config(1)  # has its own checks
        check_settings(self)

    def config(self, embedding_size: int) -> ClassifierConfig:
        """The classifier of these settings."""
        return ClassifierConfig(
            embedding_size,
            self.hidden_size,
            self.cell,
            self.both,
            self.dropout,
            self.recurrent_dropout,
        )


def vocabulary(trees: Sequence[AnyTree], vectors: WordVectors | None, frequent: int) -> list[str]:
    """The rows of the embedding table: unknown, the words of ``trees`` in lower case by frequency,
    then the ``frequent`` most frequent words of ``vectors``, which come in order of frequency."""
    counts = Counter(word.lower() for tree in trees for word in tree.words)
    words = dict.fromkeys((UNKNOWN, *(word for word, _ in counts.most_common())))
    if vectors is not None:
        words.update(dict.fromkeys(vectors.words[:frequent]))
    return list(words)


def new_classifier(
    settings: Settings, words: Sequence[str], vectors: WordVectors | None, size: int = 100
) -> TreeClassifier:
    """An untrained classifier.

    Args:
        settings: sizes, cell and seed.
        words: the vocabulary.
        vectors: what the rows of these words begin with; other rows begin with small random
            numbers.
        size: numbers per word vector, where there are no ``vectors``.
    """
    if vectors is not None:
        size = vectors.dimension
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = TreeClassifier(settings.config(size), words)
        weight = model.embedding.weight.data
        weight.normal_(std=0.05)
    weight[0] = 0
    if vectors is not None:
        row = {word: number for number, word in enumerate(words)}
        found = [(row[word], at) for at, word in enumerate(vectors.words) if word in row]
        if found:
            rows, at = (list(column) for column in zip(*found, strict=True))
            weight[rows] = torch.from_numpy(vectors.vectors[at])
    return model


def train_classifier(
    model: TreeClassifier,
    train: Sequence[AnyTree],
    dev: Sequence[AnyTree],
    settings: Settings,
    out: Path,
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
) -> dict[str, Any]:
    """Train ``model`` and write the best one, as ``treernn.training.trainer.fit`` does.

    Args:
        model: untrained, as ``new_classifier`` makes it.
        train: trees, at least one node labelled.
        dev: trees to choose the best epoch by; those whose roots are labelled count.
        settings: how.
        out: the model folder.
        about: what else ``config.json`` should say, such as where the trees came from.
        progress: as in ``fit``.
        report: as in ``fit``.

    Returns:
        The epoch whose weights are in ``out``, that of the best dev root accuracy: ``epoch``,
        ``loss`` (per tree, summed over its nodes, nats), ``dev_root`` and ``dev_all`` (five
        classes, roots and all labelled nodes, per cent), ``dev_binary`` (roots, positive against
        negative; None where all are neutral), ``seconds``.

    Raises:
        InputError: trees that nothing can be learnt from or chosen by; or as ``fit``.
        ModelError: as ``fit``.
    """
    check_trees(train, dev)
    described = {"settings": asdict(settings), **origin(model, train, dev), **(about or {})}
    schedule = Schedule(settings.epochs, settings.patience, settings.averaging, settings.seed)
    task = _TreeSentiment(model, train, dev, settings)
    return fit(task, schedule, out, described, progress, report)


def check_trees(train: Sequence[AnyTree], dev: Sequence[AnyTree]) -> None:
    """Raise where there is nothing to learn from or to choose by, or a label that is none."""
    for name, trees in (("train", train), ("dev", dev)):
        if not trees:
            raise InputError(f"no {name} trees")
        for number, tree in enumerate(trees, 1):
            if len(tree.labels) not in (0, tree.num_nodes):
                raise InputError(
                    f"{name} tree {number} has {len(tree.labels)} labels for its "
                    f"{tree.num_nodes} nodes"
                )
            wrong = set(tree.labels).difference(range(UNLABELLED, len(LABELS)))
            if wrong:
                raise InputError(
                    f"{name} tree {number} has the label {wrong.pop()}, expected 0 to 4, or -1"
                )
    if not any(max(tree.labels, default=UNLABELLED) >= 0 for tree in train):
        raise InputError("no train tree has a label to learn from")
    if not any(tree.labels and tree.labels[-1] >= 0 for tree in dev):
        raise InputError("no dev tree has a label at its root to choose the best epoch by")


def origin(
    model: SentimentModel, train: Sequence[AnyTree], dev: Sequence[AnyTree]
) -> dict[str, Any]:
    """Where a run begins: enough to tell one run from another."""
    return {
        "data": {"train": _summary(train), "dev": _summary(dev)},
        "untrained": {
            "words": len(model.vocabulary),
            "vocabulary": fingerprint([model.vocabulary.words]),
            "sha256": weights_fingerprint(model),
        },
    }


def _summary(trees: Sequence[AnyTree]) -> dict[str, Any]:
    """What tells these trees from others."""
    names = [field.name for field in fields(trees[0])]
    return {
        "trees": len(trees),
        "nodes": sum(tree.num_nodes for tree in trees),
        "sha256": fingerprint([getattr(tree, name) for name in names] for tree in trees),
    }


def dev_figures(trees: Sequence[AnyTree], distributions: Sequence[np.ndarray]) -> dict[str, Any]:
    """What an epoch is judged by, see ``train_classifier``; NaN once the model diverged."""
    if not all(np.isfinite(rows).all() for rows in distributions):
        return {"dev_root": math.nan}
    found = evaluate(trees, distributions)
    return {
        "dev_root": found.root.five,
        "dev_binary": found.root.binary if found.root.count_binary else None,
        "dev_all": found.all.five,
    }


class _TreeSentiment:
    """Sentiment over trees, as the trainer sees it."""

    kind = KIND

    def __init__(
        self,
        model: TreeClassifier,
        train: Sequence[AnyTree],
        dev: Sequence[AnyTree],
        settings: Settings,
    ) -> None:
        self.model, self.settings, self.dev = model, settings, dev
        self.library = graph_library()
        self.prepared = model.examples(train, self.library)
        self.examples = len(self.prepared)
        # Rows of words that no tree has never change.
        rows = 1 + int(max(example.words.max() for example in self.prepared))
        self.rows = {"embedding.weight": rows}
        self.optimizers = optimizers(model, settings)

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        return shuffled(self.examples, self.settings.batch_size, random)

    def step(self, numbers: Sequence[int], _done: float) -> float:
        chosen = [self.prepared[i] for i in numbers]
        batch = self.model.batch(chosen, self.library).to(self.model.device)
        loss = _loss(self.model(batch), batch, self.settings)
        (loss / len(chosen)).backward()
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        return loss.item()

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        assert isinstance(model, TreeClassifier)
        return dev_figures(self.dev, model.distributions(self.dev))

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        return epoch["dev_root"], epoch["dev_all"]

    def save(self, out: Path, **about: Any) -> None:
        self.model.save(out, compact=True, **about)


def optimizers(model: SentimentModel, settings: Any) -> list[torch.optim.Optimizer]:
    """AdaGrad with L2 for all but the word vectors ``model.embedding``, plain steps for these."""
    table = model.embedding.weight
    others = [weight for weight in model.parameters() if weight is not table]
    return [
        torch.optim.Adagrad(others, settings.learning_rate, weight_decay=settings.weight_decay),
        torch.optim.SGD([table], settings.embedding_learning_rate),
    ]


def _loss(scores: Tensor, batch: Batch, settings: Settings) -> Tensor:
    """Cross-entropy summed over the labelled nodes, in nats."""
    if settings.root_weight == 1 and settings.smoothing == 0:
        return F.cross_entropy(scores, batch.labels, reduction="sum", ignore_index=UNLABELLED)
    if settings.smoothing == 0:
        each = F.cross_entropy(scores, batch.labels, reduction="none", ignore_index=UNLABELLED)
    else:
        targets = _targets(settings.smoothing).to(scores)[batch.labels]
        each = F.cross_entropy(scores, targets, reduction="none")
    weight = torch.ones_like(each)
    weight[batch.plan.roots] = settings.root_weight
    return each @ weight


def _targets(smoothing: float) -> Tensor:
    """For each class the share of it and of its neighbours; the last row, which -1 finds, is
    zero."""
    classes = len(LABELS)
    targets = torch.zeros(classes + 1, classes)
    for label in range(classes):
        beside = [other for other in (label - 1, label + 1) if 0 <= other < classes]
        targets[label, beside] = smoothing / len(beside)
        targets[label, label] = 1 - smoothing
    return targets
