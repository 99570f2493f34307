"""Labelled targets of texts on the nodes of their parse trees, to train and to evaluate on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from treernn.corpora.targets import SpanTarget, TargetText
from treernn.errors import InputError
from treernn.models.target_places import Place
from treernn.parsing.parser import Parser
from treernn.scoring.reading import Reading, read
from treernn.scoring.targets import locate
from treernn.text.tokenizer import tokenize
from treernn.types import Token, Tree


class TargetTree(NamedTuple):
    """A sentence with targets.

    Attributes:
        tree: of what the models read of it, without labels.
        places: where each target is in it.
        targets: ``[targets, 5]`` float32, see ``treernn.corpora.targets``.
    """

    tree: Tree
    places: tuple[Place, ...]
    targets: np.ndarray


def target_trees(texts: Iterable[TargetText], parser: Parser) -> tuple[list[TargetTree], int]:
    """Parse texts and find the phrases of their targets.

    Args:
        texts: labels of whole texts are not used.
        parser: of the sentences.

    Returns:
        A tree for each sentence with a target, in order; and the number of targets that are in no
        sentence, because they cross two or hold no word.

    >>> from treernn.corpora.targets import SpanTarget, target_of_class
    >>> from treernn.parsing import load_parser
    >>> text = TargetText("Good food, bad wine.", (SpanTarget(15, 19, target_of_class(1)),))
    >>> [tree], left_out = target_trees([text], load_parser("right"))
    >>> [tree.tree.words[place.node] for place in tree.places], tree.targets.argmax(1), left_out
    (['wine'], array([1]), 0)
    """
    found: list[tuple[tuple[Token, ...], Reading, list[SpanTarget]]] = []
    left_out = 0
    for text in texts:
        rest = [each for each in text.targets if (each.start, each.end) != (0, len(text.text))]
        rest = [each for each in rest if any(each.target)]
        for tokens in tokenize(text.text):
            here = [each for each in rest if _inside(each, tokens)]
            rest = [each for each in rest if each not in here]
            if here:
                found.append((tokens, read(tokens), here))
        left_out += len(rest)
    trees = parser.parse([reading.words for _, reading, _ in found])
    rows = []
    for tree, (tokens, reading, here) in zip(trees, found, strict=True):
        located = locate(tree, tokens, reading, [(each.start, each.end) for each in here])
        targets = np.array([each.target for each in here], np.float32)
        rows.append(TargetTree(tree, tuple(each.place for each in located), targets))
    return rows, left_out


def _inside(target: SpanTarget, tokens: Sequence[Token]) -> bool:
    """Whether a target is in a sentence and has one of its tokens."""
    within = tokens[0].start <= target.start and target.end <= tokens[-1].end
    return within and any(token.start < target.end and target.start < token.end for token in tokens)


def check_targets(trees: Sequence[TargetTree], name: str) -> None:
    """Raise ``InputError`` if there is no target."""
    if not any(tree.places for tree in trees):
        raise InputError(f"{name}: no labelled target in a sentence")
