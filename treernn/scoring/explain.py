"""The phrases of a tree that decided the label of a text.

A node decides something where its expected class departs from those of its children: ``not bad``
from ``bad``, ``very good`` from ``good``, a sentence with ``but`` from the side that lost; a word
departs from neutral. How much of a node's distribution reaches the root is seen from its overlap
with that of its parent.

With v(i) the expected class at node i, from -2 to 2, high and low the maximum and minimum of 0 and
the v of its children, and sum_k min(p_k, q_k) the overlap of two distributions::

    departure(i) = |v(i) - (high + low)| + min(high, -low)
    survival(i)  = product of the overlaps of child and parent, from i to the root
    influence(i) = departure(i) survival(i)

No model is run; docs/explain.md compares this with removing phrases and scoring the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from treernn.classes import label_places, scores
from treernn.scoring.contrasts import contrast_text, find_contrasts
from treernn.scoring.relations import Text, text_of
from treernn.scoring.sentence import Distribution, Phrase, Sentence, sentiment_fields
from treernn.scoring.wording import (
    MIN_POLAR,
    Opinion,
    describe,
    polarity_of,
    quoted_phrase,
)
from treernn.types import LABELS, Tree

MIN_INFLUENCE = 0.15
"""A phrase with less is returned only if there is no other."""

_VALUES = np.arange(-2.0, 3.0)
# Expected class of a text whose sides are equal, whichever of them its label is.
_BALANCED = 1e-3
_TELLING = ("negation", "contrast")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A phrase that helped to decide the label of a text.

    Attributes:
        kind: ``"sentence"``: one of several sentences, with a large weight;
            ``"answer"``, ``"denial"``, ``"heading"``: a sentence whose opinion comes from the
            question, the statement or the heading before it;
            ``"negation"``: a negation word reverses or weakens the rest of the phrase;
            ``"reversal"``: the phrase has another polarity than its part, without such a word;
            ``"contrast"``: parts of both polarities, one of which wins or neither; also two
            sentences, the second with "but" or the like;
            ``"intensifier"``, ``"diminisher"``: a part without an opinion makes another stronger
            or weaker;
            ``"accord"``: parts of one polarity strengthen each other;
            ``"phrase"``: an opinion that no part has;
            ``"word"``: an opinion in one word.
        text: the explanation in words.
        phrase: the phrase.
        parts: the phrases of its children in the tree, or the sides of a contrast; for a sentence
            that depends on another that one; empty for a word and for other sentences.
        influence: in classes: departure times survival (see the module), times the weight of the
            sentence in the text. For a sentence, its weight times the absolute expected class.
        direction: the polarity that it speaks for: -1, 0 or 1.
    """

    kind: str
    text: str
    phrase: Phrase
    parts: tuple[Phrase, ...]
    influence: float
    direction: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "kind": self.kind,
            "text": self.text,
            "influence": round(self.influence, 6),
            "direction": self.direction,
            "phrase": _plain(self.phrase),
            "parts": [_plain(part) for part in self.parts],
        }


def explain(
    sentences: Sequence[Sentence], distribution: Distribution, limit: int = 3
) -> tuple[Explanation, ...]:
    """See ``Result.explain``.

    Args:
        sentences: of the text, at least one.
        distribution: of the text.
        limit: maximum number of phrases; and of sentences, if the text has several.
    """
    text = text_of(sentences)
    row = np.array(distribution)
    label = LABELS[int(label_places(row, sentences[0].classes))]
    verdict = _polarity(label, float(scores(row)))
    whole: list[Explanation] = []
    phrases: list[Explanation] = []
    for place, sentence in enumerate(sentences):
        whole += _explain_sentence(text, place, verdict)
        if text.has_own_opinion(place):
            phrases += _explain_phrases(sentence, text.weights[place], limit)
    return (*_strongest(whole, verdict, limit), *_strongest(phrases, verdict, limit))


def _strongest(explanations: list[Explanation], polarity: int, limit: int) -> list[Explanation]:
    """Those for the text's polarity first, then those against it, each by influence."""

    def order(explanation: Explanation) -> tuple[bool, float]:
        return explanation.direction * polarity < 0, -explanation.influence

    return sorted(explanations, key=order)[: max(limit, 0)]


def _judged(distribution: Distribution, classes: int) -> str:
    """The label by which it is judged: two classes have no neutral, but what has no opinion decides
    nothing."""
    return LABELS[int(label_places(np.array(distribution), max(classes, 3)))]


