"""Tree-structured sentiment: a parse tree for every sentence, a distribution for every phrase.

>>> import treernn
>>> scorer = treernn.load()
>>> scorer("It isn't good.").label
'negative'

Importing this package is quick: torch is imported when it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from treernn.errors import (
    DataError,
    InputError,
    MissingDataError,
    MissingPackageError,
    ModelError,
    TreernnError,
)
from treernn.types import LABELS, Token, Tree

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.scorer import Scorer, load
    from treernn.scoring.sentence import Phrase, Sentence

__version__ = "0.1.0"

__all__ = [
    "LABELS",
    "DataError",
    "InputError",
    "MissingDataError",
    "MissingPackageError",
    "ModelError",
    "Phrase",
    "Result",
    "Scorer",
    "Sentence",
    "Token",
    "Tree",
    "TreernnError",
    "load",
]

_LATER = {
    "Phrase": "treernn.scoring.sentence",
    "Result": "treernn.scoring.result",
    "Scorer": "treernn.scoring.scorer",
    "Sentence": "treernn.scoring.sentence",
    "load": "treernn.scoring.scorer",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
