"""Unfolded graphs of recurrent and recursive nets, laid out for drawing.

With states h, layer k and step t, a recurrent net computes
``h(k, t) = act(U(k) h(k, t-1) + W(k) h(k-1, t) + b(k))``; a tree has one U per child slot. The
edges through U are read from the compiled plans that the engine runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from treernn.errors import InputError
from treernn.structure import Plan, compile_chains, compile_plan
from treernn.structure import tree as tree_structure
from treernn.types import Tree
from treernn.views.figures import INK
from treernn.views.graph import (
    CELL_COLORS,
    DIRECTION_OFFSET,
    Edge,
    Graph,
    Node,
    NodeKind,
    Position,
    Weight,
)

MAX_STEPS = 40

# Distances between the centers of nodes.
_STEP, _LAYER, _LEVEL = 1.5, 1.55, 1.4
_BIDIRECTIONAL_STEP, _BIDIRECTIONAL_LAYER = 2.5, 2.6
_DECODER_GAP = 1.0


def chain_graph(layers: int, steps: int) -> Graph:
    """A chain for each layer.

    Raises:
        InputError: a number is out of range.

    >>> graph = chain_graph(layers=2, steps=3)
    >>> len(graph.nodes), len(graph.edges), [weight.name for weight in graph.weights]
    (9, 10, ['W^{(1)}', 'U^{(1)}', 'W^{(2)}', 'U^{(2)}'])
    """
    _check_range("layers", layers, len(CELL_COLORS))
    _check_range("steps", steps, MAX_STEPS)
    drawing = _Drawing()
    xs = [step * _STEP for step in range(steps)]
    below = drawing.inputs("x", xs, 1, Position(0, 0, "x_t"))
    plan = compile_chains([steps])
    for layer, colors in zip(range(1, layers + 1), CELL_COLORS, strict=False):
        mark = _superscript(layer, layers)
        below = drawing.layer(plan, mark, xs, layer * _LAYER, 0, colors, below)
    return drawing.graph()


def bidirectional_graph(layers: int, steps: int) -> Graph:
    """Two chains for each layer, in opposite directions; errors as for ``chain_graph``."""
    _check_range("layers", layers, len(CELL_COLORS) // 2)
    _check_range("steps", steps, MAX_STEPS)
    drawing = _Drawing()
    xs = [step * _BIDIRECTIONAL_STEP for step in range(steps)]
    below = drawing.inputs("x", xs, 1, Position(0, 0, "x_t"))
    for layer in range(1, layers + 1):
        y = layer * _BIDIRECTIONAL_LAYER - 0.5
        boxes = drawing.add(
            Node(NodeKind.concatenation, Position(x, y, ""), Position(0, y, "")) for x in xs
        )
        for reverse, arrow, offset, previous in (
            (False, "rightarrow", -DIRECTION_OFFSET, "previous"),
            (True, "leftarrow", DIRECTION_OFFSET, "next"),
        ):
            plan, colors = compile_chains([steps], reverse), CELL_COLORS[2 * layer - 2 + reverse]
            mark, shifted = _superscript(layer, layers, rf"{{\{arrow}}}"), [x + offset for x in xs]
            drawing.layer(plan, mark, shifted, y + offset, offset, colors, below, previous=previous)
        below = boxes
    return drawing.graph()


def encoder_decoder_graph(
    layers: int = 1, steps: int = 4, output_steps: int | None = None
) -> Graph:
    """Chains for ``steps`` inputs, and chains for ``output_steps`` (default: as many) that start
    from their last states; errors as for ``chain_graph``."""
    output_steps = steps if output_steps is None else output_steps
    _check_range("layers", layers, len(CELL_COLORS) // 2)
    _check_range("steps", steps, MAX_STEPS)
    _check_range("output steps", output_steps, MAX_STEPS)
    drawing = _Drawing()
    xs = [step * _STEP for step in range(steps)]
    ys = [(steps + step) * _STEP + _DECODER_GAP for step in range(output_steps)]
    decoder_x = 2 * _STEP  # folded
    encoder = drawing.inputs("x", xs, 1, Position(0, 0, "x_t"))
    decoder = drawing.inputs("y", ys, 0, Position(decoder_x, 0, "y_{t{-}1}"))
    plan, decoder_plan = compile_chains([steps]), compile_chains([1 + output_steps])
    for layer in range(1, layers + 1):
        mark, prime = (_superscript(layer, layers, sign) for sign in ("", r"\prime"))
        y = layer * _LAYER
        colors, decoder_colors = CELL_COLORS[2 * layer - 2 : 2 * layer]
        encoder = drawing.layer(plan, mark, xs, y, 0, colors, encoder, "encoder ")
        decoder = drawing.layer(
            *(decoder_plan, prime, ys, y, decoder_x, decoder_colors, decoder),
            owner="decoder ",
            initial=encoder[-1:],
        )
    return drawing.graph()


def tree_graph(tree: Tree) -> Graph:
    """A binary tree: words in a row, inner nodes centered over their children at the height of
    their level.

    Raises:
        InputError: a node has more than two children, or there are too many words.
    """
    _check_range("words", len(tree.words), MAX_STEPS)
    if max(map(len, tree.children), default=0) > 2:
        raise InputError("a node has more than two children: binarize the tree to draw it")
    plan = compile_plan([tree_structure(tree)], library="arrays")
    levels = np.searchsorted(plan.bounds, plan.rank.numpy(), side="right").tolist()
    widths = np.array([max(_STEP, 0.17 * len(word) + 0.45) for word in tree.words])
    xs = (widths.cumsum() - widths / 2).tolist()
    for children in tree.children:
        xs.append(sum(xs[child] for child in children) / len(children))
    drawing = _Drawing()
    words = drawing.add(
        Node(NodeKind.input, Position(x, 0, f"x_{{{i}}}"), Position(0, 0, "x"), word=word)
        for i, (x, word) in enumerate(zip(xs, tree.words, strict=False), 1)
    )
    folded = Position(0, _LEVEL, "h")
    states = drawing.add(
        Node(NodeKind.state, Position(x, level * _LEVEL, f"h_{{{i}}}"), folded, INK)
        for i, (x, level) in enumerate(zip(xs, levels, strict=True), 1)
    )
    u = [
        Weight("U_l", "left child", CELL_COLORS[0][0]),
        Weight("U_r", "right child", CELL_COLORS[1][0]),
    ]
    w = Weight("W", "word", CELL_COLORS[2][1])
    drawing.connect(plan, states, zip(words, states, strict=False), w, u)
    return drawing.graph()


def _check_range(name: str, value: int, maximum: int) -> None:
    if not 1 <= value <= maximum:
        raise InputError(f"{value} {name}, expected 1 to {maximum}")


def _superscript(layer: int, layers: int, sign: str = "") -> str:
    """Of states and weights: the number of their layer, if there are several, and a sign."""
    inside = f"({layer})" * (layers > 1) + sign
    return f"^{{{inside}}}" if inside else ""


class _Drawing:
    """The nodes and edges so far; nodes are referred to by index."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def graph(self) -> Graph:
        """The finished graph."""
        return Graph(tuple(self.nodes), tuple(self.edges))

    def add(self, nodes: Iterable[Node]) -> list[int]:
        """Add nodes."""
        start = len(self.nodes)
        self.nodes += nodes
        return list(range(start, len(self.nodes)))

    def inputs(self, letter: str, xs: Sequence[float], first: int, folded: Position) -> list[int]:
        """Add inputs, numbered from ``first``."""
        positions = (Position(x, 0, f"{letter}_{{{t}}}") for t, x in enumerate(xs, first))
        return self.add(Node(NodeKind.input, position, folded) for position in positions)

    def layer(
        self,
        plan: Plan,
        mark: str,
        xs: Sequence[float],
        y: float,
        folded_x: float,
        colors: tuple[str, str],
        below: Sequence[int],
        owner: str = "",
        previous: str = "previous",
        initial: Sequence[int] = (),
    ) -> list[int]:
        """Add the states of one chain and its edges.

        Args:
            plan: of the chain.
            mark: superscript of its states and weights.
            xs: of each step.
            y: of all steps.
            folded_x: in the folded graph.
            colors: of U and W.
            below: the input of each step.
            owner: name of the chain in the legend.
            previous: name of the previous step in the legend.
            initial: the node of the initial state, if there is one.
        """
        u_color, w_color = colors
        folded = Position(folded_x, y, f"h{mark}_t")
        positions = (Position(x, y, f"h{mark}_{{{t}}}") for t, x in enumerate(xs, 1))
        states = self.add(Node(NodeKind.state, at, folded, u_color) for at in positions)
        source = "input" if self.nodes[below[0]].kind is NodeKind.input else "layer below"
        w = Weight(f"W{mark}", f"{owner}{source}", w_color)
        u = Weight(f"U{mark}", f"{previous} {owner}state", u_color)
        self.connect(plan, [*initial, *states], zip(below, states, strict=True), w, [u])
        return states

    def connect(
        self,
        plan: Plan,
        nodes: Sequence[int],
        inputs: Iterable[tuple[int, int]],
        w: Weight,
        u: Sequence[Weight],
    ) -> None:
        """Add edges from ``inputs`` through W, and those of a plan over ``nodes`` through the U of
        their slot."""
        self.edges += [Edge(start, end, w) for start, end in inputs]
        children = plan.order[plan.children].tolist()
        parents = plan.order[plan.num_leaves + plan.edge_parents].tolist()
        for child, parent, slot in zip(children, parents, plan.slots.tolist(), strict=True):
            self.edges.append(Edge(nodes[child], nodes[parent], u[slot]))
