"""The models that come with the package."""

from __future__ import annotations

import os
from pathlib import Path

PRETRAINED = Path(__file__).parent.parent / "pretrained"
PARSER = PRETRAINED / "parser"

SENTIMENT_MODELS = {name: PRETRAINED / name for name in ("small", "medium")}


def sentiment_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a sentiment model: that of a shipped one's name, all else a path."""
    shipped = SENTIMENT_MODELS.get(model) if isinstance(model, str) else None
    return shipped or Path(model)
