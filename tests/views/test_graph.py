import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest

from treernn.errors import InputError
from treernn.types import Tree
from treernn.views.graph import NodeKind
from treernn.views.graph_layout import (
    bidirectional_graph,
    chain_graph,
    encoder_decoder_graph,
    tree_graph,
)

TREE = Tree(("not", "a", "$5", "film"), ((2, 3), (1, 4), (0, 5)))


def labelled_edges(graph):
    """Each edge by the labels of its nodes and the name of its weight."""
    label = [node.position.label for node in graph.nodes]
    return {(label[edge.start], label[edge.end], edge.weight.name) for edge in graph.edges}


GRAPHS = {
    "chain": lambda steps: chain_graph(3, steps),
    "bidirectional": lambda steps: bidirectional_graph(3, steps),
    "encoder-decoder": lambda steps: encoder_decoder_graph(3, steps),
    "tree": lambda _: tree_graph(TREE),
}


def test_layers_of_a_chain_follow_the_definition():
    expected = set()
    for k in (1, 2, 3):
        for t in (1, 2, 3, 4):
            state = f"h^{{({k})}}_{{{t}}}"
            below = f"h^{{({k - 1})}}_{{{t}}}" if k > 1 else f"x_{{{t}}}"
            expected.add((below, state, f"W^{{({k})}}"))
            if t > 1:
                expected.add((f"h^{{({k})}}_{{{t - 1}}}", state, f"U^{{({k})}}"))
    assert labelled_edges(chain_graph(3, 4)) == expected


def test_one_layer_has_no_number():
    labels = [node.position.label for node in chain_graph(1, 2).nodes]
    assert labels == ["x_{1}", "x_{2}", "h_{1}", "h_{2}"]
    names = {
        weight.name
        for graph in (bidirectional_graph(1, 2), encoder_decoder_graph(1, 2))
        for weight in graph.weights
    }
    arrows = {
        f"{letter}^{{{{\\{arrow}}}}}" for letter in "UW" for arrow in ("rightarrow", "leftarrow")
    }
    assert names == {*arrows, "U", "W", "U^{\\prime}", "W^{\\prime}"}


def test_the_two_directions_run_in_opposite_order_over_the_same_steps():
    graph = bidirectional_graph(2, 3)
    edges = labelled_edges(graph)
    for k in (1, 2):
        forward = [f"h^{{({k}){{\\rightarrow}}}}_{{{t}}}" for t in (1, 2, 3)]
        backward = [f"h^{{({k}){{\\leftarrow}}}}_{{{t}}}" for t in (3, 2, 1)]
        for states, arrow in (forward, "\\rightarrow"), (backward, "\\leftarrow"):
            name = f"U^{{({k}){{{arrow}}}}}"
            recurrent = {edge for edge in edges if edge[2] == name}
            assert recurrent == {(states[0], states[1], name), (states[1], states[2], name)}
    # The input of the upper layer is the concatenation of both states of a step.
    sources = {graph.nodes[e.start].kind for e in graph.edges if "W^{(2)" in e.weight.name}
    assert sources == {NodeKind.concatenation}
    assert Counter(edge.weight.name[0] for edge in graph.edges) == {"U": 8, "W": 12}


def test_a_decoder_starts_from_the_last_state_of_the_encoder():
    graph = encoder_decoder_graph(2, 3, 2)
    edges = labelled_edges(graph)
    for k in (1, 2):
        name = f"U^{{({k})\\prime}}"
        first, second = (f"h^{{({k})\\prime}}_{{{t}}}" for t in (1, 2))
        last = f"h^{{({k})}}_{{3}}"
        assert {edge for edge in edges if edge[2] == name} == {
            (last, first, name),
            (first, second, name),
        }


