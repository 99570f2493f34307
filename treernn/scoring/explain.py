"""The few phrases that turned a verdict, read off the tree.

Every node has a distribution, so a tree shows where its sentiment comes from: at the nodes whose
expected class departs from what their children say. ``not bad`` departs from ``bad``, ``very good``
from ``good``, a sentence with a ``but`` from the side that lost; a word departs from neutral. What
becomes of it on the way up shows in how much of a node's distribution is still there in its
parent's.

With v(i) the expected class at node i, -2 to 2, high and low the largest and the smallest of 0 and
the v of its children, and sum_k min(p_k, q_k) the overlap of two distributions::

    departure(i) = |v(i) - (high + low)| + min(high, -low)
    survival(i)  = the product of the overlaps of child and parent, from i up to the root
    influence(i) = departure(i) survival(i)

Nothing is scored again; docs/explain.md has how well this agrees with taking phrases out and
scoring the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from treernn.scoring.document import weights
from treernn.scoring.result import Phrase, Result, Sentence
from treernn.types import LABELS, Tree

Kind = Literal[
    "sentence",
    "negation",
    "reversal",
    "contrast",
    "intensifier",
    "diminisher",
    "accord",
    "phrase",
    "word",
]

_NEGATING = """
    barely cannot hardly n't neither never no nobody none nor not nothing nowhere rarely scarcely
    seldom without
"""
NEGATORS = frozenset(_NEGATING.split())
"""English words that negate (a closed class)."""

_AUXILIARY = """
    am are be been being ca can could did do does doing had has have is may might must shall should
    was were will wo would 'd 'll 'm 're 's 've
"""
_NO_OPINION = NEGATORS | frozenset(_AUXILIARY.split())

LEAST_INFLUENCE = 0.15
"""What has less is told only where there is nothing else to tell."""

_VALUES = np.arange(-2.0, 3.0)
_LEANING = 0.35
"""Expected class from which on a phrase that is most probably neutral still leans to a side."""
_CLEAR = 0.3
"""So far from its part, in classes, a phrase is plainly stronger or weaker."""
_LONGEST = 70
"""Characters of a phrase that are quoted; of a longer one its beginning and end are."""
_SUFFIX = re.compile("(?<=[a-z])(n't|'[a-z]+)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Something that turned or carried a verdict.

    Attributes:
        kind: ``"sentence"``: of several, one that weighs much;
            ``"negation"``: a negating word turns or weakens the rest of the phrase;
            ``"reversal"``: the phrase is of another side than its part, without such a word;
            ``"contrast"``: parts of both sides, of which one wins or neither;
            ``"intensifier"``, ``"diminisher"``: a part that is no opinion itself makes another
            stronger or weaker;
            ``"accord"``: parts of one side strengthen each other;
            ``"phrase"``: an opinion that no part has;
            ``"word"``: an opinion in one word.
        text: what happened, in words.
        phrase: where.
        parts: its children on the tree; none of a word, nor of a sentence.
        influence: on the verdict, in classes: how far the phrase departs from its parts, as far as
            that reaches the root, by the weight of the sentence in the text. Of a sentence, its
            weight by how far it is from neutral.
    """

    kind: Kind
    text: str
    phrase: Phrase
    parts: tuple[Phrase, ...]
    influence: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "kind": self.kind,
            "text": self.text,
            "influence": round(self.influence, 6),
            "phrase": _plain(self.phrase),
            "parts": [_plain(part) for part in self.parts],
        }


def explain(result: Result, limit: int = 3) -> tuple[Explanation, ...]:
    """What turned the verdict on a text.

    Args:
        result: of any text.
        limit: how many phrases to name at most, and how many sentences.

    Returns:
        Of several sentences first those that weigh most for the verdict, then the phrases; each by
        falling influence. Nothing where no phrase stands out, or nothing was scored.
    """
    if result.probabilities is None or limit < 1:
        return ()
    shares = weights([sentence.distributions[-1] for sentence in result.sentences]).tolist()
    phrases: list[Explanation] = []
    for sentence, share in zip(result.sentences, shares, strict=True):
        phrases += _phrases(sentence, share, limit)
    sentences = _sentences(result, shares) if len(shares) > 1 else []
    return (*_foremost(sentences, limit), *_foremost(phrases, limit))


def _foremost(found: list[Explanation], limit: int) -> list[Explanation]:
    return sorted(found, key=lambda each: -each.influence)[:limit]


def _sentences(result: Result, shares: Sequence[float]) -> list[Explanation]:
    """The sentences on the side of the whole text, or all of them where it has none."""
    assert result.probabilities is not None
    side = _side(float(_VALUES @ result.probabilities))
    found = []
    for sentence, share in zip(result.sentences, shares, strict=True):
        value = float(_VALUES @ sentence.probabilities)
        if side in (0, _side(value)):
            phrase = Phrase(
                sentence.text, sentence.start, sentence.end, sentence.label, sentence.probabilities
            )
            says = f"{_quoted(phrase)} is {sentence.label} and weighs {share:.0%} of the text"
            found.append(Explanation("sentence", says, phrase, (), share * abs(value)))
    return found


