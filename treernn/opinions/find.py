"""What reviews name, and the sentiment toward it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from treernn.classes import label_places
from treernn.errors import ModelError
from treernn.types import LABELS

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.scorer import Scorer
    from treernn.scoring.sentence import Sentence

_LONGEST = 60  # characters of a phrase that is shown around a term

Spans = Sequence[Sequence[tuple[int, int]]]


class OfPhrase(NamedTuple):
    """The sentiment toward a span, as that of a phrase.

    Attributes:
        phrase_start, phrase_end: the phrase, characters of the text.
        distribution: over the five classes.
    """

    phrase_start: int
    phrase_end: int
    distribution: Sequence[float]


def knows_targets(scorer: Scorer) -> bool:
    """Whether the model has learnt the sentiment toward targets."""
    try:
        return scorer.target_classifier is not None
    except ModelError:
        return False


def targets_of(scorer: Scorer, results: Sequence[Result], spans: Spans, known: bool) -> list[Any]:
    """For each result the sentiment toward each of its spans.

    Args:
        scorer: has scored them.
        results: texts.
        spans: characters of each text.
        known: see ``knows_targets``; without, it is that of the smallest phrase beyond the span.
    """
    if known:
        return scorer.targets(results, spans)
    found = []
    for result, of_text in zip(results, spans, strict=True):
        phrases = Phrases(result)
        found.append([phrases.beyond(*span) for span in of_text])
    return found


class Phrases:
    """The phrases of a text around its terms.

    Args:
        result: the text.
    """

    def __init__(self, result: Result) -> None:
        self._text, self._sentences = result.text, result.sentences
        self._around: dict[int, tuple[list[tuple[int, int]], np.ndarray]] = {}

    def beyond(self, start: int, end: int) -> OfPhrase:
        """The smallest phrase that holds a term and more; the sentence, if it is nothing else."""
        sentence, spans, _ = self._of(start)
        around = _holding(spans, start, end)
        node = next((each for each in around if spans[each] != (start, end)), around[-1])
        return OfPhrase(*spans[node], sentence.distributions[node].tolist())

    def saying(self, start: int, end: int, sign: int) -> tuple[int, int] | None:
        """The smallest phrase of a few words that holds a term and another word, and is as positive
        or negative itself as what is said of it: what a reader should see. None, if there is none.
        """
        _, spans, signs = self._of(start)
        for node in _holding(spans, start, end):
            first, last = spans[node]
            if last - first > _LONGEST:
                return None
            more = self._text[first:start] + self._text[end:last]
            if signs[node] == sign and any(map(str.isalnum, more)):
                return first, last
        return None

    def _of(self, start: int) -> tuple[Sentence, list[tuple[int, int]], np.ndarray]:
        """The sentence there, with the characters and the signs of its phrases."""
        number = bisect_right(self._sentences, start, key=lambda each: each.start) - 1
        sentence = self._sentences[number]
        if number not in self._around:
            tokens = sentence.tokens
            self._around[number] = (
                [(tokens[a].start, tokens[b - 1].end) for a, b in sentence.tree.spans()],
                label_places(sentence.distributions, 3) - LABELS.index("neutral"),
            )
        return sentence, *self._around[number]


def _holding(spans: Sequence[tuple[int, int]], start: int, end: int) -> list[int]:
    """The nodes that hold a term, the smallest first: children come before their parents."""
    return [node for node, span in enumerate(spans) if span[0] <= start and end <= span[1]]
