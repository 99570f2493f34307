"""What of an encoder learns, and how fast.

LoRA: Hu et al. (2022), by ``peft``. Learning rates that fall from the top layer down: Howard &
Ruder (2018), section 3.2 (discriminative fine-tuning).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor, nn

from treernn.errors import InputError, ModelError
from treernn.models.base_model import NOT_INSTALLED
from treernn.models.encoder import Encoder
from treernn.models.linear import quicken

How = Literal["whole", "lora", "frozen"]

_LAYER = re.compile(r"\.(\d+)\.")
_ATTENTION = re.compile(r"\.(?:\w*attention|attn)\.")


def trainable(
    encoder: Encoder,
    how: How,
    *,
    rank: int = 8,
    alpha: int = 16,
    dropout: float = 0.0,
    feed_forward: bool = True,
) -> None:
    """Choose what of an encoder learns.

    Args:
        encoder: changed in place; with adapters it goes on giving what it gave until they learn.
        how: ``whole``, all its weights; ``lora``, small matrices beside those of its linear
            layers; ``frozen``, nothing.
        rank: of the adapters' matrices.
        alpha: what the adapters add is multiplied by ``alpha / rank``.
        dropout: share that training leaves out of what the adapters see.
        feed_forward: whether layers outside attention have adapters too.

    Raises:
        InputError: a value that cannot be, or peft is not installed.
    """
    if how not in ("whole", "lora", "frozen"):
        raise InputError(f"how is {how!r}, expected whole, lora or frozen")
    if _adapted(encoder):
        raise InputError("the encoder has adapters already, merge them first")
    encoder.model.requires_grad_(how == "whole")
    if how != "lora":
        return
    if rank < 1 or alpha <= 0 or not 0 <= dropout < 1:
        raise InputError(
            f"rank {rank}, alpha {alpha}, dropout {dropout}: expected a rank of at least 1, alpha "
            "above 0, dropout from 0 to below 1"
        )
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ModuleNotFoundError:
        raise InputError(NOT_INSTALLED) from None
    layers = [
        name
        for name, module in encoder.model.named_modules()
        if isinstance(module, nn.Linear)
        and _LAYER.search(name)
        and (feed_forward or _ATTENTION.search(name))
    ]
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=layers)
    inject_adapter_in_model(config, encoder.model)
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


def adapter_state(encoder: Encoder) -> dict[str, Tensor]:
    """The adapters' weights by name, copied; nothing of the encoder below them.

    Raises:
        InputError: the encoder has no adapters.
    """
    if not _adapted(encoder):
        raise InputError("the encoder has no adapters, make it trainable by lora first")
    return {
        name: parameter.detach().clone()
        for name, parameter in encoder.model.named_parameters()
        if ".lora_" in name
    }


def put_adapter_state(encoder: Encoder, state: Mapping[str, Tensor]) -> None:
    """Put back what ``adapter_state`` took out.

    Args:
        encoder: made trainable by ``lora`` as the other was.
        state: the adapters' weights by name.

    Raises:
        ModelError: names or shapes are not those of this encoder's adapters.
    """
    own = adapter_state(encoder)
    for name in sorted(own.keys() | state.keys()):
        found, expected = (
            list(tensors[name].shape) if name in tensors else "missing" for tensors in (state, own)
        )
        if found != expected:
            raise ModelError(f"adapters do not fit: {name} is {found}, expected {expected}")
    encoder.model.load_state_dict(dict(state), strict=False)


def merge(encoder: Encoder) -> None:
    """Add what the adapters learnt to the weights that they stand beside, and remove them: the
    encoder is as fast as it was. Without adapters nothing happens."""
    for name, adapted in _adapted(encoder):
        adapted.merge()
        encoder.model.set_submodule(name, adapted.get_base_layer())
    if hasattr(encoder.model, "peft_config"):
        del encoder.model.peft_config  # else the next adapters come with a warning


def _adapted(encoder: Encoder) -> list[tuple[str, Any]]:
    return [
        (name, module)
        for name, module in encoder.model.named_modules()
        if hasattr(module, "lora_A") and hasattr(module, "get_base_layer")
    ]