def test_a_tree_has_the_edges_of_the_parse():
    graph = tree_graph(TREE)
    edges = {edge for edge in labelled_edges(graph) if edge[2] != "W"}
    left, right = "U_l", "U_r"
    assert edges == {
        ("h_{3}", "h_{5}", left), ("h_{4}", "h_{5}", right),
        ("h_{2}", "h_{6}", left), ("h_{5}", "h_{6}", right),
        ("h_{1}", "h_{7}", left), ("h_{6}", "h_{7}", right),
    }  # fmt: skip
    assert [node.word for node in graph.nodes if node.word] == list(TREE.words)
    for edge in graph.edges:  # all point upwards
        assert graph.nodes[edge.start].position.y < graph.nodes[edge.end].position.y


@pytest.mark.parametrize("kind", GRAPHS)
def test_each_weight_has_one_color_and_one_folded_edge(kind):
    graph = GRAPHS[kind](4)
    folded = graph.fold()
    colors = {weight.name: weight.color for weight in graph.weights}
    assert len(set(colors.values())) == len(colors) == len(graph.weights)
    assert folded.weights == graph.weights
    initial_state_edges = 3 if kind == "encoder-decoder" else 0
    assert len(folded.edges) == len(colors) + initial_state_edges
    loops = [edge for edge in folded.edges if edge.start == edge.end]
    assert {edge.weight.name[0] for edge in loops} == {"U"}
    assert len(loops) == sum(name[0] == "U" for name in colors)


@pytest.mark.parametrize("kind", GRAPHS)
def test_nodes_and_edges_do_not_overlap(kind):
    graph = GRAPHS[kind](5)
    for drawing in graph, graph.fold():
        nodes = [node for node in drawing.nodes if node.kind is not NodeKind.concatenation]
        for i, a in enumerate(nodes):
            for b in nodes[:i]:
                assert distance(a.position, b.position, b.position) > 0.72
        for edge in drawing.edges:
            start, end = drawing.nodes[edge.start], drawing.nodes[edge.end]
            if start.kind is NodeKind.concatenation:
                continue  # the edge starts at the border of the box
            for node in nodes:
                if node not in (start, end):
                    assert distance(node.position, start.position, end.position) > 0.36


def distance(p, a, b):
    """From a point to the line segment between two."""
    (px, py), (ax, ay), (bx, by) = p[:2], a[:2], b[:2]
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = max(0, min(1, ((px - ax) * dx + (py - ay) * dy) / length)) if length else 0
    return ((px - ax - along * dx) ** 2 + (py - ay - along * dy) ** 2) ** 0.5


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: chain_graph(1, 0), "0 steps, expected 1 to 40"),
        (lambda: bidirectional_graph(1, 41), "41 steps, expected 1 to 40"),
        (lambda: chain_graph(0, 1), "0 layers, expected 1 to 8"),
        (lambda: bidirectional_graph(5, 1), "5 layers, expected 1 to 4"),
        (lambda: encoder_decoder_graph(1, 2, 0), "0 output steps, expected 1 to 40"),
        (lambda: tree_graph(Tree(("a",) * 41)), "41 words, expected 1 to 40"),
        (
            lambda: tree_graph(Tree(("a", "b", "c"), ((0, 1, 2),))),
            "a node has more than two children: binarize the tree to draw it",
        ),
    ],
)
def test_graphs_that_cannot_be_drawn(draw, message):
    with pytest.raises(InputError, match=f"^{message}$"):
        draw()


def test_files_are_complete_and_reproducible(tmp_path):
    pytest.importorskip("matplotlib")
    from treernn.views.figures import save_figure
    from treernn.views.graph_figure import graph_figure

    graph = tree_graph(TREE)
    for path in tmp_path / "a.svg", tmp_path / "b.svg", tmp_path / "c.PNG":
        save_figure(graph_figure(graph), path)
    content = (tmp_path / "a.svg").read_bytes()
    assert content == (tmp_path / "b.svg").read_bytes()
    ElementTree.fromstring(content)
    for weight in graph.weights:  # on its edges and in the legend
        uses = sum(edge.weight == weight for edge in graph.edges)
        assert content.decode().count(weight.color) >= uses + 1
    assert (tmp_path / "c.PNG").read_bytes().startswith(b"\x89PNG")
