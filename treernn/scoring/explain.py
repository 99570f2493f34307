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

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from treernn.scoring.document import weights
from treernn.scoring.sentence import Phrase, Probabilities, Sentence
from treernn.types import LABELS, Tree

_NEGATING = """
    barely cannot hardly n't neither never no nobody none nor not nothing nowhere rarely scarcely
    seldom without
"""
NEGATORS = frozenset(_NEGATING.split())
"""English negation words (a closed class)."""

_AUXILIARY = """
    am are be been being ca can could did do does doing had has have is may might must shall should
    was were will wo would 'd 'll 'm 're 's 've
"""
_NO_OPINION = NEGATORS | frozenset(_AUXILIARY.split())

MIN_INFLUENCE = 0.15
"""A phrase with less is returned only if there is no other."""

_VALUES = np.arange(-2.0, 3.0)
# Expected class from which a phrase counts as positive, even if its label is neutral.
_MIN_POLAR = 0.35
# Difference in expected class from which a phrase is stronger or weaker than its part.
_MIN_CHANGE = 0.3
# Characters of a quoted phrase; the middle of a longer one is cut out.
_MAX_QUOTE = 70
_BUT_AFTER, _BUT_BEFORE = re.compile(r"(?i)\w.*\bbut\W*\Z"), re.compile(r"(?i)\W*but\b")
_SUFFIX = re.compile("(?<=[a-z])(n't|'[a-z]+)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A phrase that helped to decide the label of a text.

    Attributes:
        kind: ``"sentence"``: one of several sentences, with a large weight;
            ``"negation"``: a negation word reverses or weakens the rest of the phrase;
            ``"reversal"``: the phrase has another polarity than its part, without such a word;
            ``"contrast"``: parts of both polarities, one of which wins or neither;
            ``"intensifier"``, ``"diminisher"``: a part without an opinion makes another stronger
            or weaker;
            ``"accord"``: parts of one polarity strengthen each other;
            ``"phrase"``: an opinion that no part has;
            ``"word"``: an opinion in one word.
        text: the explanation in words.
        phrase: the phrase.
        parts: the phrases of its children in the tree; empty for a word and for a sentence.
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
            "phrase": _plain(self.phrase),
            "parts": [_plain(part) for part in self.parts],
        }


def explain(
    sentences: Sequence[Sentence], probabilities: Probabilities, limit: int = 3
) -> tuple[Explanation, ...]:
    """See ``Result.explain``.

    Args:
        sentences: of the text, at least one.
        probabilities: of the text.
        limit: maximum number of phrases; and of sentences, if the text has several.
    """
    sentence_weights = weights(
        [sentence.distributions[-1] for sentence in sentences],
        [sentence.tokens for sentence in sentences],
    ).tolist()
    whole: list[Explanation] = []
    phrases: list[Explanation] = []
    polarity = _polarity(float(_VALUES @ probabilities))
    for sentence, weight in zip(sentences, sentence_weights, strict=True):
        value = float(_VALUES @ sentence.probabilities)
        if len(sentences) > 1 and polarity in (0, _polarity(value)):
            whole.append(_explain_sentence(sentence, weight, value))
        phrases += _explain_phrases(sentence, weight, limit)
    return (*_strongest(whole, polarity, limit), *_strongest(phrases, polarity, limit))


def _strongest(explanations: list[Explanation], polarity: int, limit: int) -> list[Explanation]:
    """Those for the text's polarity first, then those against it, each by influence."""

    def order(explanation: Explanation) -> tuple[bool, float]:
        return explanation.direction * polarity < 0, -explanation.influence

    return sorted(explanations, key=order)[: max(limit, 0)]


def _explain_sentence(sentence: Sentence, weight: float, value: float) -> Explanation:
    phrase = Phrase(
        sentence.text, sentence.start, sentence.end, sentence.label, sentence.probabilities
    )
    text = f"{_quoted(phrase)} is {sentence.label} and weighs {weight:.0%} of the text"
    return Explanation("sentence", text, phrase, (), weight * abs(value), _polarity(value))


def _explain_phrases(sentence: Sentence, weight: float, limit: int) -> list[Explanation]:
    """The phrases that decided the label of a sentence, at most ``limit``."""
    tree = sentence.tree
    num_words = len(tree.words)
    values, influence, direction = _influence(sentence.distributions, tree)
    opinions = [_Opinion(*pair) for pair in zip(sentence.phrases(), values.tolist(), strict=True)]
    explanations: list[Explanation] = []
    explained: set[int] = set()  # nodes that an explanation mentions
    against = direction * opinions[-1].polarity < 0
    for node in np.lexsort((-influence, against)).tolist():
        weak = influence[node] < MIN_INFLUENCE
        if len(explanations) >= limit or (weak and (explanations or not opinions[-1].polarity)):
            break
        if weak and opinions[node].polarity != opinions[-1].polarity:
            continue  # a sentence with an opinion has one explanation, however weak
        children = tree.children[node - num_words] if node >= num_words else ()
        if node in explained or not explained.isdisjoint(children):
            continue
        parts = [opinions[child] for child in children]
        kind_and_text = _describe(opinions[node], parts)
        if kind_and_text is not None:
            phrases = tuple(part.phrase for part in parts)
            total = float(influence[node]) * weight
            explanations.append(
                Explanation(
                    *kind_and_text, opinions[node].phrase, phrases, total, int(direction[node])
                )
            )
            explained |= {node, *children}
    return explanations


