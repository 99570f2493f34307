"""What a model folder says of the encoder that its model stands on: which one, and what learnt."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

from treernn.encoders.base_model import BaseModel
from treernn.encoders.encoder import Encoder, load_encoder
from treernn.encoders.fine_tuning import trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError, ModelError


def encoder_config(encoder: Encoder) -> dict[str, Any]:
    """Plain values by which ``stored_encoder`` finds the encoder again."""
    return {"base": asdict(encoder.base), "tuning": asdict(encoder.tuning)}


def stored_encoder(config: Any, path: str | os.PathLike[str]) -> Encoder:
    """The encoder, with what learnt of it as it was before it learnt.

    Args:
        config: of ``encoder_config``.
        path: the model folder that it is from.

    Raises:
        ModelError: it is not there and cannot be fetched, or is another one; or ``config`` is not
            of ``encoder_config``.
        InputError: transformers is not installed.
    """
    try:
        base, tuning = BaseModel(**config["base"]), Tuning(**config["tuning"])
    except (TypeError, KeyError, InputError) as error:
        raise ModelError(f"{path}: config.json describes no encoder ({error})") from None
    encoder = load_encoder(base.name, needed=base)
    trainable(encoder, tuning)
    return encoder
