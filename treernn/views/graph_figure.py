"""Graphs drawn with matplotlib, to scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from treernn.views.figures import GREY, INK, PAPER, new_figure
from treernn.views.graph import DIRECTION_OFFSET, RADIUS, Edge, Graph, Node, NodeKind, Weight

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

_INCHES = 0.62  # per unit of the positions
_LEGEND_LINE = 0.5  # height in units
_HALF_SIDE = {NodeKind.input: 0.3, NodeKind.concatenation: DIRECTION_OFFSET + RADIUS + 0.1}
_MATH: dict[str, Any] = {"math_fontfamily": "cm"}
_CENTER: dict[str, Any] = {"ha": "center", "color": INK, "zorder": 5}


def graph_figure(graph: Graph) -> Figure:
    """The graph, and at its right a legend of its weights."""
    xs, ys, _ = zip(*(node.position for node in graph.nodes), strict=True)
    margin = 1.5 if any(edge.start == edge.end for edge in graph.edges) else 0.75
    half_widths = [max(margin, 0.3 + 0.08 * len(node.word)) for node in graph.nodes]
    left = min(x - half for x, half in zip(xs, half_widths, strict=True))
    legend_x = max(x + half for x, half in zip(xs, half_widths, strict=True))
    right = legend_x + 2.5 + 0.125 * max(len(weight.applied_to) for weight in graph.weights)
    bottom = min(ys) - (1.0 if any(node.word for node in graph.nodes) else 0.7)
    top = max(ys) + 0.85
    legend_height = _LEGEND_LINE * (len(graph.weights) + 1)
    extra = max(0, legend_height + 0.4 - (top - bottom)) / 2
    top, bottom = top + extra, bottom - extra
    figure = new_figure((right - left) * _INCHES, (top - bottom) * _INCHES, layout=None)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    for edge in graph.edges:
        _draw_edge(axes, graph, edge)
    for node in graph.nodes:
        _draw_node(axes, node)
    _draw_legend(axes, graph.weights, legend_x, (top + bottom + legend_height) / 2)
    return figure


def _draw_node(axes: Axes, node: Node) -> None:
    from matplotlib.patches import Circle, FancyBboxPatch

    x, y, label = node.position
    if node.kind is NodeKind.state:
        axes.add_patch(Circle((x, y), RADIUS, fc=PAPER, ec=node.color, lw=1.8, zorder=4))
    else:
        is_input, half = node.kind is NodeKind.input, _HALF_SIDE[node.kind]
        box = FancyBboxPatch(
            (x - half, y - half),
            2 * half,
            2 * half,
            boxstyle=f"round,pad=0,rounding_size={0.08 if is_input else 0.3}",
            fc="#eef1f4" if is_input else "#f7f8fa",
            ec=GREY,
            lw=1.2 if is_input else 0.9,
            zorder=4 if is_input else 1,
        )
        axes.add_patch(box)
    if label:
        size = 10.5 if "arrow" in label or "prime" in label else 11.5
        axes.text(x, y - 0.01, f"${label}$", va="center", size=size, **_MATH, **_CENTER)
    if node.word:
        axes.text(x, y - 0.42, node.word, va="top", size=11, parse_math=False, **_CENTER)


def _draw_edge(axes: Axes, graph: Graph, edge: Edge) -> None:
    from matplotlib.patches import FancyArrowPatch

    recurrent = edge.weight.name.startswith("U")
    style: dict[str, Any] = {
        "arrowstyle": "-|>,head_length=5,head_width=2.6",
        "lw": 2.0,
        "color": edge.weight.color,
        "zorder": 3 if recurrent else 2,
        "capstyle": "butt",
        "joinstyle": "miter",
    }
    start, end = graph.nodes[edge.start], graph.nodes[edge.end]
    if edge.start == edge.end:
        axes.add_patch(FancyArrowPatch(path=_loop_path(start, _is_left(graph, edge)), **style))
        return
    a, b = np.array(start.position[:2], float), np.array(end.position[:2], float)
    if start.kind is NodeKind.concatenation:
        a[1] += _HALF_SIDE[start.kind]
    direction = (b - a) / np.linalg.norm(b - a)
    if start.kind is NodeKind.state:
        a += RADIUS * direction
    elif start.kind is NodeKind.input:
        a += _HALF_SIDE[start.kind] * direction / np.abs(direction).max()
    b -= (RADIUS + 0.03) * direction
    axes.add_patch(FancyArrowPatch(tuple(a), tuple(b), shrinkA=0, shrinkB=0, **style))
    if recurrent and start.color != end.color:  # from the encoder to the decoder
        x, y = (a + b) / 2
        axes.text(x, y + 0.12, "initial state", ha="center", va="bottom", size=9.5, color=INK)


def _loop_path(node: Node, left: bool) -> Path:
    from matplotlib.path import Path

    x, y, _ = node.position
    side = -1 if left else 1
    c, s = np.cos(0.6) * RADIUS, np.sin(0.6) * RADIUS
    points = [
        (x + side * c, y + s),
        (x + side * (c + 0.95), y + s + 0.5),
        (x + side * (c + 0.95), y - s - 0.5),
        (x + side * (c + 0.03), y - s - 0.02),
    ]
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])


def _is_left(graph: Graph, loop: Edge) -> bool:
    """Whether a loop is drawn at the left: the first of two loops, or the loop of a node with an
    edge to its right."""
    others = [edge for edge in graph.edges if edge.start == loop.start and edge != loop]
    other_loops = [edge for edge in others if edge.end == edge.start]
    if other_loops:
        return graph.edges.index(loop) < graph.edges.index(other_loops[0])
    x, y, _ = graph.nodes[loop.start].position
    return x < 0 or any(graph.nodes[edge.end].position.y == y for edge in others)


def _draw_legend(axes: Axes, weights: Sequence[Weight], x: float, top: float) -> None:
    heading: dict[str, Any] = {"va": "center", "size": 9.5, "color": GREY}
    axes.text(x, top - 0.5 * _LEGEND_LINE, "shared weight", **heading)
    axes.text(x + 2, top - 0.5 * _LEGEND_LINE, "applied to", **heading)
    for i, weight in enumerate(weights, 1):
        y = top - (i + 0.5) * _LEGEND_LINE
        axes.plot([x, x + 0.5], [y, y], color=weight.color, lw=3.5, solid_capstyle="round")
        axes.text(x + 0.7, y, f"${weight.name}$", va="center", size=11.5, color=INK, **_MATH)
        axes.text(x + 2, y, weight.applied_to, va="center", size=10.5, color=INK)
