"""Training that begins with a model that has learnt already, such as a shipped one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from treernn.encoders.encoder import Encoder
from treernn.errors import InputError
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.word_embeddings import WordTable
from treernn.training.structures import SentimentSettings

# Of a model's configuration what training on may change.
_FREE = {"embedding_size", "dropout", "recurrent_dropout", "temperature"}


def shape_of(model: PhraseClassifier) -> dict[str, Any]:
    """The settings that a model which has learnt already leaves no choice in, by name."""
    config = model.config
    names = [field.name for field in fields(config) if field.name not in _FREE]
    shape = {name: getattr(config, name) for name in names}
    if isinstance(model.embedding, Encoder):
        shape |= {"encoder": model.embedding.base.name, "tuning": model.embedding.tuning.method}
    return shape


def check_shape(model: PhraseClassifier, values: Mapping[str, Any], where: str) -> None:
    """See that settings by name, as far as there are any, are those of a model to begin with.

    Raises:
        InputError: they are not; ``where`` says whence they are.
    """
    shape = shape_of(model)
    if "encoder" in values and "encoder" not in shape:
        raise InputError(f"{where}: encoder: the model to begin with has word vectors, no encoder")
    for name, value in shape.items():
        given = values.get(name, value)
        same = given == value or (
            name == "encoder" and Path(given).is_dir() and Path(given).resolve() == Path(value)
        )
        if not same:
            raise InputError(
                f"{where}: {name} is {given!r}, that of the model to begin with is {value!r}"
            )


def begun_as(model: PhraseClassifier, settings: SentimentSettings) -> PhraseClassifier:
    """A model to be trained, with the words and weights of one that has learnt already.

    Args:
        model: is left as it is. Adapters of ``lora`` have become part of its encoder, of which all
            learns from now on.
        settings: for its structure, and of its shape, see ``shape_of``; the temperature is lost,
            as probabilities change.

    Raises:
        InputError: the settings are of another model.
    """
    if settings.MODEL is not type(model):
        raise InputError(
            f"the model to begin with is a {model.KIND}, the settings are of a "
            f"{settings.MODEL.KIND}"
        )
    values = asdict(settings)
    if isinstance(model.embedding, Encoder) and "encoder" not in values:
        raise InputError("settings: they have no encoder, the model to begin with has one")
    check_shape(model, values, "settings")
    words = model.embedding.vocabulary.words if isinstance(model.embedding, WordTable) else ()
    begun = settings.new(words, None, model.config.embedding_size)
    begun.load_state_dict(model.state_dict())
    return begun