def _explain_sentence(text: Text, place: int, verdict: int) -> Iterator[Explanation]:
    """What a whole sentence does in its text: what it depends on, and how much it weighs."""
    phrase, weight = text.phrase(place), text.weights[place]
    value = text.means[place]
    label = _judged(phrase.distribution, phrase.classes)
    direction = _polarity(label, phrase.score)
    influence = weight * abs(value)
    said = text.relation(place)
    if verdict not in (0, direction) or not text.counts(place):
        return
    if said is not None:
        kind, words, others = said
        yield Explanation(kind, words, phrase, others, influence, direction)
    if len(text.sentences) > 1 and (said is None or said[0] == "contrast"):
        words = f"{quoted_phrase(phrase)} is {label} and weighs {weight:.0%} of the text"
        yield Explanation("sentence", words, phrase, (), influence, direction)


def _explain_phrases(sentence: Sentence, weight: float, limit: int) -> list[Explanation]:
    """The phrases that decided the label of a sentence, at most ``limit``."""
    judged = sentence.with_classes(max(sentence.classes, 3))
    tree = judged.tree
    num_words = len(tree.words)
    values, influence, direction, survival = _influence(sentence.distributions, tree)
    shown = [*sentence.phrases()]
    opinions = [Opinion(*pair) for pair in zip(judged.phrases(), values.tolist(), strict=True)]
    verdict = opinions[-1].polarity if abs(values[-1]) >= _BALANCED else 0
    contrasts = find_contrasts(tree, values)
    for node, sides in contrasts.items():
        weaker = min(abs(values[side]) for side in sides)
        influence[node] = max(influence[node], weaker * survival[node])
        direction[node] = opinions[node].polarity or verdict
    explanations: list[Explanation] = []
    explained: set[int] = set()  # nodes that an explanation mentions
    against = direction * verdict < 0
    for node in np.lexsort((-influence, against)).tolist():
        weak = influence[node] < MIN_INFLUENCE
        if len(explanations) >= limit:
            break
        if weak and (explanations or not verdict or opinions[node].polarity != verdict):
            continue  # a sentence with an opinion has one explanation, however weak
        children = tree.children[node - num_words] if node >= num_words else ()
        if node in explained or not explained.isdisjoint(children):
            continue
        parts = [opinions[child] for child in children]
        kind_and_text = describe(opinions[node], parts)
        undecided = verdict and not opinions[node].polarity
        told = kind_and_text is not None and kind_and_text[0] in _TELLING
        if node in contrasts and (undecided or not told):
            children = contrasts[node]
            if not explained.isdisjoint(children):
                continue
            parts = [opinions[child] for child in children]
            kind_and_text = "contrast", contrast_text(int(direction[node]), *parts)
        if kind_and_text is not None:
            phrases = tuple(shown[child] for child in children)
            total = float(influence[node]) * weight
            explanations.append(
                Explanation(*kind_and_text, shown[node], phrases, total, int(direction[node]))
            )
            explained |= {node, *children}
    if verdict and limit > 0 and not any(each.direction == verdict for each in explanations):
        root = opinions[-1]
        words = f"{quoted_phrase(root.phrase)} is {root.label} as a whole"
        total = float(influence[-1]) * weight
        whole = Explanation("phrase", words, shown[-1], (), total, verdict)
        explanations = [whole, *explanations][:limit]
    return explanations


def _influence(
    distributions: np.ndarray, tree: Tree
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Expected class, influence, direction and survival of each node, all ``(nodes,)``. The
    direction is the polarity of an opinion; without one the sign of its difference from the
    children."""
    rows = distributions.astype(np.float64)
    values = rows @ _VALUES
    parents = np.full(tree.num_nodes, tree.root)
    for node, children in enumerate(tree.children, len(tree.words)):
        parents[list(children)] = node
    high, low = np.zeros(tree.num_nodes), np.zeros(tree.num_nodes)
    np.maximum.at(high, parents[:-1], values[:-1])
    np.minimum.at(low, parents[:-1], values[:-1])
    departure = np.abs(values - (high + low)) + np.minimum(high, -low)
    overlap = np.minimum(rows, rows[parents]).sum(axis=1).tolist()
    survival = [1.0] * tree.num_nodes
    # From the root down, because parents come after their children.
    for node, parent in zip(range(tree.root - 1, -1, -1), parents[-2::-1].tolist(), strict=True):
        survival[node] = survival[parent] * overlap[node]
    labels = np.array(tree.labels) - 2
    polarity = np.sign(np.where(np.abs(values) >= MIN_POLAR, values, labels))
    direction = np.where(polarity, polarity, np.sign(values - (high + low)))
    return values, departure * survival, direction, np.array(survival)


def _polarity(label: str, score: float) -> int:
    """The side of the label; of a neutral one that of the expected class, if it has one."""
    mean, side = 2 * score, LABELS.index(label) - 2
    if abs(mean) < _BALANCED:
        return 0
    return (side > 0) - (side < 0) if side else polarity_of(mean, "neutral")


def _plain(phrase: Phrase) -> dict[str, Any]:
    place = {"text": phrase.text, "start": phrase.start, "end": phrase.end}
    return place | sentiment_fields(phrase)
