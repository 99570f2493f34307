"""Sentiment models of every structure, by their folder."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from treernn.encoders.encoder import Encoder
from treernn.errors import InputError
from treernn.models.average_classifier import AverageClassifier
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.pretrained import sentiment_folder
from treernn.models.storage import model_kind
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


def _load(folder: Path) -> PhraseClassifier:
    kinds = {kind.KIND: kind for kind in (ChainClassifier, AverageClassifier)}
    # Of the tree's folder, which says what is wrong if it is none either.
    return kinds.get(model_kind(folder) or "", TreeClassifier).load(folder)
