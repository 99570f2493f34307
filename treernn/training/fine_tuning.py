"""Training with a pretrained encoder, which learns along, or does not.

The optimiser is AdamW (Loshchilov & Hutter 2019) with a warm-up, a learning rate that falls to
zero and clipped gradients, as Devlin et al. (2019, appendix A.2) tune BERT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from treernn.checks import check_fractions, check_non_negative
from treernn.encoders.base_model import MINILM
from treernn.encoders.encoder import Encoder, load_encoder
from treernn.encoders.fine_tuning import layer_groups, set_trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError
from treernn.training.settings import TrainingSettings
from treernn.training.trainer import rate


@dataclass(frozen=True, kw_only=True)
class FineTuning(TrainingSettings):
    """How a model with an encoder is trained.

    Attributes:
        encoder: name on the Hugging Face hub, or a folder.
        tuning: what of the encoder learns: ``full``, ``layers``, ``lora`` or
            ``frozen``.
        lora_rank: rank of the adapters of ``lora``; what they add counts twice.
        embedding_learning_rate: of the encoder's top layer.
        layer_decay: what each layer further down multiplies that by.
        warm_up: share of the run in which the learning rates rise.
        clip: the longest gradient, of all weights together.
        mixed_precision: whether the encoder multiplies in bfloat16 while it learns.
    """

    keep_last: bool = True  # in the last epoch the learning rates come to nothing
    patience: int = 2  # where the best one is kept
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    ema_decay: float = 0.99
    encoder: str = MINILM
    tuning: str = "layers"
    lora_rank: int = 16
    embedding_learning_rate: float = 2e-4
    layer_decay: float = 1.0
    warm_up: float = 0.1
    clip: float = 5.0
    mixed_precision: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self._tuning()  # has its own checks
        check_non_negative(self, "embedding_learning_rate", "layer_decay")
        check_rising(self)

    def _tuning(self) -> Tuning:
        return Tuning(self.tuning, lora_rank=self.lora_rank, lora_alpha=2 * self.lora_rank)

    def new_encoder(self) -> Encoder:
        """The encoder as it is at first, what learns of it chosen.

        Raises:
            ModelError, InputError: as ``treernn.encoders.encoder.load_encoder``.
        """
        encoder = load_encoder(self.encoder)
        set_trainable(encoder, self._tuning())
        # What a frozen encoder reads, it reads once.
        encoder.mixed_precision = self.mixed_precision and self.tuning != "frozen"
        return encoder

    def adamw(self, model: nn.Module, encoder: Encoder) -> torch.optim.Optimizer:
        """AdamW for all that learns of a model and of the encoder in it."""
        of_encoder = {id(weight) for weight in encoder.parameters()}
        others = [weight for weight in model.parameters() if id(weight) not in of_encoder]
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
        return torch.optim.AdamW(groups, fused=True)


def check_rising(settings: Any) -> None:
    """See that ``warm_up`` and ``clip`` can be."""
    check_fractions(settings, "warm_up")
    if not settings.clip > 0:
        raise InputError(f"clip is {settings.clip}, expected more than 0")


def clip_and_rate(
    optimizers: Sequence[torch.optim.Optimizer], clip: float, warm_up: float, done: float
) -> None:
    """Ready a step, when the share ``done`` of a run lies behind.

    Args:
        optimizers: each group has its ``highest`` learning rate.
        clip: the longest gradient, of all weights together; tables with sparse gradients excepted.
        warm_up: see ``treernn.training.trainer.rate``.
        done: see above.
    """
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    weights = [weight for group in groups for weight in group["params"]]
    dense = [each for each in weights if each.grad is not None and not each.grad.is_sparse]
    nn.utils.clip_grad_norm_(dense, clip)
    for group in groups:
        group["lr"] = group["highest"] * rate(done, warm_up)
