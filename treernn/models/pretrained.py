"""The models that are included in the package."""

from __future__ import annotations

import os
from pathlib import Path

from treernn.errors import ModelError

PRETRAINED = Path(__file__).parent.parent / "pretrained"
PARSER = PRETRAINED / "parser"

TAGGER = PRETRAINED / "tagger"

LEXICON = "lexicon.json"
"""The file in the folder of a sentiment model with words of the user's own, if there are some."""

SENTIMENT_MODELS = {name: PRETRAINED / name for name in ("small", "medium", "large")}


def sentiment_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a sentiment model, from the name of an included model or a path.

    Raises:
        ModelError: there is neither.
    """
    included = SENTIMENT_MODELS.get(model) if isinstance(model, str) else None
    if included is None and not os.path.isdir(model):  # a name may be too long for a path
        names = ", ".join(SENTIMENT_MODELS)
        raise ModelError(f"{model}: no such model folder; included models are {names}")
    return included or Path(model)


def tagger_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a tagger: of the included one, which is called ``english``, or a path."""
    return TAGGER if os.fspath(model) == "english" else Path(model)
