"""Sentiment models of every structure, by their folder."""

from __future__ import annotations

import os
from pathlib import Path

from treernn.errors import ModelError
from treernn.models.average_classifier import AverageClassifier
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.folder import read_config
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.shipped import sentiment_folder
from treernn.models.tree_classifier import TreeClassifier


def load_sentiment(model: str | os.PathLike[str]) -> PhraseClassifier:
    """A sentiment model, over trees, over chains or without structure, ready to score, on the CPU.

    Args:
        model: its folder; ``"embedded"`` is the shipped one.

    Raises:
        ModelError: the folder is missing, damaged, or holds something else.
    """
    folder = sentiment_folder(model)
    for kind in (ChainClassifier, AverageClassifier):
        if _holds(folder, kind.KIND):
            return kind.load(folder)
    return TreeClassifier.load(folder)  # which says what is wrong if it is none either


def _holds(folder: Path, kind: str) -> bool:
    try:
        read_config(folder, kind)
    except ModelError:
        return False
    return True
