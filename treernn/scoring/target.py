"""The sentiment toward a part of a text, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from treernn.scoring.sentence import Distribution, OfDistribution, sentiment_fields


@dataclass(frozen=True, slots=True)
class Target(OfDistribution):
    """The sentiment toward a part of a text.

    Attributes:
        text: the part as it is written.
        start, end: its half-open character range in the text.
        phrase_start, phrase_end: that of the smallest phrase that holds it.
        label: the most probable class, one of ``LABELS``.
        distribution: over the five classes, very negative to very positive.
        classes: of how many classes ``label`` and ``probabilities`` are: 5, 3 or 2.
    """

    text: str
    start: int
    end: int
    phrase_start: int
    phrase_end: int
    label: str
    distribution: Distribution
    classes: int = 5

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        place = {"text": self.text, "start": self.start, "end": self.end}
        phrase = {"phrase_start": self.phrase_start, "phrase_end": self.phrase_end}
        return {**place, **phrase, **sentiment_fields(self)}
