"""The models that come with the package."""

from __future__ import annotations

import os
from pathlib import Path

EMBEDDED = Path(__file__).parent.parent / "embedded"
PARSER = EMBEDDED / "parser"
SENTIMENT = EMBEDDED / "sentiment"
ACCURATE = EMBEDDED / "accurate"


def sentiment_folder(model: str | os.PathLike[str]) -> Path:
    """The folder of a sentiment model: ``"embedded"`` and ``"accurate"`` are shipped, all else is a
    path."""
    return {"embedded": SENTIMENT, "accurate": ACCURATE}.get(str(model), Path(model))
