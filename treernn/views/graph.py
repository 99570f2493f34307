"""Pictures of the graphs that the engine runs over, unfolded and folded.

With a the states, k the layer and t the step, every structure computes
a(k, t) = act(U(k) a(k, t-1) + W(k) a(k-1, t) + b(k)); a tree has a U for each place of a child.
What is drawn is what compiled plans hold: their nodes, and their edges from child to parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from treernn.errors import InputError
from treernn.models.recurrent import chains
from treernn.structure import Plan, compile_plan, tree
from treernn.types import Tree

MOST_STEPS = 40

# For each cell a dark colour for its U and a light one for its W; the hues after Okabe and Ito
# (2008), whose colours colour-blind readers tell apart too.
_HUES = (
    ("#0b5c94", "#6fb1dc"),
    ("#b8480f", "#f0a060"),
    ("#00755a", "#62c4a6"),
    ("#8c3a78", "#d894c4"),
    ("#6e6000", "#d3c03c"),
    ("#4b4b9b", "#a3a3de"),
    ("#8a1f2d", "#e58f99"),
    ("#3f6212", "#a0c468"),
)
INK, GREY = "#1f2933", "#8a96a3"

# Lengths in units of the picture.
RADIUS = 0.36
_STEP, _LAYER, _LEVEL = 1.5, 1.55, 1.4
_STEP_BOTH, _LAYER_BOTH = 2.5, 2.6
OFF = 0.44  # how far each direction of a layer is from the middle of both
_GAP = 1.0  # between encoder and decoder


class Kind(StrEnum):
    """Which structure."""

    chain = "chain"
    bidirectional = "bidirectional"
    encoder_decoder = "encoder-decoder"
    tree = "tree"


class Shape(StrEnum):
    """What a node is: something seen, a state, or the states of both directions side by side."""

    input = "input"
    state = "state"
    joined = "joined"


class Place(NamedTuple):
    """Where the middle of a node is, and what stands in it, as matplotlib sets mathematics."""

    x: float
    y: float
    label: str


class Node(NamedTuple):
    """What a circle or a box stands for.

    Attributes:
        shape: see there.
        here: in the unfolded graph.
        fold: in the folded graph, where all nodes with this place are one.
        colour: of its line.
        word: what stands below it.
    """

    shape: Shape
    here: Place
    fold: Place
    colour: str = GREY
    word: str = ""


class Weight(NamedTuple):
    """A matrix that edges share: its name, what it sees, and its colour."""

    name: str
    sees: str
    colour: str


class Edge(NamedTuple):
    """From one node to another, both by number, through a weight."""

    start: int
    end: int
    weight: Weight


@dataclass(frozen=True)
class Graph:
    """What is drawn: nodes with their places, and edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def weights(self) -> list[Weight]:
        """Each weight once."""
        return list(dict.fromkeys(edge.weight for edge in self.edges))


def unfolded(
    kind: Kind,
    layers: int = 1,
    steps: int = 4,
    output_steps: int | None = None,
    sentence: Tree | None = None,
) -> Graph:
    """The graph with a node for every step of every layer.

    Args:
        kind: which structure.
        layers: how many lie on top of each other; of a tree one.
        steps: of the input; a tree has its words instead.
        output_steps: of the decoder; as many as of the input.
        sentence: of a tree, of at most two children a node.

    Raises:
        InputError: no step or no layer, more than a picture has room for, or more than the
            structure has.

    >>> graph = unfolded(Kind.chain, layers=2, steps=3)
    >>> len(graph.nodes), len(graph.edges), [weight.name for weight in graph.weights]
    (9, 10, ['W^{(1)}', 'U^{(1)}', 'W^{(2)}', 'U^{(2)}'])
    """
    for name, count in ("steps", steps), ("output steps", output_steps):
        if count is not None and not 1 <= count <= MOST_STEPS:
            raise InputError(f"{count} {name}: a picture has 1 to {MOST_STEPS}")
    if kind is Kind.tree and layers != 1:
        raise InputError(f"a tree has one layer, not {layers}")
    most = len(_HUES) // (1 if kind in (Kind.chain, Kind.tree) else 2)  # by cells in a layer
    if not 1 <= layers <= most:
        raise InputError(f"{layers} layers: the picture of a {kind} graph has 1 to {most}")
    if (sentence is not None) != (kind is Kind.tree):
        raise InputError(f"a tree is drawn of a sentence, a {kind} graph of steps")
    if output_steps is not None and kind is not Kind.encoder_decoder:
        raise InputError(f"output steps are those of a decoder; a {kind} graph has none")
    if sentence is not None:
        return _tree(sentence)
    if kind is Kind.encoder_decoder:
        return _encoder_decoder(layers, steps, output_steps or steps)
    return _bidirectional(layers, steps) if kind is Kind.bidirectional else _chain(layers, steps)


