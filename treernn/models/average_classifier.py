"""Sentiment by the mean of a phrase's word vectors, which knows no order: VecAvg of Socher et al.
(2013, section 5).

A linear classifier sees little but neutral words in the mean of a long phrase. The tanh that the
paper's other nets have at every node (section 4), put between the two, helps; that VecAvg had it
the paper does not say. On an encoder the mean also has a layer of its own, as the vector by which
Devlin et al. (2019, section 3.1) classify has.
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
    """What such a classifier is made of, beside what ``PhraseConfig`` has.

    Attributes:
        hidden_size: numbers of a layer between the mean and the classifier; 0 for none.
        tanh: whether the mean, or that layer, goes through tanh on its way to the classifier.
    """

    hidden_size: int = 0
    tanh: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_bools(self, "tanh")
        if self.hidden_size != 0:
            check_sizes(self, "hidden_size")


class Batch(NamedTuple):
    """Phrases ready for the model.

    Attributes:
        words: of all sentences, as the word vectors' ``collate`` gives them.
        starts, ends: ``[phrases]`` the words of each phrase, half-open.
        labels: ``[phrases]`` classes, -1 where there is none.
    """

    words: Any
    starts: Tensor
    ends: Tensor
    labels: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        return Batch(*(part.to(device) for part in self))


class AverageClassifier(PhraseClassifier):
    """Embeddings, their mean over a phrase, a layer or none, a softmax."""

    KIND, CONFIG = "average-classifier", AverageConfig

    def __init__(self, config: AverageConfig, words: Sequence[str] | Encoder) -> None:
        super().__init__(config, words)
        size = config.hidden_size
        self.layer = nn.Linear(config.embedding_size, size) if size else None
        self.classifier = nn.Linear(size or config.embedding_size, len(LABELS))

    def encode(self, trees: Sequence[Tree]) -> list[spans.Example]:
        """Every node is a phrase; branches are not looked at."""
        return spans.encode(trees, self.embedding.encode([tree.words for tree in trees]))

    def encode_training(self, trees: Sequence[Tree]) -> list[spans.Example]:
        """Those with a label."""
        found = spans.encode(trees, self.embedding.encode_training([tree.words for tree in trees]))
        return [example for example in found if example.labels.max() >= 0]

    def collate(self, examples: Sequence[spans.Example]) -> Batch:
        """Batch at least one example; on the CPU."""
        words = self.embedding.collate([example.words for example in examples])
        return Batch(words, *map(torch.from_numpy, spans.joined(examples)))

    def features(self, batch: Batch) -> Tensor:
        """The mean of each phrase, ``[phrases, size]`` in the examples' order."""
        x = dropout(self.embedding(batch.words), self.dropout)
        # A phrase's sum is the difference of two sums from the batch's beginning, which float64
        # holds without loss.
        sums = nn.functional.pad(x.double().cumsum(0), (0, 0, 1, 0))
        total = (sums[batch.ends] - sums[batch.starts]).to(x.dtype)
        y = total / (batch.ends - batch.starts)[:, None]
        if self.layer is not None:
            y = self.layer(y)
        if self.config.tanh:
            y = y.tanh()
        return y if self.layer is None else dropout(y, self.dropout)
