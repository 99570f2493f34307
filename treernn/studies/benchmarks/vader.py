"""VADER, the word list with rules of Hutto and Gilbert (2014), as a baseline: NLTK's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from treernn.corpora import lexicon, locations
from treernn.errors import MissingDataError


def load_vader() -> Callable[[str], float]:
    """The function that gives the compound score of a text, -1 to 1.

    The lexicon is NLTK's, or the one that ``treernn.corpora.lexicon`` finds.

    Raises:
        MissingDataError: there is none on this machine.
        DataError: it is damaged.
    """
    from nltk.sentiment.vader import SentimentIntensityAnalyzer

    try:
        vader = SentimentIntensityAnalyzer()
    except LookupError:
        if (path := locations.find(lexicon.DATA)) is None:
            problem = "VADER's lexicon cannot be found, install it"
            raise MissingDataError(f"{problem}: python -m nltk.downloader vader_lexicon") from None
        vader = _with_lexicon(lexicon.scores(path))

    def compound(text: str) -> float:
        return float(vader.polarity_scores(text)["compound"])

    return compound


def _with_lexicon(scores: dict[str, float]) -> Any:
    from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

    class Vader(SentimentIntensityAnalyzer):
        def __init__(self) -> None:  # without NLTK's file
            self.lexicon, self.constants = scores, VaderConstants()

    return Vader()
