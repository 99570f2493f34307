"""The sentences of a text with what they depend on, for explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treernn.classes import label_places
from treernn.scoring.discourse import Link
from treernn.scoring.document import discourse, with_mean
from treernn.scoring.document import weights as weights_of
from treernn.scoring.sentence import Phrase, Sentence
from treernn.scoring.wording import quoted_phrase
from treernn.types import LABELS

_VALUES = np.arange(-2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Text:
    """The sentences in their text.

    Attributes:
        sentences: as scored.
        means: mean class of each in the text, from -2 to 2.
        factors: 0 for what another sentence answers or denies.
        weights: the part of each in the evidence, with sum one.
        links: what each depends on, or None.
    """

    sentences: Sequence[Sentence]
    means: list[float]
    factors: list[float]
    weights: list[float]
    links: tuple[Link | None, ...]

    def counts(self, place: int) -> bool:
        """Whether a sentence counts in the text."""
        link = self.links[place]
        is_heading = link is not None and link.kind == "heading" and not self.means[place]
        return self.factors[place] > 0 and not is_heading

    def is_changed(self, place: int) -> bool:
        """Whether the opinion of a sentence comes from its context."""
        own = float(_VALUES @ self.sentences[place].distributions[-1])
        return abs(self.means[place] - own) > 1e-6

    def has_own_opinion(self, place: int) -> bool:
        """Whether the phrases of a sentence tell why it has its opinion."""
        own = float(_VALUES @ self.sentences[place].distributions[-1])
        link = self.links[place]
        bare = link is not None and link.kind in ("answer", "denial")
        return (
            self.counts(place)
            and not bare
            and (not self.is_changed(place) or own * self.means[place] > 0)
        )

    def phrase(self, place: int) -> Phrase:
        """A sentence as a phrase, with the distribution that it has in the text."""
        sentence = self.sentences[place]
        row, label = sentence.distributions[-1].astype(np.float64), sentence.label
        if self.is_changed(place):
            row = with_mean(row, self.means[place])
            label = LABELS[int(label_places(row, sentence.classes))]
        where = (sentence.text, sentence.start, sentence.end)
        return Phrase(*where, label, tuple(row.tolist()), sentence.classes)

    def relation(self, place: int) -> tuple[str, str, tuple[Phrase, ...]] | None:
        """The kind of what a sentence depends on, in words, and the sentence that it is."""
        link = self.links[place]
        if link is None:
            return None
        said, mean = quoted_phrase(self.phrase(place)), self.means[place]
        other = self.phrase(link.to)
        side = "positive" if mean > 0 else "negative" if mean < 0 else "neutral"
        if link.kind == "contrast":
            return "contrast", f"{said} ({side}) outweighs {quoted_phrase(other)}", (other,)
        if link.kind == "answer":
            return "answer", f"{said} answers {quoted_phrase(other)} with {link.answer}", (other,)
        if link.to == place:
            by = "its heading" if link.kind == "heading" else "the denial at its end"
            return link.kind, f"{said} is {side} by {by}", ()
        if link.kind == "heading":
            return "heading", f"{said} under {quoted_phrase(other)} is {side}", (other,)
        return "denial", f"{said} denies {quoted_phrase(other)}", (other,)


def text_of(sentences: Sequence[Sentence]) -> Text:
    """The sentences of a text, at least one."""
    rows = [sentence.distributions[-1] for sentence in sentences]
    tokens = [sentence.tokens for sentence in sentences]
    words = [each.distributions[: len(each.tokens)] for each in sentences]
    means, factors, links = discourse(np.stack(rows).astype(np.float64), tokens, words)
    return Text(
        sentences,
        means.tolist(),
        factors.tolist(),
        weights_of(rows, tokens, words).tolist(),
        links,
    )
