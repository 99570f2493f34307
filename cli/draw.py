"""``treernn draw``: a picture of the graph of a recurrent or recursive net."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from treernn.errors import InputError
from treernn.printing import shown

EXAMPLE_TREE = "(1 (1 (2 not) (1 (2 a) (1 (1 bad) (2 film)))) (2 (2 at) (2 all)))"


class Structure(StrEnum):
    """Structures that can be drawn."""

    chain = "chain"
    bidirectional = "bidirectional"
    encoder_decoder = "encoder-decoder"
    tree = "tree"


_OPTIONS = {
    Structure.chain: ("layers", "steps"),
    Structure.bidirectional: ("layers", "steps"),
    Structure.encoder_decoder: ("layers", "steps", "output-steps"),
    Structure.tree: ("tree",),
}


def draw(
    structure: Annotated[Structure, typer.Option(help="Which graph.")] = Structure.chain,
    layers: Annotated[int | None, typer.Option(help="Number of layers.", show_default="1")] = None,
    steps: Annotated[
        int | None, typer.Option(help="Number of input steps.", show_default="4")
    ] = None,
    output_steps: Annotated[
        int | None, typer.Option(help="Number of decoder steps.", show_default="--steps")
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
        typer.Option(
            "--out", "-o", help="Output file, .svg or .png.", show_default="STRUCTURE.svg"
        ),
    ] = None,
) -> None:
    """Draw the graph of a recurrent or recursive net.

    Unfolded, or with --folded all steps as one node. Edges that share a weight have the same
    colour. The graph is the plan that the engine runs.
    """
    options = {"layers": layers, "steps": steps, "output-steps": output_steps, "tree": tree}
    for name, value in options.items():
        if value is not None and name not in _OPTIONS[structure]:
            raise InputError(f"--{name} does not apply to --structure {structure.value}")
    path = out or Path(f"{structure.value}{'-folded' * folded}.svg")

    from treernn.corpora.brackets import parse_line
    from treernn.views import graph_layout
    from treernn.views.figures import check_figure_path, save_figure
    from treernn.views.graph_figure import graph_figure

    check_figure_path(path)
    layers, steps = 1 if layers is None else layers, 4 if steps is None else steps
    match structure:
        case Structure.chain:
            graph = graph_layout.chain_graph(layers, steps)
        case Structure.bidirectional:
            graph = graph_layout.bidirectional_graph(layers, steps)
        case Structure.encoder_decoder:
            graph = graph_layout.encoder_decoder_graph(layers, steps, output_steps)
        case Structure.tree:
            parsed = parse_line(EXAMPLE_TREE if tree is None else tree, "--tree", 1)
            graph = graph_layout.tree_graph(parsed)
    save_figure(graph_figure(graph.fold() if folded else graph), path)
    print(shown(str(path)))
