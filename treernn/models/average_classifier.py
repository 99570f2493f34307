"""Sentiment of a phrase by the mean of its word vectors, which ignores word order.

VecAvg of Socher et al. (2013, section 5). A tanh between mean and classifier, as their other models
have it at every node (section 4), improves it. On an encoder there is also a hidden layer, as
before the classifier of Devlin et al. (2019, section 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from treernn.cells.dropout import dropout
from treernn.checks import check_bools, check_sizes
from treernn.encoders.encoder import Encoder
from treernn.models import spans
from treernn.models.phrase_classifier import PhraseClassifier, PhraseConfig
from treernn.types import LABELS, Tree


@dataclass(frozen=True)
class AverageConfig(PhraseConfig):
    """Configuration of an average classifier; see ``PhraseConfig`` for more.

    Attributes:
        hidden_size: dimension of a layer between the mean and the classifier; 0 for none.
        tanh: apply tanh to the mean, or to that layer.
    """

    hidden_size: int = 0
    tanh: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_bools(self, "tanh")
        check_sizes(self, "hidden_size", minimum=0)


class Batch(NamedTuple):
    """Collated phrases.

    Attributes:
        words: collated by the model's embedding.
        starts, ends: ``[phrases]`` half-open word ranges.
        labels: ``[phrases]`` classes, or -1.
    """

    words: Any
    starts: Tensor
    ends: Tensor
    labels: Tensor


class AverageClassifier(PhraseClassifier):
    """Embeddings, their mean, an optional layer, a softmax; see ``PhraseClassifier``."""

    KIND, CONFIG = "average-classifier", AverageConfig

    def __init__(self, config: AverageConfig, words: Sequence[str] | Encoder) -> None:
        super().__init__(config, words)
        size = config.hidden_size
        self.layer = nn.Linear(config.embedding_size, size) if size else None
        self.classifier = nn.Linear(size or config.embedding_size, len(LABELS))

    def encode(self, trees: Sequence[Tree]) -> list[spans.Example]:
        """See ``PhraseClassifier``; branches are ignored."""
        return spans.encode(trees, self.embedding.encode([tree.words for tree in trees]))

    def encode_training(
        self, trees: Sequence[Tree], every_phrase: bool = False
    ) -> list[spans.Example]:
        """See ``PhraseClassifier``; sentences with a label only."""
        words = self.embedding.encode_training([tree.words for tree in trees])
        examples = spans.encode(trees, words)
        return [each for each in examples if every_phrase or each.labels.max() >= 0]

    def collate(self, examples: Sequence[spans.Example]) -> Batch:
        """See ``PhraseClassifier``."""
        words = self.embedding.collate([example.words for example in examples])
        return Batch(words, *map(torch.from_numpy, spans.collate(examples)))

    def features(self, batch: Batch) -> Tensor:
        """The means of phrases, or the layer's outputs, ``[phrases, size]``."""
        probability = self.config.dropout if self.training else 0.0
        x = dropout(self.embedding(batch.words), probability)
        y = spans.means(x, batch.starts, batch.ends)
        if self.layer is not None:
            y = self.layer(y)
        if self.config.tanh:
            y = y.tanh()
        return y if self.layer is None else dropout(y, probability)
