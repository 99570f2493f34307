"""Sentiment models of every structure, by their folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch

from treernn.encoders.encoder import Encoder
from treernn.errors import InputError, ModelError
from treernn.files import atomic_write
from treernn.models.average_classifier import AverageClassifier
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.pretrained import sentiment_folder
from treernn.models.storage import CONFIG, model_kind
from treernn.models.tree_classifier import TreeClassifier

PRECISIONS = ("float32", "bfloat16")


def load_sentiment(model: str | os.PathLike[str], precision: str = "float32") -> PhraseClassifier:
    """A sentiment model, over trees, over chains or without structure, ready to score, on the CPU.

    Args:
        model: its folder, or the name of a shipped one, ``"small"`` or ``"medium"``.
        precision: in which an encoder computes, ``"float32"`` or ``"bfloat16"``, see ``Encoder``.

    Raises:
        ModelError: the folder is missing, damaged, or holds something else.
        InputError: there is no such precision, or no encoder in the model to have it.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision is {precision!r}, expected {' or '.join(PRECISIONS)}")
    found = _load(sentiment_folder(model))
    if precision != "float32":
        if not isinstance(found.embedding, Encoder):
            raise InputError(f"{model}: has no encoder; {precision} is for models on an encoder")
        found.embedding.to(getattr(torch, precision))
    return found


def store_temperature(folder: str | os.PathLike[str], temperature: float) -> None:
    """Write a temperature into the ``config.json`` of a model; nothing else changes.

    Raises:
        ModelError: ``config.json`` is not the configuration of a model with a temperature.
        InputError: it cannot be written; the folder is then unchanged.
    """
    path = Path(folder) / CONFIG
    try:
        config = json.loads(path.read_text("utf-8"))
        model = config["model"]
    except (OSError, ValueError, KeyError, TypeError):
        model = None
    if not isinstance(model, dict):
        raise ModelError(f"{path}: not a model with a temperature")
    model["temperature"] = temperature
    with atomic_write(path) as fresh:
        fresh.write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def _load(folder: Path) -> PhraseClassifier:
    kinds = {kind.KIND: kind for kind in (ChainClassifier, AverageClassifier)}
    # Of the tree's folder, which says what is wrong if it is none either.
    return kinds.get(model_kind(folder) or "", TreeClassifier).load(folder)
