"""The structures that sentiment is learnt with, trees, chains and none, and how each is trained.

Word vectors, optimiser, loss and average are the same, so that the structure is all that tells the
models apart. The optimiser is that of Tai et al. (2015, section 5.4): AdaGrad with L2 on all but
the word vectors, these by plain gradient steps; the loss is summed over the labelled phrases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.checks import check_fractions, check_non_negative
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.phrase_classifier import PhraseClassifier, PhraseConfig
from treernn.models.storage import STORAGE_DTYPES
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.training.settings import TrainingSettings
from treernn.types import LABELS, UNLABELLED


@dataclass(frozen=True, kw_only=True)
class SentimentSettings(TrainingSettings):
    """How a sentiment model is trained; a batch is of trees, with all their phrases.

    Attributes:
        embedding_learning_rate: of the word vectors' plain gradient steps.
        phrases: how many phrases of the trees, of at least four words, each epoch sees besides, as
            sentences of their own, drawn anew; as a share of the trees that it sees.
        storage_dtype: how the word vectors, or the encoder's trainable weights, are stored:
            ``float32``, ``float16``, or ``int8`` with a scale for each row.
    """

    MODEL: ClassVar[type[PhraseClassifier]]

    dropout: float = 0.5
    epochs: int = 26
    patience: int = 8
    batch_size: int = 25
    learning_rate: float = 0.05
    embedding_learning_rate: float = 0.3
    weight_decay: float = 1e-4
    ema_decay: float = 0.9995
    phrases: float = 0.0
    storage_dtype: str = "float16"

    def __post_init__(self) -> None:
        if self.storage_dtype not in STORAGE_DTYPES:
            raise InputError(
                f"storage_dtype is {self.storage_dtype!r}, expected {', '.join(STORAGE_DTYPES)}"
            )
        self.config(1)  # has its own checks
        super().__post_init__()
        check_non_negative(self, "embedding_learning_rate", "phrases")

    def config(self, embedding_size: int) -> PhraseConfig:
        """The model of these settings."""
        raise NotImplementedError

    def new(
        self, words: Sequence[str], vectors: WordVectors | None, size: int = 100
    ) -> PhraseClassifier:
        """An untrained model.

        Args:
            words: the vocabulary, see ``treernn.training.sentiment.vocabulary``.
            vectors: what the rows of these words begin with; other rows begin with small random
                numbers.
            size: numbers per word vector, where there are no ``vectors``.
        """
        if vectors is not None:
            size = vectors.dimension
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            model = self.MODEL(self.config(size), words)
            table = model.get_parameter("embedding.weight").data
            self._draw(table, words)
        table[0] = 0
        if vectors is not None:
            row = {word: number for number, word in enumerate(words)}
            found = [(row[word], at) for at, word in enumerate(vectors.words) if word in row]
            if found:
                rows, at = (list(column) for column in zip(*found, strict=True))
                table[rows] = torch.from_numpy(vectors.vectors[at])
        return model

    def _draw(self, table: Tensor, words: Sequence[str]) -> None:
        """Small random numbers: those that the smallest tree model of this seed begins with."""
        torch.manual_seed(self.seed)
        TreeClassifier(TreeConfig(table.shape[1], hidden_size=1), words)
        table.normal_(std=0.05)

    def optimizers(self, model: PhraseClassifier) -> list[torch.optim.Optimizer]:
        """AdaGrad with L2 for all but the word vectors, plain steps for these."""
        table = model.get_parameter("embedding.weight")
        others = [weight for weight in model.parameters() if weight is not table]
        return [
            torch.optim.Adagrad(others, self.learning_rate, weight_decay=self.weight_decay),
            torch.optim.SGD([table], self.embedding_learning_rate),
        ]

    def before_step(self, optimizers: Sequence[torch.optim.Optimizer], done: float) -> None:
        """What is done to the gradients and to the learning rates before a step, when the share
        ``done`` of the run lies behind: nothing."""

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        """What the best epoch is best in: the dev roots, then all dev phrases."""
        return epoch["dev_root"], epoch["dev_all"]

    def loss(self, scores: Tensor, batch: Any, targets: Tensor | None = None) -> Tensor:
        """Cross-entropy summed over the labelled phrases, in nats.

        Args:
            scores: ``[phrases, 5]`` in the order of the batch.
            batch: has the labels.
            targets: in place of them what the probabilities should be, ``[phrases, 5]`` likewise.
        """
        if targets is not None:
            return F.cross_entropy(scores, targets, reduction="sum")
        return F.cross_entropy(scores, batch.labels, reduction="sum", ignore_index=UNLABELLED)


@dataclass(frozen=True)
class TreeSettings(SentimentSettings):
    """How a tree classifier is trained.

    Attributes:
        cell: the merge rule, see ``TreeConfig``.
        hidden_size: numbers per node state.
        bidirectional: a second pass from the root down, see ``TreeConfig``.
        recurrent_dropout: share left out of what a node adds to its memory.
        smoothing: share of the target that goes from a class to its neighbours, in equal parts.
        root_weight: how many times the loss of a root counts.
    """

    MODEL = TreeClassifier

    cell: str = "lstm"
    hidden_size: int = 150
    bidirectional: bool = False
    recurrent_dropout: float = 0.0
    smoothing: float = 0.0
    root_weight: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_non_negative(self, "root_weight")
        check_fractions(self, "smoothing")

    def config(self, embedding_size: int) -> TreeConfig:
        """See ``SentimentSettings``."""
        return TreeConfig(
            embedding_size,
            self.hidden_size,
            self.cell,
            self.bidirectional,
            self.recurrent_dropout,
            dropout=self.dropout,
        )

    def _draw(self, table: Tensor, _words: Sequence[str]) -> None:
        table.normal_(std=0.05)  # after the model's own weights

    def loss(self, scores: Tensor, batch: Any, targets: Tensor | None = None) -> Tensor:
        """The same; roots may count more, and classes beside the right one be a little right."""
        if self.root_weight == 1 and self.smoothing == 0:
            return super().loss(scores, batch, targets)
        if targets is not None:
            each = F.cross_entropy(scores, targets, reduction="none")
        elif self.smoothing == 0:
            each = F.cross_entropy(scores, batch.labels, reduction="none", ignore_index=UNLABELLED)
        else:
            targets = _targets(self.smoothing).to(scores)[batch.labels]
            each = F.cross_entropy(scores, targets, reduction="none")
        weight = torch.ones_like(each)
        weight[batch.plan.roots] = self.root_weight
        return each @ weight


@dataclass(frozen=True)
class ChainSettings(SentimentSettings):
    """How a chain classifier is trained: every labelled phrase is a chain of its words, as for the
    sequential models of Tai et al. (2015, section 5.1).

    Attributes:
        cell: ``lstm``, ``gru`` or ``elman``.
        hidden_size: numbers per state, of each layer and direction.
        layers: chains on top of each other.
        bidirectional: both directions.
    """

    MODEL = ChainClassifier

    cell: str = "lstm"
    hidden_size: int = 150
    layers: int = 1
    bidirectional: bool = False

    def config(self, embedding_size: int) -> ChainConfig:
        """See ``SentimentSettings``."""
        return ChainConfig(
            embedding_size,
            self.hidden_size,
            self.cell,
            self.layers,
            self.bidirectional,
            dropout=self.dropout,
        )


@dataclass(frozen=True)
class AverageSettings(SentimentSettings):
    """How an average of word vectors is trained.

    Attributes:
        hidden_size: numbers of a layer between the mean and the classifier; 0 for none.
        tanh: whether the mean, or that layer, goes through tanh on its way to the classifier.
    """

    MODEL = AverageClassifier

    hidden_size: int = 0
    tanh: bool = False

    def config(self, embedding_size: int) -> AverageConfig:
        """See ``SentimentSettings``."""
        return AverageConfig(embedding_size, self.hidden_size, self.tanh, dropout=self.dropout)


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
