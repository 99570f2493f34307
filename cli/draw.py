"""``treernn draw``: a picture of the graph of a recurrent or recursive net."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.errors import InputError
from treernn.views.graph import GraphKind

EXAMPLE_TREE = "(1 (1 (2 not) (1 (2 a) (1 (1 bad) (2 film)))) (2 (2 at) (2 all)))"


def draw(
    structure: Annotated[GraphKind, typer.Option(help="Which graph.")] = GraphKind.chain,
    layers: Annotated[int, typer.Option(help="Number of layers.")] = 1,
    steps: Annotated[int | None, typer.Option(help="Number of input steps; default: 4.")] = None,
    output_steps: Annotated[
        int | None, typer.Option(help="Number of decoder steps; default: --steps.")
    ] = None,
    tree: Annotated[
        str | None,
        typer.Option(help='Tree to draw, in the format of the SST: "(3 (2 so) (3 good))".'),
    ] = None,
    folded: Annotated[
        bool, typer.Option("--folded", help="Draw all steps as one, with loops.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Output file, .svg or .png; default: STRUCTURE.svg."),
    ] = None,
) -> None:
    """Draw the graph of a recurrent or recursive net, unfolded or folded.

    Edges that share a weight have the same color. The graph is the plan that the engine runs.
    """
    is_tree = structure is GraphKind.tree
    if tree is not None and not is_tree:
        raise InputError("--tree needs --structure tree")
    if steps is not None and is_tree:
        raise InputError("--steps is for chains; use --tree for the words of a tree")
    path = out or Path(f"{structure.value}{'-folded' * folded}.svg")

    from treernn.corpora.brackets import parse_line
    from treernn.views.figures import check_figure_path, save_figure
    from treernn.views.graph_figure import graph_figure
    from treernn.views.graph_layout import unfolded_graph

    check_figure_path(path)
    parsed = parse_line(EXAMPLE_TREE if tree is None else tree, "--tree", 1) if is_tree else None
    graph = unfolded_graph(structure, layers, 4 if steps is None else steps, output_steps, parsed)
    save_figure(graph_figure(graph.fold() if folded else graph), path)
    print(path)
