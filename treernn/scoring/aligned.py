"""Targets of parts of a text on the nodes of its parse trees.

The trees are those that a scorer makes of the text, so that what is learnt at a node is asked for
at the same node later. Labels of parts that are no phrase of the tree are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from treernn.corpora.targets import SpanTarget, TargetText
from treernn.parsing.parser import Parser
from treernn.scoring.reading import Reading, read
from treernn.text.tokenizer import tokenize
from treernn.types import LABELS, Token, Tree


class AlignedTree(NamedTuple):
    """A sentence, or a text of several sentences, with targets on its nodes.

    Attributes:
        tree: as parsed, without labels.
        targets: ``[nodes, 5]`` float32; zeros where a node has no target.
        text: index of the text.
    """

    tree: Tree
    targets: np.ndarray
    text: int


class Alignment(NamedTuple):
    """The trees of some texts.

    Attributes:
        trees: a tree for each sentence that has a target, in order; where a whole text of several
            sentences has one, a tree of them all.
        aligned: how many targets of parts are on a node.
        parts: how many there are.
    """

    trees: list[AlignedTree]
    aligned: int
    parts: int


def align(texts: Sequence[TargetText], parser: Parser) -> Alignment:
    """Parse texts and put their targets on the nodes of the trees; texts without words have none.

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
    sentences = [
        (number, tokens, reading)
        for number, text in enumerate(texts)
        for tokens in tokenize(text.text)
        if (reading := read(tokens)).tokens  # not of links alone
    ]
    trees = parser.parse([reading.words for *_, reading in sentences])
    aligned = 0
    kept: list[AlignedTree] = []
    for number, group in groupby(zip(sentences, trees, strict=True), lambda each: each[0][0]):
        text, of_text = texts[number], [*group]
        parts = [_targets(text, tree, tokens, seen) for (_, tokens, seen), tree in of_text]
        aligned += len(set().union(*(found for _, found in parts)))
        found_trees = [tree for _, tree in of_text]
        rows = [targets for targets, _ in parts]
        if any(text.target):
            aligned += 1
            whole = joined(found_trees, rows)
            words = whole.tree.words
            nodes = _nodes_by_core(whole.tree).get(_core(words, 0, len(words)), ())
            free = [node for node in nodes if not whole.targets[node].any()]
            whole.targets[[whole.tree.root, *free]] = text.target
            kept.append(whole._replace(text=number))
        else:
            kept += [
                AlignedTree(tree, targets, number)
                for tree, targets in zip(found_trees, rows, strict=True)
                if targets.any()
            ]
    labelled = sum(any(part.target) for text in texts for part in text.targets)
    return Alignment(kept, aligned, labelled)


def joined(trees: Sequence[Tree], targets: Sequence[np.ndarray]) -> AlignedTree:
    """The trees of the sentences of a text as one tree, in which the first two are merged, then
    these and the third, and so on.

    Args:
        trees: at least one.
        targets: for each ``[nodes, 5]``.
    """
    words = tuple(word for tree in trees for word in tree.words)
    starts = np.cumsum([0, *(len(tree.words) for tree in trees)])
    inner = len(words)  # the number of the next inner node
    children: list[tuple[int, ...]] = []
    leaf_rows, inner_rows, roots = [], [], []
    for tree, rows, start in zip(trees, targets, starts.tolist(), strict=False):
        n = len(tree.words)
        shift = inner - n
        children += [
            tuple(child + (start if child < n else shift) for child in each)
            for each in tree.children
        ]
        inner += len(tree.children)
        leaf_rows.append(rows[:n])
        inner_rows.append(rows[n:])
        roots.append(inner - 1 if tree.children else start)
        if len(roots) == 2:
            children.append(tuple(roots))
            inner_rows.append(np.zeros((1, len(LABELS)), np.float32))
            roots = [inner]
            inner += 1
    return AlignedTree(Tree(words, tuple(children)), np.concatenate(leaf_rows + inner_rows), 0)


def _targets(
    text: TargetText, tree: Tree, tokens: Sequence[Token], reading: Reading
) -> tuple[np.ndarray, set[int]]:
    """The targets of parts of a text on the nodes of a sentence, and which parts are there."""
    targets = np.zeros((tree.num_nodes, len(LABELS)), np.float32)
    nodes = _nodes_by_core(tree)
    places = {token: place for place, token in enumerate(reading.tokens)}
    found = set()
    for part, each in enumerate(text.targets):
        if (each.start, each.end) == (0, len(text.text)):
            continue
        inside = _words_of(each, tokens, places)
        here = nodes.get(_core(tree.words, *inside)) if inside else None
        if here:
            targets[here] = each.target
            found.add(part)
    return targets, found


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
