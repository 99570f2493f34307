"""Targets of parts of a text on the nodes of its parse trees.

The trees are those that a scorer makes of the text, so that what is learnt at a node is asked for
at the same node later. Labels of parts that are no phrase of the tree are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from treernn.corpora.targets import SpanTarget, TargetText
from treernn.parsing.parser import Parser
from treernn.scoring.reading import Reading, read
from treernn.text.tokenizer import tokenize
from treernn.types import LABELS, Token, Tree


class AlignedTree(NamedTuple):
    """A sentence of a text with targets on its nodes.

    Attributes:
        tree: as parsed, without labels.
        targets: ``[nodes, 5]`` float32; zeros where a node has no target.
        text: index of the text that the sentence is of.
    """

    tree: Tree
    targets: np.ndarray
    text: int


class Alignment(NamedTuple):
    """The trees of some texts.

    Attributes:
        trees: a tree for each sentence that has a target, in order.
        aligned: how many targets of parts are on a node.
        parts: how many there are.
    """

    trees: list[AlignedTree]
    aligned: int
    parts: int


def align(texts: Sequence[TargetText], parser: Parser) -> Alignment:
    """Parse texts and put their targets on the nodes of the trees.

    A part belongs to the nodes whose words are those of the part, but for punctuation at either
    end. The target of a whole text belongs to the root, if the text is one sentence.

    Args:
        texts: with targets by character range.
        parser: of the sentences.

    >>> from treernn.corpora.targets import SpanTarget, target_of_class
    >>> from treernn.parsing import load_parser
    >>> text = TargetText("It isn't bad.", (SpanTarget(9, 12, target_of_class(1)),))
    >>> [tree] = align([text], load_parser("right")).trees
    >>> tree.tree.words, tree.targets.argmax(1).tolist()
    (('It', 'is', "n't", 'bad', '.'), [0, 0, 0, 1, 0, 1, 0, 0, 0])
    """
    sentences: list[tuple[int, bool, tuple[Token, ...], Reading]] = []
    for number, text in enumerate(texts):
        divided = tokenize(text.text)
        sentences += [(number, len(divided) == 1, tokens, read(tokens)) for tokens in divided]
    trees = parser.parse([reading.words for *_, reading in sentences])
    aligned: set[tuple[int, int]] = set()
    kept = []
    for (number, alone, tokens, reading), tree in zip(sentences, trees, strict=True):
        targets = np.zeros((tree.num_nodes, len(LABELS)), np.float32)
        nodes = _nodes_by_core(tree)
        places = {token: place for place, token in enumerate(reading.tokens)}
        for part, each in enumerate(texts[number].targets):
            if alone and (each.start, each.end) == (0, len(texts[number].text)):
                found = [tree.root, *nodes.get(_core(tree.words, 0, len(tree.words)), ())]
            else:
                inside = _words_of(each, tokens, places)
                found = nodes.get(_core(tree.words, *inside), []) if inside else []
            if found:
                targets[found] = each.target
                aligned.add((number, part))
        if targets.any():
            kept.append(AlignedTree(tree, targets, number))
    return Alignment(kept, len(aligned), sum(len(text.targets) for text in texts))


def _words_of(
    part: SpanTarget, tokens: Sequence[Token], places: Mapping[int, int]
) -> tuple[int, int] | None:
    """The words that a part of a text is, as a half-open range; None if it is not whole words of
    this sentence."""
    inside = [
        i for i, token in enumerate(tokens) if token.start < part.end and part.start < token.end
    ]
    if not inside or part.start < tokens[0].start or part.end > tokens[-1].end:
        return None
    if tokens[inside[0]].start < part.start or tokens[inside[-1]].end > part.end:
        return None
    words = [places[i] for i in inside if i in places]
    return (words[0], words[-1] + 1) if words else None


def _nodes_by_core(tree: Tree) -> dict[tuple[int, int], list[int]]:
    """The nodes by their words without punctuation at either end."""
    found: dict[tuple[int, int], list[int]] = {}
    for node, (start, end) in enumerate(tree.spans()):
        found.setdefault(_core(tree.words, start, end), []).append(node)
    return found


def _core(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    first, last = start, end
    while first < last and not _spoken(words[first]):
        first += 1
    while last > first and not _spoken(words[last - 1]):
        last -= 1
    return (first, last) if first < last else (start, end)


def _spoken(word: str) -> bool:
    return any(map(str.isalnum, word))
