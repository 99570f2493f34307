"""New sentiment models, untrained or with the weights of a trained one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from treernn.corpora.glove import WordVectors
from treernn.encoders.encoder import Encoder
from treernn.errors import InputError
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.vocabulary import fill_embedding
from treernn.models.word_embeddings import WordTable
from treernn.training.tasks.new_model import new_model
from treernn.training.tasks.sentiment_settings import EncoderSettings, SentimentSettings

# Settings of a model's configuration that may differ from those of the model to start from.
_FREE = {"embedding_size", "dropout", "recurrent_dropout", "temperature"}


def new_classifier(
    settings: SentimentSettings, words: Sequence[str] = (), vectors: WordVectors | None = None
) -> PhraseClassifier:
    """An untrained sentiment model; global random state is left as it was.

    Args:
        settings: configuration, seed, and perhaps the encoder.
        words: the vocabulary, see ``treernn.training.tasks.sentiment.vocabulary``. Not used with an
            encoder.
        vectors: initial vectors; words without one get small random vectors. Not used with an
            encoder.

    Raises:
        ModelError, InputError: see ``treernn.encoders.encoder.load_encoder``.
    """
    with new_model(settings.seed):
        if isinstance(settings, EncoderSettings):
            encoder = settings.load_encoder()
            config = replace(settings.model, embedding_size=encoder.output_size)
            return settings.CLASSIFIER(config, encoder)
        size = settings.model.embedding_size if vectors is None else vectors.dimension
        model = settings.CLASSIFIER(replace(settings.model, embedding_size=size), words)
        table = model.get_parameter("embedding.weight").data
        table.normal_(std=0.05)
    table[0] = 0
    fill_embedding(table, words, vectors)
    return model


def init_from(model: PhraseClassifier, settings: SentimentSettings) -> PhraseClassifier:
    """A new model with the words and weights of a trained one.

    Args:
        model: is not changed. With adapters of its encoder that were kept apart, these are trained
            further; an encoder with merged ones is trained in full.
        settings: must fit, see ``fixed_settings``. The temperature is not copied, because further
            training changes the probabilities.

    Raises:
        InputError: the settings do not fit.
    """
    if settings.CLASSIFIER is not type(model):
        raise InputError(
            f"the model to start from is a {model.KIND}, the settings are for a "
            f"{settings.CLASSIFIER.KIND}"
        )
    if isinstance(model.embedding, Encoder) and not isinstance(settings, EncoderSettings):
        raise InputError("the settings have no encoder, the model to start from has one")
    check_fixed_settings(model, settings.values(), "settings")
    words = model.embedding.vocabulary.words if isinstance(model.embedding, WordTable) else ()
    fresh = new_classifier(settings.updated(embedding_size=model.config.embedding_size), words)
    fresh.load_state_dict(model.state_dict())
    return fresh


def fixed_settings(model: PhraseClassifier) -> dict[str, Any]:
    """The settings that a model to start from determines, by name."""
    fixed = {name: value for name, value in asdict(model.config).items() if name not in _FREE}
    if isinstance(model.embedding, Encoder):
        tuning = model.embedding.tuning
        fixed |= {"encoder": model.embedding.base.name, "tuning": tuning.method}
        if tuning.method == "lora":
            fixed |= {"lora_rank": tuning.lora_rank, "frozen_layers": tuning.frozen_layers}
    return fixed


def check_fixed_settings(model: PhraseClassifier, values: Mapping[str, Any], source: str) -> None:
    """Check settings against a model to start from.

    Args:
        model: the model.
        values: some settings by name.
        source: where they come from, for the error message.

    Raises:
        InputError: a value differs from that of the model.
    """
    fixed = fixed_settings(model)
    if "encoder" in values and "encoder" not in fixed:
        raise InputError(f"{source}: the model to start from has word vectors, no encoder")
    for name, value in fixed.items():
        other = values.get(name, value)
        folder = Path(other) if name == "encoder" else None
        same_folder = (
            folder is not None and os.path.isdir(folder) and folder.resolve() == Path(value)
        )
        if other != value and not same_folder:
            raise InputError(
                f"{source}: {name} is {other!r}, in the model to start from it is {value!r}"
            )
