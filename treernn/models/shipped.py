"""The models that come with the package."""

from __future__ import annotations

import os
from pathlib import Path

EMBEDDED = Path(__file__).parent.parent / "embedded"
PARSER = EMBEDDED / "parser"
SENTIMENT = EMBEDDED / "sentiment"


def sentiment_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a sentiment model: ``"embedded"`` is the shipped one, all else a path."""
    return SENTIMENT if model == "embedded" else Path(model)
