"""Training with leaves from a pretrained encoder, which learns along, or does not.

The optimiser is AdamW (Loshchilov & Hutter 2019) with a warm-up, a learning rate that falls to
zero and clipped gradients, as Devlin et al. (2019, appendix A.2) tune BERT; the structures and
their loss are those of ``treernn.training.structures``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from treernn.corpora.glove import WordVectors
from treernn.encoders.base_model import MINILM
from treernn.encoders.encoder import Encoder, load_encoder
from treernn.encoders.fine_tuning import layer_groups, trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError
from treernn.models.checks import check_amounts, check_shares
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.training.structures import AverageSettings, SentimentSettings, TreeSettings
from treernn.training.trainer import rate


@dataclass(frozen=True, kw_only=True)
class EncoderSettings(SentimentSettings):
    """How a sentiment model with an encoder is trained.

    Attributes:
        encoder: name on the Hugging Face hub, or a folder.
        tuning: what of the encoder learns: ``whole``, ``layers``, ``lora`` or
            ``frozen``.
        rank: of the adapters of ``lora``; what they add counts twice.
        embedding_learning_rate: of the encoder's top layer.
        layer_decay: what each layer further down multiplies that by.
        warm_up: share of the run in which the learning rates rise.
        clip: the longest gradient, of all weights together.
        mixed_precision: whether the encoder multiplies in bfloat16 while it learns.
    """

    dropout: float = 0.3
    epochs: int = 4
    patience: int = 1  # every epoch is better than the one before, see ``merit``
    batch_size: int = 16
    learning_rate: float = 1e-3
    embedding_learning_rate: float = 2e-4
    weight_decay: float = 0.01
    averaging: float = 0.99
    phrases: float = 1.0
    encoder: str = MINILM
    tuning: str = "layers"
    rank: int = 16
    layer_decay: float = 1.0
    warm_up: float = 0.1
    clip: float = 5.0
    mixed_precision: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self._tuning()  # has its own checks
        check_amounts(self, "layer_decay")
        check_shares(self, "warm_up")
        if not self.clip > 0:
            raise InputError(f"clip is {self.clip}, expected more than 0")

    def _tuning(self) -> Tuning:
        return Tuning(self.tuning, rank=self.rank, alpha=2 * self.rank)

    def new(
        self, _words: Sequence[str] = (), _vectors: WordVectors | None = None, _size: int = 0
    ) -> PhraseClassifier:
        """An untrained model on the encoder, which has words and vectors of its own.

        Raises:
            ModelError, InputError: as ``treernn.encoders.encoder.load_encoder``.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            encoder = load_encoder(self.encoder)
            trainable(encoder, self._tuning())
            # What a frozen encoder reads, it reads once.
            encoder.mixed_precision = self.mixed_precision and self.tuning != "frozen"
            return self.MODEL(self.config(encoder.output_size), encoder)

    def optimizers(self, model: PhraseClassifier) -> list[torch.optim.Optimizer]:
        """AdamW for all that learns."""
        encoder = model.embedding
        assert isinstance(encoder, Encoder)
        others = [
            weight for name, weight in model.named_parameters() if not name.startswith("embedding.")
        ]
        groups = layer_groups(
            encoder, self.embedding_learning_rate, self.layer_decay, self.weight_decay
        )
        groups += [
            {
                "params": [weight for weight in others if (weight.dim() > 1) == matrices],
                "lr": self.learning_rate,
                "weight_decay": self.weight_decay if matrices else 0.0,
            }
            for matrices in (True, False)
        ]
        for group in groups:
            group["highest"] = group["lr"]
        return [torch.optim.AdamW(groups, fused=True)]

    def before_step(self, optimizers: Sequence[torch.optim.Optimizer], done: float) -> None:
        """Clip the gradient, set the learning rates."""
        groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        nn.utils.clip_grad_norm_([each for group in groups for each in group["params"]], self.clip)
        for group in groups:
            group["lr"] = group["highest"] * rate(done, self.warm_up)

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        """The last epoch, in which the learning rates have come to nothing, is the best."""
        return (epoch["epoch"],)


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
