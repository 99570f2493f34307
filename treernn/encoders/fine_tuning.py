"""Choose which weights of an encoder to train, and their learning rates.

LoRA: Hu et al. (2022), by ``peft``. Layer-wise decay of the learning rate: Howard & Ruder (2018),
section 3.2.
"""

from __future__ import annotations

import re
from typing import Any

from torch import nn

from treernn.encoders.encoder import Encoder
from treernn.encoders.frozen_layers import check_layers
from treernn.encoders.linear import accelerate
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError
from treernn.optional import require

_LAYER = re.compile(r"\.(\d+)\.")
_ATTENTION = re.compile(r"\.(?:\w*attention|attn)\.")


def set_trainable(encoder: Encoder, tuning: Tuning) -> None:
    """Choose which weights of an encoder to train.

    Args:
        encoder: changed in place; new adapters do not change its output.
        tuning: the choice.

    Raises:
        InputError: the encoder has adapters already, or cannot be divided after
            ``tuning.frozen_layers`` layers.
        MissingPackageError: peft is not installed.
    """
    if _adapters(encoder):
        raise InputError("the encoder has adapters already, merge them first")
    frozen = tuning.frozen_layers
    if frozen:
        check_layers(encoder.model, frozen)
    encoder.tuning = tuning
    encoder.model.requires_grad_(tuning.method in ("full", "layers"))
    if tuning.method == "layers":
        for name, parameter in encoder.model.named_parameters():
            # What belongs to no layer, such as MPNet's position bias, has a part in frozen ones.
            if _layer_number(name, -1 if frozen else 0) < frozen:
                parameter.requires_grad_(False)
    if tuning.method != "lora":
        return
    peft = require("peft", extra="transformers")
    layers = [
        name
        for name, module in encoder.model.named_modules()
        if isinstance(module, nn.Linear)
        and _layer_number(name, -1) >= frozen
        and (tuning.feed_forward or _ATTENTION.search(name))
    ]
    config = peft.LoraConfig(
        r=tuning.lora_rank,
        lora_alpha=tuning.lora_alpha,
        lora_dropout=tuning.lora_dropout,
        target_modules=layers,
    )
    peft.inject_adapter_in_model(config, encoder.model)
    accelerate(encoder.model)


def layer_groups(
    encoder: Encoder, learning_rate: float, decay: float = 1.0, weight_decay: float = 0.0
) -> list[dict[str, Any]]:
    """Parameter groups for an optimizer, from the lowest layer up.

    Args:
        encoder: after ``set_trainable``.
        learning_rate: of the top layer.
        decay: factor of the learning rate from a layer to the one below; the input embeddings are
            the lowest layer.
        weight_decay: of matrices; biases and the weights of norms have none.

    Returns:
        Groups with ``params``, ``lr`` and ``weight_decay``; together all trainable parameters.
    """
    names = [name for name, _ in encoder.model.named_parameters()]
    top = max((int(match[1]) for name in names if (match := _LAYER.search(name))), default=0)
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in encoder.model.named_parameters():
        if parameter.requires_grad:
            key = _layer_number(name, top), parameter.dim() > 1
            groups.setdefault(key, []).append(parameter)
    return [
        {
            "params": groups[layer, is_matrix],
            "lr": learning_rate * decay ** (top - layer),
            "weight_decay": weight_decay if is_matrix else 0.0,
        }
        for layer, is_matrix in sorted(groups)
    ]


def _layer_number(name: str, top: int) -> int:
    match = _LAYER.search(name)
    if match:
        return int(match[1])
    return -1 if "embed" in name else top  # a norm after the last layer


def merge_adapters(encoder: Encoder) -> None:
    """Add the adapters to the weights of their layers and remove them; the encoder is then as fast
    as without. Does nothing if there are no adapters."""
    adapters = _adapters(encoder)
    if not adapters:
        return
    for name, layer in adapters:
        layer.merge()
        encoder.model.set_submodule(name, layer.get_base_layer())
    if hasattr(encoder.model, "peft_config"):
        del encoder.model.peft_config  # otherwise peft warns about the next adapters
    set_trainable(encoder, Tuning("full"))


def _adapters(encoder: Encoder) -> list[tuple[str, Any]]:
    return [
        (name, module)
        for name, module in encoder.model.named_modules()
        if hasattr(module, "lora_A") and hasattr(module, "get_base_layer")
    ]
