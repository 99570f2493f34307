"""Settings of target classifiers."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from treernn.checks import check_non_negative
from treernn.encoders.fine_tuning import layer_groups
from treernn.encoders.tuning import Tuning
from treernn.models.target_classifier import FROZEN, TargetClassifier, TargetConfig
from treernn.training.loop.optimizers import AdamW
from treernn.training.loop.settings import TrainingSettings


@dataclass(frozen=True, kw_only=True)
class TargetSettings(TrainingSettings):
    """How a target classifier is trained; a batch consists of sentences with all their targets.

    Attributes:
        model: its ``input_size`` and ``hidden_size`` are replaced by those of the sentiment model.
        tuning: ``frozen``, the sentiment model's encoder as it is; ``lora`` or ``layers``, a copy
            of it that is trained further. For models on an encoder.
        lora_rank: rank of the LoRA adapters; their alpha is twice the rank.
        frozen_layers: the lowest layers of the encoder, this many, are not trained.
        embedding_learning_rate: of the encoder.
    """

    model: TargetConfig = TargetConfig(300, 250)
    epochs: int = 8
    patience: int = 8
    batch_size: int = 32
    learning_rate: float = 1e-3
    warmup_ratio: float = 0.05
    max_grad_norm: float = 5.0
    weight_decay: float = 1e-4
    ema_decay: float = 0.995
    keep_last: bool = True  # the learning rate is almost zero in the last epoch
    tuning: str = "frozen"
    lora_rank: int = 16
    frozen_layers: int = 0
    embedding_learning_rate: float = 5e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        self.encoder_tuning()  # checks its values
        check_non_negative(self, "embedding_learning_rate")

    def encoder_tuning(self) -> Tuning:
        """Which weights of the encoder are trained."""
        if self.tuning == "frozen":
            return FROZEN
        return Tuning(
            self.tuning,
            lora_rank=self.lora_rank,
            lora_alpha=2 * self.lora_rank,
            frozen_layers=self.frozen_layers,
        )

    def optimizers(self, model: TargetClassifier) -> list[torch.optim.Optimizer]:
        """AdamW."""
        groups = []
        in_encoder: set[int] = set()
        if model.tuning != FROZEN:
            in_encoder = {id(weight) for weight in model.encoder.parameters()}
            rate = self.embedding_learning_rate
            groups += layer_groups(model.encoder, rate, weight_decay=self.weight_decay)
        others = [weight for weight in model.parameters() if id(weight) not in in_encoder]
        groups += [
            {
                "params": [weight for weight in others if (weight.dim() > 1) == matrices],
                "lr": self.learning_rate,
                "weight_decay": self.weight_decay if matrices else 0.0,
            }
            for matrices in (True, False)
        ]
        return [AdamW(groups, fused=True)]
