"""``treernn draw``: the graph of a structure, as the engine runs over it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from treernn.views.graph import Graph

SENTENCE = "(1 (1 (2 not) (1 (2 a) (1 (1 bad) (2 film)))) (2 (2 at) (2 all)))"


class Structure(StrEnum):
    """What can be drawn."""

    chain = "chain"
    bidirectional = "bidirectional"
    encoder_decoder = "encoder-decoder"
    tree = "tree"


def draw(
    structure: Annotated[Structure, typer.Option(help="Which graph.")] = Structure.chain,
    layers: Annotated[int, typer.Option(help="Chains on top of each other.")] = 1,
    steps: Annotated[int | None, typer.Option(help="Steps of the input; 4.")] = None,
    output_steps: Annotated[
        int | None, typer.Option(help="Steps of the decoder; as many as of the input.")
    ] = None,
    tree: Annotated[
        str | None,
        typer.Option(help='The tree to draw, in SST\'s brackets: "(3 (2 so) (3 good))".'),
    ] = None,
    folded: Annotated[bool, typer.Option("--folded", help="All steps as one, with loops.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The picture, .svg or .png; STRUCTURE.svg."),
    ] = None,
) -> None:
    """Draw a recurrent or recursive net: its nodes, and the weights that its edges share.

    A weight has one colour wherever it is used. What is drawn are the plans that the engine runs.
    """
    if tree is not None and structure is not Structure.tree:
        raise InputError("--tree goes with --structure tree")
    if steps is not None and structure is Structure.tree:
        raise InputError("--steps is for chains; a tree has the words of --tree")
    path = out or Path(f"{structure.value}{'-folded' * folded}.svg")

    from treernn.corpora.brackets import parse_line
    from treernn.views import graph as draw
    from treernn.views import pictures

    pictures.check_ending(path)
    sentence = (
        parse_line(SENTENCE if tree is None else tree, "--tree", 1)
        if structure is Structure.tree
        else None
    )
    graph = draw.unfolded(
        draw.Kind(structure.value), layers, 4 if steps is None else steps, output_steps, sentence
    )
    graph = draw.folded(graph) if folded else graph
    pictures.save_figure(lambda: _figure(graph), path)
    print(path)


def _figure(graph: Graph) -> Figure:
    from treernn.views.graph_figure import figure

    return figure(graph)
