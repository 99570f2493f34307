"""A scored sentence and its phrases; they point back into the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from treernn import classes as joined
from treernn.classes import check_classes, label_places, scores, stars_of
from treernn.scoring.tree_json import sentences_json
from treernn.types import LABELS, Token, Tree

if TYPE_CHECKING:
    import nltk

Distribution = tuple[float, float, float, float, float]
Probabilities = tuple[float, ...]
SENTIMENT_FIELDS = ("label", "score", "stars", "probabilities")
"""What JSON says of a text, a sentence and a phrase alike."""

TEXT_DEPTH = 400
"""Of a deeper tree the JSON of a node has no text: its size would grow with the square of the
depth. Few readers of JSON take a deeper one at all."""


class OfDistribution:
    """What follows from a distribution over the five classes."""

    __slots__ = ()

    distribution: Distribution
    classes: int

    @property
    def probabilities(self) -> Probabilities:
        """Of the classes, from negative to positive."""
        return probabilities_of(self.distribution, self.classes)

    @property
    def score(self) -> float:
        """The expected class of the five, from -1 (very negative) to 1 (very positive)."""
        return float(scores(np.array(self.distribution)))

    @property
    def stars(self) -> float:
        """The same from 1 to 5, not rounded."""
        return stars_of(self.score)


@dataclass(frozen=True, slots=True)
class Phrase(OfDistribution):
    """A node of a parse tree and its sentiment.

    Attributes:
        text: the phrase as written in the original text.
        start, end: its half-open character range in the original text.
        label: the most probable class, one of ``LABELS``.
        distribution: over the five classes, very negative to very positive.
        classes: of how many classes ``label`` and ``probabilities`` are: 5, 3 or 2.
    """

    text: str
    start: int
    end: int
    label: str
    distribution: Distribution
    classes: int = 5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sentence:
    """A sentence with its tree.

    Attributes:
        text: the sentence as written in the original text.
        start, end: its half-open character range in the original text.
        tokens: its words with their offsets in the original text.
        tree: the parse tree, each node labelled with its most probable class, as its place in
            ``LABELS``: of three classes 1 is negative, 2 neutral and 3 positive.
        distributions: ``(tree.num_nodes, 5)`` over the five classes, read-only; row i belongs to
            node i of the tree.
        classes: of how many classes the labels and ``probabilities`` are: 5, 3 or 2.
    """

    text: str
    start: int
    end: int
    tokens: tuple[Token, ...]
    tree: Tree
    distributions: np.ndarray
    classes: int = 5

    def __post_init__(self) -> None:
        self.distributions.flags.writeable = False

    def __repr__(self) -> str:
        return f"Sentence({self.text!r}, label={self.label!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sentence):
            return NotImplemented
        same = np.array_equal(self.distributions, other.distributions)
        return same and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        # Not as NumPy does it alone: a copied array can be written to.
        return Sentence, tuple(getattr(self, field.name) for field in fields(self))

    def _key(self) -> tuple[Any, ...]:
        return self.text, self.start, self.end, self.tokens, self.tree, self.classes

    def _repr_html_(self) -> str:
        from treernn.scoring.notebook import sentence_html

        return sentence_html(self)

    @property
    def label(self) -> str:
        """The class of the whole sentence, one of ``LABELS``."""
        return LABELS[self.tree.labels[self.tree.root]]

    @property
    def probabilities(self) -> Probabilities:
        """Of the classes of the whole sentence, from negative to positive."""
        return tuple(joined.probabilities(self.distributions[-1], self.classes).tolist())

    @property
    def score(self) -> float:
        """The expected class of the five, from -1 (very negative) to 1 (very positive)."""
        return float(scores(self.distributions[-1]))

    @property
    def stars(self) -> float:
        """The same from 1 to 5, not rounded."""
        return stars_of(self.score)

    def with_classes(self, classes: int) -> Sentence:
        """The same with the labels of 5, 3 or 2 classes.

        Raises:
            InputError: it is another number.
        """
        if classes == self.classes:
            return self
        labels = label_places(self.distributions, check_classes(classes))
        return replace(self, tree=self.tree.with_labels(labels.tolist()), classes=classes)

    def phrases(self) -> Iterator[Phrase]:
        """The phrase of each node, in the order of the tree: words first, the root last."""
        rows = self.distributions.tolist()
        for (start, end), label, row in zip(
            self._offsets(self.tree.spans()), self.tree.labels, rows, strict=True
        ):
            yield Phrase(
                self._text(start, end), start, end, LABELS[label], tuple(row), self.classes
            )

    def _offsets(self, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The character ranges in the original text of phrases, from their ranges of words."""
        starts = [token.start for token in self.tokens]
        ends = [token.end for token in self.tokens]
        return ((starts[first], ends[last - 1]) for first, last in spans)

    def to_nltk(self) -> nltk.Tree:
        """The tree for NLTK, with the nodes of the Stanford Sentiment Treebank.

        The label of a node is its class as a string, ``"0"`` to ``"4"``; each word has a node.
        Parentheses are written ``-LRB-`` and ``-RRB-``, as in NLTK's treebanks, so that NLTK and
        ``treernn.corpora.read_brackets`` can read the tree that NLTK prints.
        """
        from nltk.tree import Tree as NltkTree

        from treernn.corpora.brackets import escape_parentheses

        labels = [str(label) for label in self.tree.labels]
        words = [escape_parentheses(word) for word in self.tree.words]
        nodes = [NltkTree(label, [word]) for label, word in zip(labels, words, strict=False)]
        for label, children in zip(labels[len(words) :], self.tree.children, strict=True):
            nodes.append(NltkTree(label, [nodes[child] for child in children]))
        return nodes[-1]

    def to_dict(self, texts: bool | None = None) -> dict[str, Any]:
        """Plain values for JSON. ``tree`` is nested: an inner node has ``children``, a leaf the
        ``word`` that the models read.

        Args:
            texts: whether each node has its ``text``, ``start`` and ``end``, or the two places
                alone; default: the text too, unless the tree is deeper than ``TEXT_DEPTH``.
        """
        texts = self.has_texts(texts)
        shares, numbers = self._rounded()
        nodes: list[dict[str, Any]] = [
            ({"text": self._text(start, end)} if texts else {})
            | {"start": start, "end": end, "label": LABELS[label]}
            | {"score": score, "stars": stars, "probabilities": row}
            for (start, end), label, row, (score, stars) in zip(
                self._offsets(self.tree.spans()), self.tree.labels, shares, numbers, strict=True
            )
        ]
        for node, word in zip(nodes, self.tree.words, strict=False):
            node["word"] = word
        num_words = len(self.tree.words)
        for node, children in zip(nodes[num_words:], self.tree.children, strict=True):
            node["children"] = [nodes[child] for child in children]
        root = nodes[-1]
        start, end = root["start"], root["end"]
        head = {"text": self._text(start, end), "start": start, "end": end}
        return head | {name: root[name] for name in SENTIMENT_FIELDS} | {"tree": root}

    def to_json(self, texts: bool | None = None) -> str:
        """``json.dumps`` of ``to_dict``, for trees of any depth."""
        return sentences_json([self], texts)[0]

    def _rounded(self) -> tuple[list[Any], list[Any]]:
        """For each node its probabilities, and its score and stars."""
        score = scores(self.distributions)
        shares = joined.probabilities(self.distributions, self.classes)
        return rounded(shares), rounded(np.stack([score, stars_of(score)], axis=1))

    def _text(self, start: int, end: int) -> str:
        return self.text[start - self.start : end - self.start]

    def has_texts(self, texts: bool | None) -> bool:
        """Whether the JSON of a node has its text, see ``to_dict``."""
        if texts is not None:
            return texts
        return self.tree.num_nodes <= TEXT_DEPTH or self.tree.depth() <= TEXT_DEPTH


def probabilities_of(distribution: Distribution, classes: int) -> Probabilities:
    """The probabilities of so many classes."""
    if classes == len(distribution):
        return distribution
    return tuple(joined.probabilities(np.array(distribution), classes).tolist())


def sentiment_fields(scored: Any) -> dict[str, Any]:
    """The values of ``SENTIMENT_FIELDS`` of a scored text, sentence or phrase, for JSON."""
    score = scored.score
    numbers = _rounded_alone(score), _rounded_alone(stars_of(score))
    shares = [_rounded_alone(share) for share in scored.probabilities]
    return dict(zip(SENTIMENT_FIELDS, (scored.label, *numbers, shares), strict=True))


def _rounded_alone(value: float) -> float:
    """As ``rounded``, to the same digits, but faster for a single number."""
    return round(value * 1e6) / 1e6


def rounded(values: np.ndarray) -> list[Any]:
    """Nested lists, rounded to six digits."""
    return np.round(values.astype(np.float64), 6).tolist()
