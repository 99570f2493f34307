"""The two sides of a sentence with "but" or "although", wherever they are in its tree."""

from __future__ import annotations

import numpy as np

from treernn.scoring.wording import NEGATORS, Opinion
from treernn.types import Tree

_MARKERS = frozenset("but yet although though despite while whereas however spite".split())
_MIN_SIDE = 0.6  # expected class of each side
# A larger phrase stands for its strongest word if its expected class is this much of it.
_SHARE = 0.7
# Of longer sentences, and of those with more such words, no reader sees the two sides.
_MOST_WORDS, _MOST_MARKERS = 200, 8


def find_contrasts(tree: Tree, values: np.ndarray) -> dict[int, tuple[int, int]]:
    """The smallest phrase around each contrasting word in which both polarities are.

    Args:
        tree: of a sentence.
        values: ``(nodes,)`` expected classes.

    Returns:
        by node the strongest nodes of both sides, in their order. Phrases with a negation have
        none: what is negated is no side.
    """
    words = [word.lower() for word in tree.words]
    markers = [place for place, word in enumerate(words) if word in _MARKERS]
    if not 0 < len(markers) <= _MOST_MARKERS or len(words) > _MOST_WORDS:
        return {}
    spans = tree.spans()
    found: dict[int, tuple[int, int]] = {}
    for marker in markers:
        for node in range(len(words), tree.num_nodes):  # parts come before their wholes
            start, end = spans[node]
            if start <= marker < end and (sides := _sides(node, marker, spans, values)):
                if NEGATORS.isdisjoint(words[start:end]):
                    found.setdefault(node, sides)
                break
    return found


def _sides(
    node: int, marker: int, spans: list[tuple[int, int]], values: np.ndarray
) -> tuple[int, int] | None:
    start, end = spans[node]
    inner = [
        part
        for part in range(node)
        if start <= spans[part][0] and spans[part][1] <= end and abs(values[part]) >= _MIN_SIDE
    ]
    for share in (_SHARE, 1.0):
        sides = []
        for sign in (-1, 1):
            side = [part for part in inner if sign * values[part] > 0]
            enough = share * max((abs(values[part]) for part in side), default=0.0)
            whole = [part for part in side if abs(values[part]) >= enough]
            sides += whole and [max(whole, key=lambda part: spans[part][1] - spans[part][0])]
        first, second = sorted(sides, key=spans.__getitem__) if len(sides) == 2 else (node, node)
        if spans[first][1] <= spans[second][0] and (
            marker == start or _between(marker, spans[first], spans[second])
        ):
            return first, second
    return None


def _between(place: int, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether a word is between two phrases or begins one of them."""
    return first[1] <= place <= second[0] or place == first[0]


def contrast_text(polarity: int, first: Opinion, second: Opinion) -> str:
    """Which of two sides wins, in words; neither if the polarity is 0."""
    for one, other in ((first, second), (second, first)):
        if one.polarity == polarity:
            return f"{one} outweighs {other}"
    return f"{first} and {second} balance each other"
