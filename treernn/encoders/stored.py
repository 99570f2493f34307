"""The encoder of a saved model: its identity in ``config.json``, and loading it again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from torch import Tensor

from treernn.encoders.base_model import BaseModel
from treernn.encoders.encoder import Encoder, load_encoder
from treernn.encoders.fine_tuning import set_trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError, ModelError


def encoder_config(encoder: Encoder) -> dict[str, Any]:
    """Plain values that identify an encoder and say which of its weights were trained."""
    return {"base": asdict(encoder.base), "tuning": asdict(encoder.tuning)}


def stored_encoder(
    config: Any, path: str | os.PathLike[str], weights: Mapping[str, Tensor]
) -> Encoder:
    """Load an encoder, with untrained weights in place of those that were trained.

    Args:
        config: made by ``encoder_config``.
        path: the model folder, for messages.
        weights: of the model folder.

    Raises:
        ModelError: the encoder is missing or another one, or ``config`` is damaged.
        MissingPackageError: transformers is not installed.
    """
    try:
        base = BaseModel(**_values(config, "base"))
        tuning = Tuning(**_values(config, "tuning"))
    except (TypeError, InputError) as error:
        problem = str(error).rpartition(".__init__() ")[2]
        raise ModelError(f"{path}: config.json describes no encoder ({problem})") from None
    ranks = {
        weight.shape[0]
        for name, weight in weights.items()
        if ".lora_A." in name and weight.dim() == 2
    }
    if tuning.method == "lora" and ranks != {tuning.lora_rank}:
        # Before adapters are made, which could be of any size.
        raise ModelError(
            f"{path}: weights do not fit config.json: lora_rank is {tuning.lora_rank}, the "
            f"adapters have {', '.join(map(str, sorted(ranks))) or 'no'} rows"
        )
    encoder = load_encoder(base.name, expected=base)
    try:
        set_trainable(encoder, tuning)
    except InputError as error:
        raise ModelError(f"{path}: config.json describes no encoder ({error})") from None
    return encoder


def _values(config: Any, name: str) -> dict[str, Any]:
    values = config.get(name) if isinstance(config, dict) else None
    if not isinstance(values, dict):
        raise InputError(f"it has no {name}")
    return values
