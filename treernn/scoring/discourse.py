"""How sentences of a text depend on each other: answers, corrections, contrasts, pros and cons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from treernn.types import Token

CONTRAST = 3.0
"""Weight of a sentence that begins with "but" or sums up; chosen from 1 to 4 by the likelihood of
600 film reviews."""

CONCEDED, CONCESSIONS = 0.5, 2
"""Before such a sentence, the factor of opposite opinions, and in how many sentences: 0.5, 0.7 and
1 were tried in 1, 2, 3 and 5 sentences, which changes the likelihood of the reviews little."""

_CONTRASTS = {
    *(("but",), ("however",), ("unfortunately",), ("sadly",), ("overall",), ("ultimately",)),
    *(("in", "short"), ("in", "conclusion"), ("bottom", "line"), ("all", "in", "all")),
    *(("in", "the", "end"), ("to", "sum", "up")),
}
_YES = {
    *(("yes",), ("yep",), ("yeah",), ("yup",), ("absolutely",), ("definitely",), ("certainly",)),
    *(("of", "course"), ("oh", "yes"), ("very", "much"), ("very", "much", "so")),
}
_NO = {
    *(("no",), ("nope",), ("nah",), ("never",), ("hardly",), ("not", "really"), ("no", "way")),
    *(("not", "at", "all"), ("absolutely", "not"), ("definitely", "not"), ("of", "course", "not")),
    *(("not", "even", "close"), ("no", "thanks"), ("no", "thank", "you"), ("hell", "no"), ("not",)),
}
_DENIALS = {("not",), ("not", "really"), ("nope",), ("just", "kidding"), ("not", "at", "all")}
_HEADINGS = {
    "pro": 1, "pros": 1, "positive": 1, "positives": 1, "good": 1, "likes": 1, "advantages": 1,
    "con": -1, "cons": -1, "negative": -1, "negatives": -1, "bad": -1, "dislikes": -1,
    "disadvantages": -1,
}  # fmt: skip
_NOTHING = {("none",), ("nothing",), ("no",), ("n/a",), ("na",), ("nil",), ("zero",), ("nada",)}

_ANSWER = 1.0  # mean class of a bare "yes" where the question tells nothing


def opinions(
    means: np.ndarray, sentences: Sequence[Sequence[Token]]
) -> tuple[np.ndarray, np.ndarray]:
    """The opinion of each sentence in its text, and the weight of the sentence.

    Args:
        means: ``(sentences,)`` mean class of each, from -2 to 2.
        sentences: their tokens; empty if not known.

    Returns:
        Two arrays ``(sentences,)``: mean classes, where a bare answer has that of its question, and
        a denial the opposite of what it denies; weights, 0 for the question and what is denied.
    """
    means, weights = means.copy(), np.ones(len(means))
    words = [
        tuple(token.text.lower() for token in tokens if any(map(str.isalnum, token.text)))
        for tokens in sentences
    ]
    for place, (said, tokens) in enumerate(zip(words, sentences, strict=True)):
        if any(said[:size] in _CONTRASTS for size in (1, 2, 3)) and len(said) > 3:
            weights[place] = CONTRAST
            before = slice(max(place - CONCESSIONS, 0), place)
            weights[before][means[before] * means[place] < 0] *= CONCEDED
        means[place] = _under_heading(means[place], said, tokens)
        if place == 0:
            continue
        asked = sentences[place - 1][-1].text == "?"
        if asked and (said in _YES or said in _NO):
            question = means[place - 1]
            size = max(abs(question), _ANSWER)
            sign = -1 if question < -_ANSWER / 2 else 1
            means[place] = sign * size * (1 if said in _YES else -1)
            weights[place - 1] = 0
        elif not asked and said in _DENIALS and means[place - 1] > 0:
            means[place] = -means[place - 1]
            weights[place - 1] = 0
    return means, weights


def _under_heading(mean: float, words: tuple[str, ...], tokens: Sequence[Token]) -> float:
    """The mean class of "Pros: …" and "Cons: …", which the heading decides."""
    if ":" not in [token.text for token in tokens[:3]] or not words:
        return mean
    start = 1 if words[0] == "the" and len(words) > 1 else 0
    sign = _HEADINGS.get(words[start], 0)
    if not sign or tokens[start + 1].text != ":":
        return mean
    content = words[start + 1 :]
    if not content:
        return 0.0
    return sign * max(abs(mean), _ANSWER) * (-1 if content in _NOTHING else 1)
