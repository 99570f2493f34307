"""What of an encoder learns, and how fast.

LoRA: Hu et al. (2022), by ``peft``. Learning rates that fall from the top layer down: Howard &
Ruder (2018), section 3.2 (discriminative fine-tuning).
"""

from __future__ import annotations

import re
from typing import Any

from torch import nn

from treernn.encoders.encoder import Encoder
from treernn.encoders.linear import quicken
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError
from treernn.optional import require

_LAYER = re.compile(r"\.(\d+)\.")
_ATTENTION = re.compile(r"\.(?:\w*attention|attn)\.")


def trainable(encoder: Encoder, tuning: Tuning) -> None:
    """Choose what of an encoder learns.

    Args:
        encoder: changed in place; with adapters it goes on giving what it gave until they learn.
        tuning: what.

    Raises:
        InputError: it has adapters already.
        MissingPackageError: peft is not installed.
    """
    if _adapted(encoder):
        raise InputError("the encoder has adapters already, merge them first")
    encoder.tuning = tuning
    encoder.model.requires_grad_(tuning.method in ("full", "layers"))
    if tuning.method == "layers":
        for name, parameter in encoder.model.named_parameters():
            if _layer(name, 0) < 0:
                parameter.requires_grad_(False)
    if tuning.method != "lora":
        return
    peft = require("peft", extra="transformers")
    layers = [
        name
        for name, module in encoder.model.named_modules()
        if isinstance(module, nn.Linear)
        and _LAYER.search(name)
        and (tuning.feed_forward or _ATTENTION.search(name))
    ]
    config = peft.LoraConfig(
        r=tuning.lora_rank,
        lora_alpha=tuning.lora_alpha,
        lora_dropout=tuning.lora_dropout,
        target_modules=layers,
    )
    peft.inject_adapter_in_model(config, encoder.model)
    quicken(encoder.model)


def layer_groups(
    encoder: Encoder, learning_rate: float, decay: float = 1.0, weight_decay: float = 0.0
) -> list[dict[str, Any]]:
    """The weights that learn, in groups for an optimiser, the lowest layer first.

    Args:
        encoder: after ``trainable``.
        learning_rate: of the top layer.
        decay: what each layer further down multiplies it by; the embeddings are the lowest layer.
        weight_decay: of matrices; biases and the weights of norms have none.

    Returns:
        Groups with ``params``, ``lr`` and ``weight_decay``; every weight that learns is in one.
    """
    names = [name for name, _ in encoder.model.named_parameters()]
    top = max((int(found[1]) for name in names if (found := _LAYER.search(name))), default=0)
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in encoder.model.named_parameters():
        if parameter.requires_grad:
            key = _layer(name, top), parameter.dim() > 1
            groups.setdefault(key, []).append(parameter)
    return [
        {
            "params": groups[layer, matrices],
            "lr": learning_rate * decay ** (top - layer),
            "weight_decay": weight_decay if matrices else 0.0,
        }
        for layer, matrices in sorted(groups)
    ]


def _layer(name: str, top: int) -> int:
    found = _LAYER.search(name)
    if found:
        return int(found[1])
    return -1 if "embed" in name else top  # a norm after the last layer


def merge(encoder: Encoder) -> None:
    """Add what the adapters learnt to the weights that they stand beside, and remove them: the
    encoder is as fast as it was, and now one that learnt whole. Without adapters nothing
    happens."""
    if not _adapted(encoder):
        return
    for name, adapted in _adapted(encoder):
        adapted.merge()
        encoder.model.set_submodule(name, adapted.get_base_layer())
    if hasattr(encoder.model, "peft_config"):
        del encoder.model.peft_config  # else the next adapters come with a warning
    trainable(encoder, Tuning("full"))


def _adapted(encoder: Encoder) -> list[tuple[str, Any]]:
    return [
        (name, module)
        for name, module in encoder.model.named_modules()
        if hasattr(module, "lora_A") and hasattr(module, "get_base_layer")
    ]
