"""Settings for training on a pretrained encoder.

The optimizer is AdamW (Loshchilov & Hutter 2019) with warm-up, a linear decay of the learning rate
and gradient clipping, as Devlin et al. (2019, appendix A.2) fine-tune BERT.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from treernn.checks import check_non_negative
from treernn.encoders.base_model import MINILM
from treernn.encoders.encoder import Encoder, load_encoder
from treernn.encoders.fine_tuning import layer_groups, set_trainable
from treernn.encoders.tuning import Tuning
from treernn.training.loop.optimizers import AdamW
from treernn.training.loop.settings import TrainingSettings


@dataclass(frozen=True, kw_only=True)
class FineTuningSettings(TrainingSettings):
    """How a model on a pretrained encoder is trained.

    Attributes:
        encoder: name on the Hugging Face hub, or a folder.
        tuning: which weights of the encoder are trained: ``full``, ``layers``, ``lora`` or
            ``frozen``, see ``Tuning``.
        lora_rank: rank of the LoRA adapters; their alpha is twice the rank.
        frozen_layers: the lowest layers, this many, are not trained. What they compute of a
            sentence is kept in memory, as 16-bit numbers, so that training is faster.
        embedding_learning_rate: of the encoder's top layer.
        layer_decay: factor of the learning rate from each layer to the one below it.
    """

    learning_rate: float = 1e-3
    warmup_ratio: float = 0.1
    max_grad_norm: float = 5.0
    weight_decay: float = 0.01
    ema_decay: float = 0.99
    precision: str = "bfloat16"
    patience: int = 2  # without keep_last
    keep_last: bool = True  # the learning rate is almost zero in the last epoch
    encoder: str = MINILM
    tuning: str = "layers"
    lora_rank: int = 16
    frozen_layers: int = 0
    embedding_learning_rate: float = 2e-4
    layer_decay: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._tuning()  # checks its values
        check_non_negative(self, "embedding_learning_rate", "layer_decay")

    def _tuning(self) -> Tuning:
        return Tuning(
            self.tuning,
            lora_rank=self.lora_rank,
            lora_alpha=2 * self.lora_rank,
            frozen_layers=self.frozen_layers,
        )

    def load_encoder(self) -> Encoder:
        """The pretrained encoder, with the weights chosen by ``tuning`` trainable.

        Raises:
            ModelError, InputError: see ``treernn.encoders.encoder.load_encoder``.
        """
        encoder = load_encoder(self.encoder)
        set_trainable(encoder, self._tuning())
        return encoder

    def adamw(self, model: nn.Module, encoder: Encoder) -> torch.optim.Optimizer:
        """AdamW over all trainable weights of ``model``, which contains ``encoder``."""
        in_encoder = {id(weight) for weight in encoder.parameters()}
        others = [weight for weight in model.parameters() if id(weight) not in in_encoder]
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
        return AdamW(groups, fused=True)
