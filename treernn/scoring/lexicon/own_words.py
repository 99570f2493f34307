"""Sentences in which a lexicon's words and phrases are read as words that the model knows.

The parser sees a word as it is written, so that the tree is the same as without the lexicon; the
classifier sees its stand-in. A phrase is one word to both. The result has the words of the text,
and at the word or phrase what the lexicon says; the words within a phrase are neutral.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from treernn.forks import Computing
from treernn.scoring.lexicon.entries import Lexicon, distribution
from treernn.scoring.lexicon.forms import is_seen
from treernn.scoring.lexicon.matching import Matcher
from treernn.scoring.lexicon.stand_ins import stand_ins
from treernn.scoring.reading import Document, Reading, Scored, read, whole
from treernn.types import LABELS, Token, Tree

if TYPE_CHECKING:
    from treernn.parsing import Parser

_NEUTRAL = np.eye(len(LABELS), dtype=np.float32)[LABELS.index("neutral")]


class Folded(NamedTuple):
    """A sentence in which each entry is one token.

    Attributes:
        tokens: of which those of entries have the stand-in as text.
        parts: for each of these the tokens of the text.
        scores: of entries, by token.
    """

    tokens: tuple[Token, ...]
    parts: Sequence[tuple[Token, ...]]
    scores: Mapping[int, float]


class OwnWords:
    """A lexicon for one model.

    Args:
        lexicon: whose entries without a domain hold.
        classifier: reads the stand-ins.
    """

    def __init__(self, lexicon: Lexicon, classifier: Any) -> None:
        self.lexicon, self.classifier = lexicon, classifier
        held = lexicon.in_domain(None)
        self._matcher = Matcher(held)
        self._stand_ins = stand_ins(classifier, {entry.score for entry in held.entries})

    def scored(self, parser: Parser, documents: Iterable[Document]) -> Iterator[Scored]:
        """Each sentence with its tree and the distributions of its nodes.

        Args:
            parser: of the sentences.
            documents: the texts.
        """
        sentences = [
            self.fold(each.text, tokens) for each in documents for tokens in each.sentences
        ]
        readings = [read(sentence.tokens) for sentence in sentences]
        read_so = [*zip(sentences, readings, strict=True)]
        with Computing():
            parsed = parser.parse([parsed_words(*each) for each in read_so])
            trees = [
                Tree(reading.words, tree.children)
                for tree, reading in zip(parsed, readings, strict=True)
            ]
            distributions = self.classifier.distributions(trees)
        for (sentence, reading), tree, rows in zip(read_so, trees, distributions, strict=True):
            rows = with_scores(sentence, reading, rows)
            yield unfold(sentence, *whole(reading, sentence.tokens, tree, rows))

    def folded(
        self, text: str, tokens: Sequence[Token], tree: Tree
    ) -> tuple[tuple[Token, ...], Tree]:
        """The tokens and the tree of a scored sentence as they were before ``unfold``."""
        sentence = self.fold(text, tokens)
        starts = np.cumsum([0, *map(len, sentence.parts)]).tolist()
        new = {(first, end): leaf for leaf, (first, end) in enumerate(pairwise(starts))}
        nodes: list[int | None] = [new.get(span) for span in tree.spans()]
        children: list[tuple[int, ...]] = []
        for node, parts in enumerate(tree.children, len(tree.words)):
            kept = tuple(each for part in parts if (each := nodes[part]) is not None)
            if nodes[node] is None and kept:
                children.append(kept)
                nodes[node] = len(sentence.tokens) + len(children) - 1
        words = tuple(token.text for token in sentence.tokens)
        return sentence.tokens, Tree(words, tuple(children))

    def has_entry(self, text: str, sentences: Iterable[Sequence[Token]]) -> bool:
        """Whether a text has an entry, in any of its sentences."""
        return any(any(self._matcher.matches(text, tokens)) for tokens in sentences)

    def fold(self, text: str, tokens: Sequence[Token]) -> Folded:
        """A sentence of a text, with each entry in it as one token."""
        folded: list[Token] = []
        parts: list[tuple[Token, ...]] = []
        scores: dict[int, float] = {}
        reached = 0
        for match in self._matcher.matches(text, tokens):
            folded += tokens[reached : match.start]
            parts += [(token,) for token in tokens[reached : match.start]]
            inside = tuple(tokens[match.start : match.end])
            scores[len(folded)] = match.score
            word = self._stand_ins[match.score]
            folded.append(Token(word, inside[0].start, inside[-1].end))
            parts.append(inside if len(inside) > 1 else (self._as_written(text, inside[0]),))
            reached = match.end
        folded += tokens[reached:]
        parts += [(token,) for token in tokens[reached:]]
        return Folded(tuple(folded), parts, scores)

    def _as_written(self, text: str, token: Token) -> Token:
        """The token of an entry that is a word, without a correction of its spelling."""
        source = text[token.start : token.end]
        if source != token.text and source.isalnum() and self._matcher.has(source):
            return Token(source, token.start, token.end)
        return token


def parsed_words(folded: Folded, reading: Reading) -> tuple[str, ...]:
    """The words that the parser sees: those of the text, but for phrases and links."""
    words = list(reading.words)
    for word, token in enumerate(reading.tokens):
        parts = folded.parts[token]
        if token in folded.scores and len(parts) == 1 and is_seen(parts):
            words[word] = parts[0].text.lower() if is_alone(reading) else parts[0].text
    return tuple(words)


def is_alone(reading: Reading) -> bool:
    """Whether a sentence was read as one word with a full stop."""
    return len(reading.words) == 2 and reading.words[1] == "."


def with_scores(folded: Folded, reading: Reading, rows: np.ndarray) -> np.ndarray:
    """The distributions of what was read, with those of the entries.

    Args:
        folded: the sentence.
        reading: of its tokens.
        rows: ``[nodes, 5]``.
    """
    if not folded.scores:
        return rows
    rows = rows.copy()
    for word, token in enumerate(reading.tokens):
        if token in folded.scores:
            rows[word] = distribution(folded.scores[token])
            if is_alone(reading):  # a full stop changes nothing
                rows[-1] = rows[word]
    return rows


def unfold(
    folded: Folded, tree: Tree, rows: np.ndarray
) -> tuple[tuple[Token, ...], Tree, np.ndarray]:
    """A sentence with the words of the text.

    Args:
        folded: the sentence.
        tree: over its tokens.
        rows: ``[nodes, 5]`` of the tree.

    Returns:
        Tokens, tree and distributions; the last is ``[nodes, 5]``.
    """
    tokens = tuple(token for inside in folded.parts for token in inside)
    words = tuple(token.text for token in tokens)
    if len(tokens) == len(folded.tokens):
        return tokens, Tree(words, tree.children), rows
    children: list[tuple[int, ...]] = []
    leaf_rows, inner_rows, nodes = [], [], []
    start = 0
    for inside, row in zip(folded.parts, rows, strict=False):
        end = start + len(inside)
        leaf_rows += [row] if len(inside) == 1 else [_NEUTRAL] * len(inside)
        node = end - 1
        for word in range(end - 2, start - 1, -1):  # "off" with "the hook"
            children.append((word, node))
            inner_rows.append(_NEUTRAL if word > start else row)
            node = len(words) + len(children) - 1
        nodes.append(node)
        start = end
    for merged, row in zip(tree.children, rows[len(folded.parts) :], strict=True):
        children.append(tuple(nodes[child] for child in merged))
        inner_rows.append(row)
        nodes.append(len(words) + len(children) - 1)
    return tokens, Tree(words, tuple(children)), np.array(leaf_rows + inner_rows, np.float32)
