"""Where targets are in parse trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from treernn.types import Tree


class Place(NamedTuple):
    """Where a target is in a parse tree.

    Attributes:
        node: the smallest phrase that holds it; of several equal ones the innermost.
        start, end: its words, a half-open range.
    """

    node: int
    start: int
    end: int


def target_places(tree: Tree, spans: Sequence[tuple[int, int]]) -> list[Place]:
    """The places of targets.

    Args:
        tree: a parse tree.
        spans: half-open ranges of words, not empty.

    >>> tree = Tree(("not", "so", "bad"), ((1, 2), (0, 3)))
    >>> [place.node for place in target_places(tree, [(2, 3), (1, 3), (0, 2)])]
    [2, 3, 4]
    """
    ends = tree.spans()
    parents = {
        child: node
        for node, children in enumerate(tree.children, len(tree.words))
        for child in children
    }
    places = []
    for start, end in spans:
        node = start
        while ends[node][1] < end or ends[node][0] > start:
            node = parents[node]
        places.append(Place(node, start, end))
    return places
