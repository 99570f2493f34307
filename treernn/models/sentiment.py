"""Sentiment models of every structure, by their folder."""

from __future__ import annotations

import os

from treernn.errors import ModelError
from treernn.models.chain_classifier import KIND, ChainClassifier
from treernn.models.classifier import TreeClassifier
from treernn.models.folder import read_config
from treernn.models.shipped import sentiment_folder

SentimentModel = TreeClassifier | ChainClassifier


def load_sentiment(model: str | os.PathLike[str]) -> SentimentModel:
    """A sentiment model, over trees or over chains, ready to score, on the CPU.

    Args:
        model: its folder; ``"embedded"`` is the shipped one.

    Raises:
        ModelError: the folder is missing, damaged, or holds something else.
    """
    folder = sentiment_folder(model)
    try:
        read_config(folder, KIND)
    except ModelError:
        return TreeClassifier.load(folder)  # which says what is wrong if it is none either
    return ChainClassifier.load(folder)
