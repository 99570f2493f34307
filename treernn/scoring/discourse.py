"""How sentences of a text depend on each other: answers, denials, contrasts, pros and cons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from treernn.scoring.context.answers import answer, claim
from treernn.scoring.context.denials import denies, denies_itself, is_voice, takes_back
from treernn.scoring.context.headings import goes_on, heading, under
from treernn.scoring.context.said import Said, phrases
from treernn.types import Token

CONTRAST = 3.0
"""Weight of a sentence that begins with "but" or sums up; chosen from 1 to 4 by the likelihood of
600 film reviews."""

CONCESSION = 2.0
"""Weight of a sentence that begins with "still" or "nevertheless"; 1 to 3 differ little."""

CONCEDED, CONCESSIONS = 0.5, 2
"""Before such a sentence, the factor of opposite opinions, and in how many sentences: 0.5, 0.7 and
1 were tried in 1, 2, 3 and 5 sentences, which changes the likelihood of the reviews little."""

_CONTRASTS = phrases(
    """
    but, however, unfortunately, sadly, overall, ultimately, in short, in conclusion, bottom line
    all in all, in the end, to sum up, that said, that being said, having said that, even so
    """
)
_I = phrases("i")
_CONCESSIVE = phrases("nevertheless, nonetheless, then again, still, yet")
# After these a comma or a subject follows: not "Still waters" or "However good it is".
_OPENERS = frozenset(("however", "still", "yet"))
_SUBJECTS = frozenset(", the i it this that he she they we you there my its".split())


class Link(NamedTuple):
    """Why a sentence has the opinion or the weight that it has.

    Attributes:
        kind: ``"answer"``, ``"denial"``, ``"heading"`` or ``"contrast"``.
        to: the index of the sentence that it depends on, which may be itself.
        answer: ``"yes"`` or ``"no"``, if it is an answer.
    """

    kind: str
    to: int
    answer: str = ""


class Discourse(NamedTuple):
    """The sentences in their text.

    Attributes:
        means: ``(sentences,)`` mean classes, where a bare answer has that of its question, and a
            denial the opposite of what it denies.
        weights: ``(sentences,)``, 0 for a question that is answered and for what is denied.
        links: for each sentence what it depends on, or None.
    """

    means: np.ndarray
    weights: np.ndarray
    links: tuple[Link | None, ...]


def opinions(
    means: np.ndarray,
    sentences: Sequence[Sequence[Token]],
    words: Sequence[Sequence[float]] = (),
) -> Discourse:
    """The opinion of each sentence in its text, and the weight of the sentence.

    Args:
        means: ``(sentences,)`` mean class of each, from -2 to 2.
        sentences: their tokens; empty if not known.
        words: for each sentence the mean class of each token alone; empty if not known.
    """
    means, weights = means.copy(), np.ones(len(means))
    if not sentences:
        return Discourse(means, weights, (None,) * len(means))
    links: list[Link | None] = [None] * len(means)
    values = words or [()] * len(sentences)
    texts = [Said(*each) for each in zip(sentences, means.tolist(), values, strict=True)]
    under_heading: tuple[int, int] | None = None  # its place and sign
    for place, said in enumerate(texts):
        begun = heading(said)
        if begun is not None:
            means[place] = 0.0 if begun.mean is None else begun.mean
            links[place] = Link("heading", place)
            under_heading = (place, begun.sign) if begun.mean is None else None
        elif under_heading and goes_on(said, place == under_heading[0] + 1):
            means[place] = under(under_heading[1], said)
            links[place] = Link("heading", under_heading[0])
        else:
            under_heading = None
            _depends(place, texts, means, weights, links)
    return Discourse(means, weights, tuple(links))


def _depends(
    place: int,
    texts: Sequence[Said],
    means: np.ndarray,
    weights: np.ndarray,
    links: list[Link | None],
) -> None:
    """Sets the opinion of a sentence that answers, denies or contradicts one before it."""
    said, before = texts[place], place - 1
    if denies_itself(said):
        means[place] = -max(abs(means[place]), 1.0)
        links[place] = Link("denial", place)
    weights[place] = _weight(said)
    if weights[place] > 1:
        _concede(place, CONCESSIONS, means, weights, links)
    if place == 0:
        return
    link = links[before]
    if texts[before].is_question:
        sign, asked = answer(said), claim(texts[before])
        if sign and asked is not None:
            means[place] = sign * asked
            weights[before] = 0
            links[place] = Link("answer", before, "yes" if sign > 0 else "no")
    elif link and link.kind == "answer" and link.to < before and answer(said):
        means[place] = 0.0  # it says the same again: "No. Not at all."
        weights[place] = 0
        links[place] = Link("answer", link.to, link.answer)
    elif denies(said, texts[before]):
        means[place] = -means[before]
        weights[before] = 0
        links[place] = Link("denial", before)
    elif takes_back(said):
        weights[before] = 0
    elif said.starts(_I) and is_voice(texts[before]):
        _concede(place, 1, means, weights, links)


def _weight(said: Said) -> float:
    """More than 1 for a sentence that begins with a contrast."""
    opens = said.words[:1] and said.words[0] in _OPENERS and said.texts[0] in _OPENERS
    if len(said.words) <= 3 or (opens and said.texts[1] not in _SUBJECTS):
        return 1.0
    if said.starts(_CONTRASTS):
        return CONTRAST
    return CONCESSION if said.starts(_CONCESSIVE) else 1.0


def _concede(
    place: int, number: int, means: np.ndarray, weights: np.ndarray, links: list[Link | None]
) -> None:
    """Lets opposite opinions in the sentences before count less."""
    before = np.arange(max(place - number, 0), place)
    opposite = before[means[before] * means[place] < 0]
    weights[opposite] *= CONCEDED
    if len(opposite):
        strongest = opposite[np.argmax(np.abs(means[opposite]) * (weights[opposite] > 0))]
        links[place] = Link("contrast", int(strongest))
