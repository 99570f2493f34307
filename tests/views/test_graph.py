import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest

from treernn.errors import InputError
from treernn.types import Tree
from treernn.views.graph import Kind, Shape, folded, unfolded

SENTENCE = Tree(("not", "a", "$5", "film"), ((2, 3), (1, 4), (0, 5)))


def drawn(graph):
    """Each edge by the labels of its ends and the name of its weight."""
    label = [node.here.label for node in graph.nodes]
    return {(label[edge.start], label[edge.end], edge.weight.name) for edge in graph.edges}


def test_layers_of_a_chain_by_their_definition():
    expected = set()
    for k in (1, 2, 3):
        for t in (1, 2, 3, 4):
            state = f"a^{{({k})}}_{{{t}}}"
            below = f"a^{{({k - 1})}}_{{{t}}}" if k > 1 else f"x_{{{t}}}"
            expected.add((below, state, f"W^{{({k})}}"))
            if t > 1:
                expected.add((f"a^{{({k})}}_{{{t - 1}}}", state, f"U^{{({k})}}"))
    assert drawn(unfolded(Kind.chain, layers=3, steps=4)) == expected


def test_both_directions_run_against_each_other_over_the_same_steps():
    graph = unfolded(Kind.bidirectional, layers=2, steps=3)
    edges = drawn(graph)
    for k in (1, 2):
        there = [f"a^{{({k}){{\\rightarrow}}}}_{{{t}}}" for t in (1, 2, 3)]
        back = [f"a^{{({k}){{\\leftarrow}}}}_{{{t}}}" for t in (1, 2, 3)]
        for states, arrow in (there, "\\rightarrow"), (back[::-1], "\\leftarrow"):
            name = f"U^{{({k}){{{arrow}}}}}"
            found = {edge for edge in edges if edge[2] == name}
            assert found == {(states[0], states[1], name), (states[1], states[2], name)}
    # The upper layer sees the two states of a step as one.
    seen = {graph.nodes[edge.start].shape for edge in graph.edges if "W^{(2)" in edge.weight.name}
    assert seen == {Shape.joined}
    assert Counter(edge.weight.name[0] for edge in graph.edges) == {"U": 8, "W": 12}


def test_a_decoder_starts_from_the_encoders_last_state():
    edges = drawn(unfolded(Kind.encoder_decoder, layers=2, steps=3, output_steps=2))
    for k in (1, 2):
        name = f"U^{{({k})\\prime}}"
        first, second = (f"a^{{({k})\\prime}}_{{{t}}}" for t in (1, 2))
        last = f"a^{{({k})}}_{{3}}"
        assert {edge for edge in edges if edge[2] == name} == {
            (last, first, name),
            (first, second, name),
        }


def test_a_tree_is_the_sentences():
    graph = unfolded(Kind.tree, sentence=SENTENCE)
    edges = {edge for edge in drawn(graph) if edge[2] != "W"}
    left, right = "U_{\\mathrm{left}}", "U_{\\mathrm{right}}"
    assert edges == {
        ("a_{3}", "a_{5}", left), ("a_{4}", "a_{5}", right),
        ("a_{2}", "a_{6}", left), ("a_{5}", "a_{6}", right),
        ("a_{1}", "a_{7}", left), ("a_{6}", "a_{7}", right),
    }  # fmt: skip
    assert [node.word for node in graph.nodes if node.word] == list(SENTENCE.words)
    for edge in graph.edges:  # upwards, all of them
        assert graph.nodes[edge.start].here.y < graph.nodes[edge.end].here.y


@pytest.mark.parametrize("kind", list(Kind))
def test_a_weight_is_one_colour_and_a_fold_has_each_weight_once(kind):
    sentence = SENTENCE if kind is Kind.tree else None
    graph = unfolded(kind, 1 if kind is Kind.tree else 3, sentence=sentence)
    fold = folded(graph)
    colours = {weight.name: weight.colour for weight in graph.weights}
    assert len(set(colours.values())) == len(colours) == len(graph.weights)
    assert fold.weights == graph.weights
    per_weight = Counter(edge.weight.name for edge in fold.edges)
    starts = 3 if kind is Kind.encoder_decoder else 0
    assert sum(per_weight.values()) == len(colours) + starts
    loops = [edge for edge in fold.edges if edge.start == edge.end]
    assert {edge.weight.name[0] for edge in loops} == {"U"}
    assert len(loops) == sum(name[0] == "U" for name in colours)


@pytest.mark.parametrize("kind", list(Kind))
def test_no_two_nodes_and_no_node_and_edge_overlap(kind):
    sentence = SENTENCE if kind is Kind.tree else None
    graph = unfolded(kind, 1 if kind is Kind.tree else 2, 5, sentence=sentence)
    for drawing in graph, folded(graph):
        nodes = [node for node in drawing.nodes if node.shape is not Shape.joined]
        for i, a in enumerate(nodes):
            for b in nodes[:i]:
                assert distance(a.here, b.here, b.here) > 0.72
        for edge in drawing.edges:
            start, end = drawing.nodes[edge.start], drawing.nodes[edge.end]
            if start.shape is Shape.joined:
                continue  # it begins at the edge of the box
            for node in nodes:
                if node not in (start, end):
                    assert distance(node.here, start.here, end.here) > 0.36


def distance(p, a, b):
    """From a point to the stretch between two."""
    (px, py), (ax, ay), (bx, by) = p[:2], a[:2], b[:2]
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = max(0, min(1, ((px - ax) * dx + (py - ay) * dy) / length)) if length else 0
    return ((px - ax - share * dx) ** 2 + (py - ay - share * dy) ** 2) ** 0.5


def test_what_cannot_be_drawn():
    for arguments, message in (
        ({"steps": 0}, "0 steps: a picture has 1 to 40"),
        ({"steps": 41}, "41 steps: a picture has 1 to 40"),
        ({"layers": 0}, "0 layers: the picture of a chain graph has 1 to 8"),
        (
            {"kind": Kind.bidirectional, "layers": 5},
            "5 layers: the picture of a bidirectional graph has 1 to 4",
        ),
        ({"output_steps": 2}, "output steps are those of a decoder; a chain graph has none"),
        ({"sentence": SENTENCE}, "a tree is drawn of a sentence, a chain graph of steps"),
        ({"kind": Kind.tree, "sentence": SENTENCE, "layers": 2}, "a tree has one layer, not 2"),
        (
            {"kind": Kind.tree, "sentence": Tree(("a", "b", "c"), ((0, 1, 2),))},
            "a node has more than two children: binarise the tree to draw it",
        ),
    ):
        with pytest.raises(InputError, match="^" + message.replace(":", ":")):
            unfolded(**{"kind": Kind.chain, **arguments})


def test_pictures_are_whole_and_the_same_again(tmp_path):
    pytest.importorskip("matplotlib")
    from treernn.views.graph_figure import figure
    from treernn.views.pictures import save_figure

    graph = unfolded(Kind.tree, sentence=SENTENCE)
    for path in tmp_path / "a.svg", tmp_path / "b.svg", tmp_path / "c.PNG":
        save_figure(lambda: figure(graph), path)
    content = (tmp_path / "a.svg").read_bytes()
    assert content == (tmp_path / "b.svg").read_bytes()
    ElementTree.fromstring(content)
    for weight in graph.weights:  # on its edges and in the legend
        used = sum(edge.weight == weight for edge in graph.edges)
        assert content.decode().count(weight.colour) >= used + 1
    assert (tmp_path / "c.PNG").read_bytes().startswith(b"\x89PNG")
