"""What scoring a text gives: small immutable values that point back into the text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from treernn.errors import InputError
from treernn.types import LABELS, Token, Tree

if TYPE_CHECKING:
    import nltk

    from treernn.scoring.explain import Explanation

Probabilities = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A node of a parse tree and what was found there.

    Attributes:
        text: the phrase as it stands in the original text.
        start, end: its half-open character range in the original text.
        label: one of ``LABELS``.
        probabilities: of the five classes, very negative to very positive.
    """

    text: str
    start: int
    end: int
    label: str
    probabilities: Probabilities


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sentence:
    """A sentence with its tree.

    Attributes:
        text: the sentence as it stands in the original text.
        start, end: its half-open character range in the original text.
        tokens: its words and their places in the original text.
        tree: the tree over the words, each node labelled with its most probable class.
        distributions: ``(tree.num_nodes, 5)``, read-only; row i belongs to node i of the tree.
    """

    text: str
    start: int
    end: int
    tokens: tuple[Token, ...]
    tree: Tree
    distributions: np.ndarray

    def __repr__(self) -> str:
        return f"Sentence({self.text!r}, label={self.label!r})"

    @property
    def label(self) -> str:
        """The class of the whole sentence, one of ``LABELS``."""
        return LABELS[self.tree.labels[self.tree.root]]

    @property
    def probabilities(self) -> Probabilities:
        """The distribution at the root, very negative to very positive."""
        return probabilities(self.distributions[self.tree.root])

    def phrases(self) -> Iterator[Phrase]:
        """Every node of the tree: the words in order, then what they form, the root last."""
        rows = self.distributions.tolist()
        for (start, end), label, row in zip(self._places(), self.tree.labels, rows, strict=True):
            text = self.text[start - self.start : end - self.start]
            yield Phrase(text, start, end, LABELS[label], tuple(row))

    def _places(self) -> Iterator[tuple[int, int]]:
        """Where each node's phrase stands in the original text."""
        starts = [token.start for token in self.tokens]
        ends = [token.end for token in self.tokens]
        return ((starts[first], ends[last - 1]) for first, last in self.tree.spans())

    def to_nltk(self) -> nltk.Tree:
        """The tree for NLTK, in the manner of the Stanford Sentiment Treebank.

        The label of a node is the number of its class as a string, ``"0"`` to ``"4"``; every word
        has a node of its own.
        """
        from nltk.tree import Tree as NltkTree

        labels = [str(label) for label in self.tree.labels]
        words = self.tree.words
        nodes = [NltkTree(label, [word]) for label, word in zip(labels, words, strict=False)]
        for label, below in zip(labels[len(words) :], self.tree.children, strict=True):
            nodes.append(NltkTree(label, [nodes[child] for child in below]))
        return nodes[-1]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``tree`` is nested: an inner node has ``children``, a leaf the
        ``word`` that the models saw."""
        rows = _rounded(self.distributions)
        nodes: list[dict[str, Any]] = [
            {
                "text": phrase.text,
                "start": phrase.start,
                "end": phrase.end,
                "label": phrase.label,
                "probabilities": row,
            }
            for phrase, row in zip(self.phrases(), rows, strict=True)
        ]
        for node, word in zip(nodes, self.tree.words, strict=False):
            node["word"] = word
        num_words = len(self.tree.words)
        for node, below in zip(nodes[num_words:], self.tree.children, strict=True):
            node["children"] = [nodes[child] for child in below]
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "probabilities": list(rows[self.tree.root]),
            "tree": nodes[-1],
        }

    def to_json(self) -> str:
        """``json.dumps`` of ``to_dict``, for trees of any depth."""
        # The numbers of all nodes in one call: a call for each node takes twice as long.
        rows = json.dumps(_rounded(self.distributions))[2:-2].split("], [")
        dumps, text, first, labels = json.dumps, self.text, self.start, self.tree.labels
        heads = [
            f'{{"text": {dumps(text[start - first : end - first])}, "start": {start}, '
            f'"end": {end}, "label": "{LABELS[label]}", "probabilities": [{row}]'
            for (start, end), label, row in zip(self._places(), labels, rows, strict=True)
        ]
        words, children, root = self.tree.words, self.tree.children, self.tree.root
        num_words = len(words)
        pieces = [
            f'{{"text": {dumps(text)}, "start": {first}, "end": {self.end}, '
            f'"label": "{self.label}", "probabilities": [{rows[root]}], "tree": '
        ]
        pending: list[int | str] = ["}", root]
        while pending:
            item = pending.pop()
            if isinstance(item, str):
                pieces.append(item)
            elif item < num_words:
                pieces.append(f'{heads[item]}, "word": {dumps(words[item])}}}')
            else:
                pieces.append(f'{heads[item]}, "children": [')
                pending.append("]}")
                for child in reversed(children[item - num_words]):
                    pending += child, ", "
                pending.pop()
        return "".join(pieces)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """What was found in one text.

    Attributes:
        text: the text; characters that are no text (lone surrogates) are replaced by U+FFFD.
        sentences: its sentences; none where nothing could be scored.
        probabilities: of the five classes for the whole text, very negative to very positive;
            None where nothing could be scored.
        problems: what could not be scored, or not well, one line each.
    """

    text: str
    sentences: tuple[Sentence, ...]
    probabilities: Probabilities | None
    problems: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Result(label={self.label!r}, sentences={self.sentences!r})"

    @property
    def scored(self) -> bool:
        """Whether there was anything to score."""
        return self.probabilities is not None

    @property
    def label(self) -> str | None:
        """The most probable class of the whole text; None where nothing could be scored."""
        return None if self.probabilities is None else LABELS[int(np.argmax(self.probabilities))]

    def phrases(self) -> Iterator[Phrase]:
        """Every phrase of every sentence.

        >>> import treernn
        >>> result = treernn.load()("It isn't good.")
        >>> [(phrase.text, phrase.label) for phrase in result.phrases() if " " in phrase.text]
        [("isn't good", 'negative'), ("isn't good.", 'negative'), ("It isn't good.", 'negative')]
        """
        for sentence in self.sentences:
            yield from sentence.phrases()

    def explain(self, limit: int = 3) -> tuple[Explanation, ...]:
        """What turned the verdict: see ``treernn.scoring.explain.explain``.

        Args:
            limit: how many phrases to name at most, and of several sentences how many of these.
        """
        from treernn.scoring.explain import explain

        return explain(self, limit)

    def to_nltk(self) -> nltk.Tree:
        """The tree of the sentence; over several sentences a root with the class of the text.

        Raises:
            InputError: nothing was scored, there is no tree.
        """
        from nltk.tree import Tree as NltkTree

        if self.label is None:
            raise InputError(f"there is no tree: {'; '.join(self.problems)}")
        trees = [sentence.to_nltk() for sentence in self.sentences]
        return trees[0] if len(trees) == 1 else NltkTree(str(LABELS.index(self.label)), trees)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**self._head(), "sentences": [sentence.to_dict() for sentence in self.sentences]}

    def to_json(self) -> str:
        """``to_dict`` as one line of JSON, for trees of any depth."""
        sentences = ", ".join(sentence.to_json() for sentence in self.sentences)
        return f'{json.dumps(self._head())[:-1]}, "sentences": [{sentences}]}}'

    def _head(self) -> dict[str, Any]:
        probabilities = (
            None if self.probabilities is None else _rounded(np.array(self.probabilities))
        )
        return {
            "text": self.text,
            "label": self.label,
            "probabilities": probabilities,
            "problems": list(self.problems),
        }


def probabilities(row: np.ndarray) -> Probabilities:
    """Five floats of an array ``(5,)``."""
    return tuple(row.tolist())


def _rounded(values: np.ndarray) -> list[Any]:
    """Six digits, in plain lists."""
    return np.round(values.astype(np.float64), 6).tolist()