def _phrases(sentence: Sentence, share: float, limit: int) -> list[Explanation]:
    """The phrases that turned the verdict on a sentence, at most ``limit``."""
    tree = sentence.tree
    num_words = len(tree.words)
    values, influence = _influence(sentence.distributions, tree)
    opinions = [_Opinion(*pair) for pair in zip(sentence.phrases(), values.tolist(), strict=True)]
    found: list[Explanation] = []
    told: set[int] = set()  # nodes that a text already speaks of
    for node in np.argsort(-influence, kind="stable").tolist():
        weak = influence[node] < LEAST_INFLUENCE
        if len(found) == limit or (weak and (found or not opinions[-1].side)):
            break
        if weak and opinions[node].side != opinions[-1].side:
            continue  # of an opinion one phrase that shares it is named, however weak
        below = tree.children[node - num_words] if node >= num_words else ()
        if node in told or not told.isdisjoint(below):
            continue
        parts = [opinions[child] for child in below]
        said = _say(opinions[node], parts)
        if said is not None:
            phrases = tuple(part.phrase for part in parts)
            weight = float(influence[node]) * share
            found.append(Explanation(*said, opinions[node].phrase, phrases, weight))
            told |= {node, *below}
    return found


def _influence(distributions: np.ndarray, tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Expected class and influence of every node, both ``[nodes]``."""
    rows = distributions.astype(np.float64)
    values = rows @ _VALUES
    parents = np.full(tree.num_nodes, tree.root)
    for node, below in enumerate(tree.children, len(tree.words)):
        parents[list(below)] = node
    high, low = np.zeros(tree.num_nodes), np.zeros(tree.num_nodes)
    np.maximum.at(high, parents[:-1], values[:-1])
    np.minimum.at(low, parents[:-1], values[:-1])
    departure = np.abs(values - (high + low)) + np.minimum(high, -low)
    overlap = np.minimum(rows, rows[parents]).sum(axis=1).tolist()
    survival = [1.0] * tree.num_nodes
    # From the root down: parents come after their children.
    for node, parent in zip(range(tree.root - 1, -1, -1), parents[-2::-1].tolist(), strict=True):
        survival[node] = survival[parent] * overlap[node]
    return values, departure * survival


@dataclass(frozen=True, slots=True)
class _Opinion:
    """A phrase and its expected class."""

    phrase: Phrase
    value: float

    @property
    def side(self) -> int:
        """-1, 0 or 1."""
        return _side(self.value)

    @property
    def label(self) -> str:
        """The class, in words; of a phrase that only leans to a side, that side."""
        number = LABELS.index(self.phrase.label) - 2
        if self.side == 0:
            return "neutral"
        if number * self.side > 0:
            return self.phrase.label
        return "rather positive" if self.side > 0 else "rather negative"

    def __str__(self) -> str:
        return f"{_quoted(self.phrase)} ({self.label})"

    def negates(self) -> bool:
        """Whether it is there to negate: it has a negating word, and either no opinion or, since
        models take ``not`` itself for one, no word that could have one."""
        words = set(_SUFFIX.sub(r" \1", self.phrase.text.lower().replace("’", "'")).split())
        return not words.isdisjoint(NEGATORS) and (not self.side or words <= _NO_OPINION)


def _say(whole: _Opinion, parts: Sequence[_Opinion]) -> tuple[Kind, str] | None:
    """What happens at a node, in words; None where that is nothing to speak of."""
    side, label, quoted = whole.side, whole.label, _quoted(whole.phrase)
    if side and whole.negates():
        return None
    if not parts:
        return ("word", f"{quoted} is {label}") if side else None
    if sum(_has_word(part) for part in parts) < 2:
        return None  # a full stop turns nothing that a reader could see
    opinions = [part for part in parts if part.side and not part.negates()]
    opinions.sort(key=lambda part: -abs(part.value))
    agreeing = [part for part in opinions if part.side == side]
    against = [part for part in opinions if part.side != side]
    if not agreeing and not against:
        return ("phrase", f"{quoted} is {label}, which no part of it is alone") if side else None
    first = (against or agreeing)[0]
    negated = any(part.negates() for part in parts if part is not first)
    if against:
        change = f"{quoted} turns {first} to {label}"
        if negated:
            return "negation", change
        if agreeing:
            return "contrast", f"{agreeing[0]} outweighs {first}"
        if side:
            return "reversal", change
        other = next((part for part in against if part.side != first.side), None)
        if other is not None:
            return "contrast", f"{first} and {other} balance each other"
        return "diminisher", change
    growth = abs(whole.value) - abs(first.value)
    if abs(growth) < _CLEAR:
        return None
    change = f" to {label}" if label != first.label else ""
    if growth < 0:
        return "negation" if negated else "diminisher", f"{quoted} weakens {first}{change}"
    if len(agreeing) > 1:
        return "accord", f"{first} and {agreeing[1]} strengthen each other{change}"
    return "intensifier", f"{quoted} strengthens {first}{change}"


def _side(value: float) -> int:
    return 0 if abs(value) < _LEANING else 1 if value > 0 else -1


def _has_word(part: _Opinion) -> bool:
    return any(char.isalnum() for char in part.phrase.text)


def _quoted(phrase: Phrase) -> str:
    """The phrase on one line in quotes, without what separates it from others; of a long one its
    beginning and end."""
    text = " ".join(phrase.text.split())
    text = text.strip(" ,;:.-") or text
    if len(text) > _LONGEST:
        third = _LONGEST // 3
        head, tail = text[: 2 * third], text[-third:]
        text = f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"
    return f'"{text}"'


def _plain(phrase: Phrase) -> dict[str, Any]:
    return {
        "text": phrase.text,
        "start": phrase.start,
        "end": phrase.end,
        "label": phrase.label,
        "probabilities": [round(value, 6) for value in phrase.probabilities],
    }
