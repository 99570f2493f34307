"""Models that a process loads once, whatever it scores with them."""

from __future__ import annotations

from functools import cache

from treernn.scoring.scorer import Scorer, load
from treernn.scoring.shared_models import Address, SharedModels

loaded = cache(load)
"""``load``, but the same scorer each time for the same arguments."""


@cache
def sharing(models: Address, newline_ends_sentence: bool, classes: int) -> Scorer:
    """A scorer with the models of another process, see ``shared_models.shared``."""
    connected = SharedModels(models)
    return Scorer(connected, connected, newline_ends_sentence, classes)