def _influence(distributions: np.ndarray, tree: Tree) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expected class, influence and direction of each node, all ``(nodes,)``. The direction is the
    polarity of an opinion; without one the sign of its difference from the children."""
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
    polar = np.abs(values) >= _MIN_POLAR
    direction = np.where(polar, np.sign(values), np.sign(values - (high + low)))
    return values, departure * survival, direction


@dataclass(frozen=True, slots=True)
class _Opinion:
    """A phrase and its expected class."""

    phrase: Phrase
    value: float

    @property
    def polarity(self) -> int:
        """-1, 0 or 1."""
        return _polarity(self.value)

    @property
    def label(self) -> str:
        """The class in words; or the polarity, if the most probable class is of another."""
        value = LABELS.index(self.phrase.label) - 2
        if self.polarity == 0:
            return "neutral"
        if value * self.polarity > 0:
            return self.phrase.label
        return "rather positive" if self.polarity > 0 else "rather negative"

    def __str__(self) -> str:
        return f"{_quoted(self.phrase)} ({self.label})"

    def negates(self) -> bool:
        """Whether the phrase is only a negation: it has a negation word, and either no opinion or,
        since models take ``not`` itself for one, no word that could have one."""
        words = set(_SUFFIX.sub(r" \1", self.phrase.text.lower().replace("’", "'")).split())
        return not words.isdisjoint(NEGATORS) and (not self.polarity or words <= _NO_OPINION)


def _describe(whole: _Opinion, parts: Sequence[_Opinion]) -> tuple[str, str] | None:
    """The kind of a node and its explanation in words; None if it has none."""
    polarity, label, quoted = whole.polarity, whole.label, _quoted(whole.phrase)
    if polarity and whole.negates():
        return None
    if not parts:
        return ("word", f"{quoted} is {label}") if polarity else None
    if sum(_has_word(part) for part in parts) < 2:
        return None  # a full stop decides nothing that a reader could see
    opinions = [part for part in parts if part.polarity and not part.negates()]
    opinions.sort(key=lambda part: -abs(part.value))
    agreeing = [part for part in opinions if part.polarity == polarity]
    opposing = [part for part in opinions if part.polarity != polarity]
    if not opinions:
        if not polarity:
            return None
        return "phrase", f"{quoted} is {label}, which no part of it is alone"
    first = (opposing or agreeing)[0]
    negated = any(part.negates() for part in parts if part is not first)
    if opposing:
        change = f"{quoted} turns {first} to {label}"
        if negated:
            return "negation", change
        if agreeing:
            return "contrast", f"{agreeing[0]} outweighs {first}"
        if polarity:
            return "reversal", change
        other = next((part for part in opposing if part.polarity != first.polarity), None)
        if other is not None:
            return "contrast", f"{first} and {other} balance each other"
        return "diminisher", change
    if polarity and (other := _conceded(parts, agreeing)):
        return "contrast", f"{agreeing[0]} outweighs {_quoted(other.phrase)}"
    growth = abs(whole.value) - abs(first.value)
    if abs(growth) < _MIN_CHANGE:
        return None
    change = f" to {label}" if label != first.label else ""
    if growth < 0:
        return "negation" if negated else "diminisher", f"{quoted} weakens {first}{change}"
    if len(agreeing) > 1:
        return "accord", f"{first} and {agreeing[1]} strengthen each other{change}"
    return "intensifier", f"{quoted} strengthens {first}{change}"


def _conceded(parts: Sequence[_Opinion], agreeing: Sequence[_Opinion]) -> _Opinion | None:
    """The other side of "but", if the parts are divided there and one of them agrees."""
    if len(parts) != 2 or len(agreeing) != 1:
        return None
    left, right = parts
    if _BUT_AFTER.search(left.phrase.text) or _BUT_BEFORE.match(right.phrase.text):
        return left if agreeing[0] is right else None
    return None


def _polarity(value: float) -> int:
    return 0 if abs(value) < _MIN_POLAR else 1 if value > 0 else -1


def _has_word(part: _Opinion) -> bool:
    return any(char.isalnum() for char in part.phrase.text)


def _quoted(phrase: Phrase) -> str:
    """The phrase on one line in quotes, without punctuation around it."""
    text = " ".join(phrase.text.split())
    text = text.strip(" ,;:.-") or text
    if len(text) > _MAX_QUOTE:
        third = _MAX_QUOTE // 3
        head, tail = text[: 2 * third], text[-third:]
        text = f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"
    return f'"{text}"'


def _plain(phrase: Phrase) -> dict[str, Any]:
    probabilities = [round(value, 6) for value in phrase.probabilities]
    return asdict(phrase) | {"probabilities": probabilities}
