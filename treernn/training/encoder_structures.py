"""Sentiment with leaves from a pretrained encoder, which learns along, or does not; the structures
and their loss are those of ``treernn.training.structures``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from treernn.corpora.glove import WordVectors
from treernn.encoders.encoder import Encoder
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.training.fine_tuning import FineTuning, clip_and_rate
from treernn.training.structures import AverageSettings, SentimentSettings, TreeSettings


@dataclass(frozen=True, kw_only=True)
class EncoderSettings(FineTuning, SentimentSettings):
    """How a sentiment model with an encoder is trained; see both."""

    dropout: float = 0.3
    epochs: int = 4
    batch_size: int = 16
    phrases: float = 1.0

    def new(
        self, _words: Sequence[str] = (), _vectors: WordVectors | None = None, _size: int = 0
    ) -> PhraseClassifier:
        """An untrained model on the encoder, which has words and vectors of its own.

        Raises:
            ModelError, InputError: as ``treernn.encoders.encoder.load_encoder``.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            encoder = self.new_encoder()
            return self.MODEL(self.config(encoder.output_size), encoder)

    def optimizers(self, model: PhraseClassifier) -> list[torch.optim.Optimizer]:
        """AdamW for all that learns."""
        assert isinstance(model.embedding, Encoder)
        return [self.adamw(model, model.embedding)]

    def before_step(self, optimizers: Sequence[torch.optim.Optimizer], done: float) -> None:
        """Clip the gradient, set the learning rates."""
        clip_and_rate(optimizers, self.clip, self.warm_up, done)


@dataclass(frozen=True)
class ContextualTreeSettings(EncoderSettings, TreeSettings):
    """How a tree on an encoder is trained; see both."""

    hidden_size: int = 300
    root_weight: float = 3.0


@dataclass(frozen=True)
class ContextualAverageSettings(EncoderSettings, AverageSettings):
    """How a mean of an encoder's vectors is trained, over a phrase; see both."""

    hidden_size: int = 300
    tanh: bool = True
