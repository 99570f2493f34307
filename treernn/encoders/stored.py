"""The encoder of a saved model: its identity in ``config.json``, and loading it again."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

from treernn.encoders.base_model import BaseModel
from treernn.encoders.encoder import Encoder, load_encoder
from treernn.encoders.fine_tuning import set_trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError, ModelError


def encoder_config(encoder: Encoder) -> dict[str, Any]:
    """Plain values that identify an encoder and say which of its weights were trained."""
    return {"base": asdict(encoder.base), "tuning": asdict(encoder.tuning)}


def stored_encoder(config: Any, path: str | os.PathLike[str]) -> Encoder:
    """Load an encoder, with untrained weights in place of those that were trained.

    Args:
        config: made by ``encoder_config``.
        path: the model folder, for messages.

    Raises:
        ModelError: the encoder is missing or another one, or ``config`` is damaged.
        MissingPackageError: transformers is not installed.
    """
    try:
        base, tuning = BaseModel(**config["base"]), Tuning(**config["tuning"])
    except (TypeError, KeyError, InputError) as error:
        raise ModelError(f"{path}: config.json describes no encoder ({error})") from None
    encoder = load_encoder(base.name, expected=base)
    set_trainable(encoder, tuning)
    return encoder
