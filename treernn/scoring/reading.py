"""What the models read of a sentence.

Brackets and quotes around a sentence are no opinion. A word alone is a sentence, whatever its case,
with or without a full stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from treernn.types import LABELS, Token, Tree

_OPENING, _CLOSING = frozenset("([{") | {"``", "`", "''", "'"}, frozenset(")]}") | {"''", "'", "``"}
_MAX_WRAPPED = 4  # so that the tree of "((((" does not become deep
_NEUTRAL = np.eye(len(LABELS), dtype=np.float32)[LABELS.index("neutral")]


class Reading(NamedTuple):
    """A sentence as the models read it.

    Attributes:
        words: the words to parse and classify.
        start, end: the tokens of the sentence that ``words`` are.
        stop: whether ``words`` has a full stop more than they are.
    """

    words: tuple[str, ...]
    start: int
    end: int
    stop: bool = False


def read(tokens: Sequence[Token]) -> Reading:
    """What the models read of the tokens of a sentence.

    >>> read([Token("(", 0, 1), Token("Terrible", 1, 9), Token(")", 9, 10)]).words
    ('terrible', '.')
    """
    start, end = 0, len(tokens)
    while (
        end - start > 2
        and start < _MAX_WRAPPED
        and tokens[start].text in _OPENING
        and tokens[end - 1].text in _CLOSING
    ):
        start, end = start + 1, end - 1
    words = tuple(token.text for token in tokens[start:end])
    if len(words) == 1 and words[0][:1].isalpha():
        return Reading((words[0].lower(), "."), start, end, stop=True)
    if len(words) == 2 and words[1] == "." and words[0][:1].isalpha():
        return Reading((words[0].lower(), "."), start, end)
    return Reading(words, start, end)


def whole(
    reading: Reading, tokens: Sequence[Token], tree: Tree, distributions: np.ndarray
) -> tuple[Tree, np.ndarray]:
    """The tree of a sentence with all its tokens, and the distributions of its nodes.

    Args:
        reading: what was read of it.
        tokens: those of the sentence.
        tree: the tree of what was read.
        distributions: ``[nodes, 5]`` of that tree.
    """
    words = tuple(token.text for token in tokens)
    if words == reading.words:
        return tree, distributions
    if reading.stop:  # the word alone, with the sentiment of the sentence
        tree, distributions = Tree(tree.words[:1]), distributions[-1:]
    before, after = reading.start, len(tokens) - reading.end
    inner, added = len(tree.words), before + after
    shift = [before + node if node < inner else node + added for node in range(tree.num_nodes)]
    children = [tuple(shift[child] for child in each) for each in tree.children]
    root = shift[-1]
    pairs = [(leaf, None) for leaf in reversed(range(before))]
    pairs += [(None, before + inner + leaf) for leaf in range(after)]
    for left, right in pairs:
        children.append((root, right) if left is None else (left, root))  # type: ignore[arg-type]
        root = len(words) + len(children) - 1
    rows = np.concatenate(
        [
            np.tile(_NEUTRAL, (before, 1)),
            distributions[:inner],
            np.tile(_NEUTRAL, (after, 1)),
            distributions[inner:],
            np.tile(distributions[-1], (added, 1)),
        ]
    )
    return Tree(words, tuple(children)), rows.astype(np.float32)
