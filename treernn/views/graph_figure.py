"""A graph as a matplotlib figure; an inch is the same length in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from treernn.views.graph import GREY, INK, OFF, RADIUS, Edge, Graph, Node, Shape, Weight

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PALE, _JOINED = "#eef1f4", "#f7f8fa"
_INCH = 0.62  # of a unit of the graph's places
_LINE = 0.5  # of the legend, in units
_HALF = {Shape.input: 0.3, Shape.joined: OFF + RADIUS + 0.1}  # of a box's side


def figure(graph: Graph) -> Figure:
    """The graph at the left, its weights at the right."""
    xs, ys, _ = zip(*(node.here for node in graph.nodes), strict=True)
    room = 1.5 if any(edge.start == edge.end for edge in graph.edges) else 0.75
    words = [max(room, 0.3 + 0.08 * len(node.word)) for node in graph.nodes]  # half as wide
    left = min(x - half for x, half in zip(xs, words, strict=True))
    right = max(x + half for x, half in zip(xs, words, strict=True))
    bottom = min(ys) - (1.0 if any(node.word for node in graph.nodes) else 0.7)
    top = max(ys) + 0.85
    legend = _LINE * (len(graph.weights) + 1)
    missing = max(0, legend + 0.4 - (top - bottom)) / 2
    top, bottom = top + missing, bottom - missing
    edge = right + 2.5 + 0.125 * max(len(weight.sees) for weight in graph.weights)
    figure = Figure(figsize=((edge - left) * _INCH, (top - bottom) * _INCH))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(left, edge)
    axes.set_ylim(bottom, top)
    for each in graph.edges:
        _edge(axes, graph, each)
    for node in graph.nodes:
        _node(axes, node)
    _legend(axes, graph.weights, right, (top + bottom + legend) / 2)
    return figure


def _node(axes: Axes, node: Node) -> None:
    x, y, label = node.here
    middle: dict[str, Any] = {"ha": "center", "color": INK, "zorder": 5}
    if node.shape is Shape.state:
        axes.add_patch(Circle((x, y), RADIUS, fc="white", ec=node.colour, lw=1.8, zorder=4))
    else:
        joined = node.shape is Shape.joined
        half = _HALF[node.shape]
        box = FancyBboxPatch(
            (x - half, y - half),
            2 * half,
            2 * half,
            boxstyle=f"round,pad=0,rounding_size={0.3 if joined else 0.08}",
            fc=_JOINED if joined else _PALE,
            ec=GREY,
            lw=0.9 if joined else 1.2,
            zorder=1 if joined else 4,
        )
        axes.add_patch(box)
    if label:
        size = 10.5 if "arrow" in label or "prime" in label else 11.5
        axes.text(x, y - 0.01, f"${label}$", va="center", size=size, **middle)
    if node.word:
        axes.text(x, y - 0.42, node.word, va="top", size=11, parse_math=False, **middle)


def _edge(axes: Axes, graph: Graph, edge: Edge) -> None:
    recurrent = edge.weight.name.startswith("U")
    style: dict[str, Any] = {
        "arrowstyle": "-|>,head_length=5,head_width=2.6",
        "lw": 2.0,
        "color": edge.weight.colour,
        "zorder": 3 if recurrent else 2,
        "capstyle": "butt",
        "joinstyle": "miter",
    }
    start, end = graph.nodes[edge.start], graph.nodes[edge.end]
    if edge.start == edge.end:
        axes.add_patch(FancyArrowPatch(path=_loop(start, _loops_left(graph, edge)), **style))
        return
    a, b = np.array(start.here[:2], float), np.array(end.here[:2], float)
    if start.shape is Shape.joined:
        a[1] += _HALF[Shape.joined]
    way = (b - a) / np.linalg.norm(b - a)
    if start.shape is Shape.state:
        a += RADIUS * way
    elif start.shape is Shape.input:
        a += _HALF[Shape.input] * way / np.abs(way).max()
    b -= (RADIUS + 0.03) * way
    axes.add_patch(FancyArrowPatch(tuple(a), tuple(b), shrinkA=0, shrinkB=0, **style))
    if recurrent and start.colour != end.colour:  # another chain's state, to start from
        x, y = (a + b) / 2
        axes.text(x, y + 0.12, "start", ha="center", va="bottom", size=9.5, color=INK)


def _loop(node: Node, left: bool) -> Path:
    x, y, _ = node.here
    side = -1 if left else 1
    c, s = np.cos(0.6) * RADIUS, np.sin(0.6) * RADIUS
    points = [
        (x + side * c, y + s),
        (x + side * (c + 0.95), y + s + 0.5),
        (x + side * (c + 0.95), y - s - 0.5),
        (x + side * (c + 0.03), y - s - 0.02),
    ]
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])


def _loops_left(graph: Graph, loop: Edge) -> bool:
    """Where a loop meets nothing else: the first of two goes left, and that of a node with an
    edge to its right."""
    others = [edge for edge in graph.edges if edge.start == loop.start and edge != loop]
    twins = [edge for edge in others if edge.end == edge.start]
    if twins:
        return graph.edges.index(loop) < graph.edges.index(twins[0])
    x, y, _ = graph.nodes[loop.start].here
    return x < 0 or any(graph.nodes[edge.end].here.y == y for edge in others)


def _legend(axes: Axes, weights: Sequence[Weight], x: float, top: float) -> None:
    heading: dict[str, Any] = {"va": "center", "size": 9.5, "color": GREY}
    axes.text(x, top - 0.5 * _LINE, "shared weight", **heading)
    axes.text(x + 2, top - 0.5 * _LINE, "applied to", **heading)
    for i, weight in enumerate(weights, 1):
        y = top - (i + 0.5) * _LINE
        axes.plot([x, x + 0.5], [y, y], color=weight.colour, lw=3.5, solid_capstyle="round")
        axes.text(x + 0.7, y, f"${weight.name}$", va="center", size=11.5, color=INK)
        axes.text(x + 2, y, weight.sees, va="center", size=10.5, color=INK)
