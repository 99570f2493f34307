"""Graphs of recurrent and recursive nets, with positions for drawing, unfolded and folded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

# For each cell a dark color for U and a light one for W; hues after Okabe and Ito (2008), which
# color-blind readers can distinguish.
CELL_COLORS = (
    ("#0b5c94", "#6fb1dc"),
    ("#b8480f", "#f0a060"),
    ("#00755a", "#62c4a6"),
    ("#8c3a78", "#d894c4"),
    ("#6e6000", "#d3c03c"),
    ("#4b4b9b", "#a3a3de"),
    ("#8a1f2d", "#e58f99"),
    ("#3f6212", "#a0c468"),
)
RADIUS = 0.36  # of a state's circle
DIRECTION_OFFSET = 0.44  # of the states of the two directions from the center of their box


class NodeKind(StrEnum):
    """What a node stands for."""

    input = "input"
    state = "state"
    concatenation = "concatenation"  # of the states of both directions


class Position(NamedTuple):
    """Center of a node and its label in matplotlib's math syntax."""

    x: float
    y: float
    label: str


class Node(NamedTuple):
    """A node of a drawing.

    Attributes:
        kind: what it stands for.
        position: in this graph.
        folded: in the folded graph, where nodes with the same position become one.
        color: of its outline.
        word: text under it.
    """

    kind: NodeKind
    position: Position
    folded: Position
    color: str = ""
    word: str = ""


class Weight(NamedTuple):
    """A matrix shared by edges: its name in math syntax, what it is applied to, its color."""

    name: str
    applied_to: str
    color: str


class Edge(NamedTuple):
    """An edge between two nodes, given by their indices."""

    start: int
    end: int
    weight: Weight


@dataclass(frozen=True)
class Graph:
    """Nodes and edges to draw."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def weights(self) -> list[Weight]:
        """The different weights, in the order of their first edge."""
        return list(dict.fromkeys(edge.weight for edge in self.edges))

    def fold(self) -> Graph:
        """Merge the nodes that have the same folded position; edges within them become loops.

        >>> from treernn.views.graph_layout import chain_graph
        >>> graph = chain_graph(layers=2, steps=3).fold()
        >>> [node.position.label for node in graph.nodes]
        ['x_t', 'h^{(1)}_t', 'h^{(2)}_t']
        >>> [(edge.start, edge.end, edge.weight.name) for edge in graph.edges]
        [(0, 1, 'W^{(1)}'), (1, 1, 'U^{(1)}'), (1, 2, 'W^{(2)}'), (2, 2, 'U^{(2)}')]
        """
        nodes: dict[Position, Node] = {}
        for node in self.nodes:
            nodes.setdefault(node.folded, node._replace(position=node.folded, word=""))
        index = {position: i for i, position in enumerate(nodes)}
        ends = [index[node.folded] for node in self.nodes]
        edges = dict.fromkeys(Edge(ends[e.start], ends[e.end], e.weight) for e in self.edges)
        return Graph(tuple(nodes.values()), tuple(edges))
