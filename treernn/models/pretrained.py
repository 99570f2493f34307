"""The models that are included in the package."""

from __future__ import annotations

import os
from pathlib import Path

PRETRAINED = Path(__file__).parent.parent / "pretrained"
PARSER = PRETRAINED / "parser"

SENTIMENT_MODELS = {name: PRETRAINED / name for name in ("small", "medium")}


def sentiment_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a sentiment model, from the name of an included model or a path."""
    included = SENTIMENT_MODELS.get(model) if isinstance(model, str) else None
    return included or Path(model)
