"""Sentiment models of every structure, by their folder."""

from __future__ import annotations

import os

from treernn.errors import ModelError
from treernn.models import chain_classifier, vector_average
from treernn.models.chain_classifier import ChainClassifier
from treernn.models.classifier import TreeClassifier
from treernn.models.folder import read_config
from treernn.models.shipped import sentiment_folder
from treernn.models.vector_average import AverageClassifier

SentimentModel = TreeClassifier | ChainClassifier | AverageClassifier


def load_sentiment(model: str | os.PathLike[str]) -> SentimentModel:
    """A sentiment model, over trees, over chains or without structure, ready to score, on the CPU.

    Args:
        model: its folder; ``"embedded"`` is the shipped one.

    Raises:
        ModelError: the folder is missing, damaged, or holds something else.
    """
    folder = sentiment_folder(model)
    if _holds(folder, chain_classifier.KIND):
        return ChainClassifier.load(folder)
    if _holds(folder, vector_average.KIND):
        return AverageClassifier.load(folder)
    return TreeClassifier.load(folder)  # which says what is wrong if it is none either


def _holds(folder: str | os.PathLike[str], kind: str) -> bool:
    try:
        read_config(folder, kind)
    except ModelError:
        return False
    return True
