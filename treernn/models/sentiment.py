"""Load sentiment models of any kind."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from treernn import strict_json
from treernn.encoders.encoder import Encoder
from treernn.errors import DataError, InputError, ModelError
from treernn.files import atomic_write
from treernn.models.average_classifier import AverageClassifier
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.pretrained import sentiment_folder
from treernn.models.storage import CONFIG, model_kind
from treernn.models.tree_classifier import TreeClassifier

PRECISIONS = ("float32", "bfloat16")

CLASSIFIERS: dict[str, type[PhraseClassifier]] = {
    kind.KIND: kind for kind in (TreeClassifier, ChainClassifier, AverageClassifier)
}
"""The classes of sentiment models, by the kind of their folders."""


def load_sentiment(
    model: str | os.PathLike[str], precision: str = "float32", *, keep_adapters: bool = False
) -> PhraseClassifier:
    """Load a sentiment model of any kind, on the CPU, in evaluation mode.

    Args:
        model: its folder, or the name of an included model: ``"small"``, ``"medium"``, ``"large"``.
        precision: type in which an encoder computes, ``"float32"`` or ``"bfloat16"``.
        keep_adapters: see ``StoredModel.load``.

    Raises:
        ModelError: the folder is missing, damaged, or contains another model.
        InputError: no such precision, or the model has no encoder.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision is {precision!r}, expected {' or '.join(PRECISIONS)}")
    folder = sentiment_folder(model)
    # A folder of no model at all: TreeClassifier raises the error.
    kind = CLASSIFIERS.get(model_kind(folder) or "", TreeClassifier)
    classifier = kind.load(folder, keep_adapters=keep_adapters)
    if precision != "float32":
        if not isinstance(classifier.embedding, Encoder):
            raise InputError(
                f"{model}: precision {precision} is for models with an encoder, such as medium"
            )
        classifier.embedding.to(getattr(torch, precision))
    return classifier


def store_temperature(folder: str | os.PathLike[str], temperature: float) -> None:
    """Write a temperature into the ``config.json`` of a model; nothing else changes.

    Raises:
        ModelError: ``config.json`` is not the configuration of a model with a temperature.
        InputError: it cannot be written; the folder is then unchanged.
    """
    path = Path(folder) / CONFIG
    try:
        config = strict_json.read(path)
        model = config["model"]
    except (OSError, DataError, KeyError, TypeError):
        model = None
    if not isinstance(model, dict):
        raise ModelError(f"{path}: not a model with a temperature")
    model["temperature"] = temperature
    with atomic_write(path) as fresh:
        fresh.write_text(strict_json.dumps(config, indent=2) + "\n", "utf-8")
