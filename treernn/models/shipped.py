"""The models that come with the package."""

from __future__ import annotations

import os
from pathlib import Path

EMBEDDED = Path(__file__).parent.parent / "embedded"
PARSER = EMBEDDED / "parser"
SENTIMENT = EMBEDDED / "sentiment"
ACCURATE = EMBEDDED / "accurate"

SENTIMENT_MODELS = {"embedded": SENTIMENT, "accurate": ACCURATE}


def sentiment_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a sentiment model: that of a shipped one's name, all else a path."""
    shipped = SENTIMENT_MODELS.get(model) if isinstance(model, str) else None
    return shipped or Path(model)
