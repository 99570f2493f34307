"""Models by their names: included in the package, in a folder, or on the hub."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from treernn.errors import ModelError
from treernn.models.on_hub import address_of, hub_folder, is_on_hub

PRETRAINED = Path(__file__).parent.parent / "pretrained"
PARSER = PRETRAINED / "parser"

TAGGER = PRETRAINED / "tagger"

SENTIMENT_MODELS = {name: PRETRAINED / name for name in ("small", "medium", "large")}


def model_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a model of any kind, from a path or an address on the hub, ``hf://user/name``.

    Raises:
        InputError, ModelError, MissingPackageError: as ``hub_folder``; a path is not looked at.
    """
    return hub_folder(model) if is_on_hub(model) else Path(model)


def sentiment_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a sentiment model: of an included one by its name, or as ``model_folder``.

    Raises:
        ModelError: there is none; or as ``model_folder``.
    """
    if isinstance(model, str) and (included := SENTIMENT_MODELS.get(model)):
        return included
    if not is_on_hub(model) and not os.path.isdir(model):  # a name may be too long for a path
        names = ", ".join(SENTIMENT_MODELS)
        raise ModelError(f"{model}: no such model folder; included models are {names}")
    return model_folder(model)


def tagger_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a tagger: of the included one, ``english``, or as ``model_folder``."""
    return TAGGER if os.fspath(model) == "english" else model_folder(model)


def pinned(model: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """A name that stays that of the same model: of one on the hub the address with its commit.

    Raises:
        InputError, ModelError, MissingPackageError: as ``hub_folder``.
    """
    if not is_on_hub(model):
        return model
    return str(replace(address_of(model), revision=hub_folder(model).name))