def folded(graph: Graph) -> Graph:
    """The same with what lies at one place of the fold as one node; edges among it are loops.

    >>> graph = folded(unfolded(Kind.chain, layers=2, steps=3))
    >>> [node.here.label for node in graph.nodes]
    ['x_t', 'a^{(1)}_t', 'a^{(2)}_t']
    >>> [(edge.start, edge.end, edge.weight.name) for edge in graph.edges]
    [(0, 1, 'W^{(1)}'), (1, 1, 'U^{(1)}'), (1, 2, 'W^{(2)}'), (2, 2, 'U^{(2)}')]
    """
    number: dict[Place, int] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        if number.setdefault(node.fold, len(nodes)) == len(nodes):
            nodes.append(node._replace(here=node.fold, word=""))
    found = [number[node.fold] for node in graph.nodes]
    edges = dict.fromkeys(Edge(found[e.start], found[e.end], e.weight) for e in graph.edges)
    return Graph(tuple(nodes), tuple(edges))


class _Drawing:
    """A graph that grows by one run of the engine after the other."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(self, nodes: Sequence[Node]) -> list[int]:
        """Their numbers."""
        self.nodes += nodes
        return list(range(len(self.nodes) - len(nodes), len(self.nodes)))

    def run(
        self,
        plan: Plan,
        nodes: Sequence[int],
        inputs: Sequence[tuple[int, int]],
        see: Weight,
        below: Sequence[Weight],
    ) -> None:
        """The edges of a run of a cell over ``plan``, whose own nodes are ``nodes``.

        Args:
            plan: of one structure.
            nodes: the number of each of its nodes.
            inputs: pairs of a node and what it sees.
            see: W.
            below: U of each slot.
        """
        self.edges += [Edge(seen, node, see) for node, seen in inputs]
        children, parents, slots = plan_edges(plan)
        for child, parent, slot in zip(children, parents, slots, strict=True):
            self.edges.append(Edge(nodes[child], nodes[parent], below[slot]))

    def graph(self) -> Graph:
        return Graph(tuple(self.nodes), tuple(self.edges))


def plan_edges(plan: Plan) -> tuple[list[int], list[int], list[int]]:
    """Child, parent and slot of each edge of a plan, nodes as the structures number them."""
    children = plan.order[plan.children]
    parents = plan.order[plan.num_leaves + plan.edge_parents]
    return children.tolist(), parents.tolist(), plan.slots.tolist()


def _inputs(
    drawing: _Drawing, letter: str, xs: Sequence[float], first: int, fold: Place
) -> list[int]:
    places = [Place(x, 0, f"{letter}_{{{t}}}") for t, x in enumerate(xs, first)]
    return drawing.add([Node(Shape.input, place, fold) for place in places])


def _below(layer: int, whose: str = "the") -> str:
    return f"{whose} input" if layer == 1 else f"{whose} layer below"


def _chain(layers: int, steps: int) -> Graph:
    drawing = _Drawing()
    xs = [t * _STEP for t in range(steps)]
    below = _inputs(drawing, "x", xs, 1, Place(0, 0, "x_t"))
    for layer in range(1, layers + 1):
        below = _layer(drawing, layer, xs, below, _HUES[layer - 1], f"({layer})")
    return drawing.graph()


def _layer(
    drawing: _Drawing,
    layer: int,
    xs: Sequence[float],
    below: Sequence[int],
    hue: tuple[str, str],
    mark: str,
    fold: float = 0,
    whose: str = "the",
    start: int | None = None,
) -> list[int]:
    """A layer of a chain in one direction; ``start`` is the node whose state it goes on from."""
    dark, light = hue
    name, y = f"^{{{mark}}}", layer * _LAYER
    place = Place(fold, y, f"a{name}_t")
    states = drawing.add(
        [
            Node(Shape.state, Place(x, y, f"a{name}_{{{t}}}"), place, dark)
            for t, x in enumerate(xs, 1)
        ]
    )
    # A chain that goes on from a state has it for its first node: the engine is given that
    # node's state and computes the others.
    nodes = states if start is None else [start, *states]
    drawing.run(
        chains([len(states)], given=start is not None).directions[0].plan,
        nodes,
        list(zip(states, below, strict=True)),
        Weight(f"W{name}", _below(layer, whose), light),
        [Weight(f"U{name}", f"{whose} state before", dark)],
    )
    return states


def _encoder_decoder(layers: int, steps: int, output_steps: int) -> Graph:
    drawing = _Drawing()
    xs = [t * _STEP for t in range(steps)]
    ys = [(steps + t) * _STEP + _GAP for t in range(output_steps)]
    middle = 2 * _STEP
    read = _inputs(drawing, "x", xs, 1, Place(0, 0, "x_t"))
    said = _inputs(drawing, "y", ys, 0, Place(middle, 0, "y_{t{-}1}"))
    for layer in range(1, layers + 1):
        of_encoder, of_decoder = _HUES[2 * layer - 2 : 2 * layer]
        read = _layer(drawing, layer, xs, read, of_encoder, f"({layer})", 0, "the encoder")
        mark = f"({layer})\\prime"
        said = _layer(
            drawing, layer, ys, said, of_decoder, mark, middle, "the decoder", start=read[-1]
        )
    return drawing.graph()


def _bidirectional(layers: int, steps: int) -> Graph:
    drawing = _Drawing()
    xs = [t * _STEP_BOTH for t in range(steps)]
    below = _inputs(drawing, "x", xs, 1, Place(0, 0, "x_t"))
    for layer in range(1, layers + 1):
        y = layer * _LAYER_BOTH - 0.5
        joined = drawing.add([Node(Shape.joined, Place(x, y, ""), Place(0, y, "")) for x in xs])
        for reverse, direction in enumerate(chains([steps], bidirectional=True).directions):
            dark, light = _HUES[2 * layer - 2 + reverse]
            arrow, off = ("{\\leftarrow}", OFF) if reverse else ("{\\rightarrow}", -OFF)
            name = f"^{{({layer}){arrow}}}"
            states = drawing.add(
                [
                    Node(
                        Shape.state,
                        Place(x + off, y + off, f"a{name}_{{{t}}}"),
                        Place(off, y + off, f"a{name}_t"),
                        dark,
                    )
                    for t, x in enumerate(xs, 1)
                ]
            )
            drawing.run(
                direction.plan,
                states,
                list(zip(states, below, strict=True)),
                Weight(f"W{name}", _below(layer), light),
                [Weight(f"U{name}", f"the state {'after' if reverse else 'before'}", dark)],
            )
        below = joined
    return drawing.graph()


def _tree(sentence: Tree) -> Graph:
    """Words below, each inner node above the middle of its children, as high as its level."""
    plan = compile_plan([tree(sentence)], "arrays")
    if any(slot > 1 for slot in plan.slots.tolist()):
        raise InputError("a node has more than two children: binarise the tree to draw it")
    if len(sentence.words) > MOST_STEPS:
        raise InputError(f"{len(sentence.words)} words: a picture of a tree has 1 to {MOST_STEPS}")
    level = np.searchsorted(plan.bounds, plan.rank.numpy(), side="right")
    widths = [max(_STEP, 0.17 * len(word) + 0.45) for word in sentence.words]
    xs = [sum(widths[:i]) + width / 2 for i, width in enumerate(widths)]
    for below in sentence.children:
        xs.append(sum(xs[child] for child in below) / len(below))
    drawing = _Drawing()
    words = drawing.add(
        [
            Node(Shape.input, Place(x, 0, f"x_{{{i}}}"), Place(0, 0, "x"), word=word)
            for i, (x, word) in enumerate(zip(xs, sentence.words, strict=False), 1)
        ]
    )
    left, right = _HUES[0][0], _HUES[1][0]
    fold = Place(0, _LEVEL, "a")
    states = drawing.add(
        [
            Node(Shape.state, Place(x, float(height) * _LEVEL, f"a_{{{i}}}"), fold, INK)
            for i, (x, height) in enumerate(zip(xs, level, strict=True), 1)
        ]
    )
    drawing.run(
        plan,
        states,
        list(enumerate(words, states[0])),
        Weight("W", "the word", _HUES[2][1]),
        [
            Weight("U_{\\mathrm{left}}", "the left child", left),
            Weight("U_{\\mathrm{right}}", "the right child", right),
        ],
    )
    return drawing.graph()
