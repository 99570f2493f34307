import re

import nltk
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.brackets import parse_line
from treernn.scoring import corenlp
from treernn.types import Tree


def test_brackets_are_those_of_the_treebank(scorer):
    [sentence] = scorer("A great (bad) and/or good film.").sentences
    [text] = corenlp.PennTrees(None).texts([sentence])
    assert text.endswith(")\n")
    assert "-LRB-" in text
    assert parse_line(text).labels[parse_line(text).root] == sentence.tree.labels[-1]
    tree = nltk.Tree.fromstring(text)
    assert tree.label() == str(sentence.tree.labels[-1])
    assert len(tree.leaves()) == len(sentence.tokens)


def test_root_is_what_corenlp_calls_the_class(scorer):
    results = scorer.score_many(["awful", "bad", "film", "good", "great"])
    printed = "".join(corenlp.Root(None).texts([result.sentences[0] for result in results]))
    assert printed == "  Very negative\n  Negative\n  Neutral\n  Positive\n  Very positive\n"


def test_numbered_trees_of_corenlp():
    tree = Tree(("not", "so", "bad"), ((1, 2), (0, 3)))
    rows = np.array([[0.5, -1], [0.25, 0], [1e-9, 1], [1 / 3, 2], [0.12345, 1e4]])
    assert corenlp.numbered(tree, rows) == (
        "(0 (1 not) (2 (3 so) (4 bad)))\n"
        "  0:  0.1235  10000.0000\n"
        "  1:  0.5000  -1.0000\n"
        "  2:  0.3333  2.0000\n"
        "  3:  0.2500  0.0000\n"
        "  4:  0.0000  1.0000\n"
    )


@given(st.integers(1, 40), st.randoms())
def test_numbers_in_the_tree_and_in_the_lines_are_of_the_same_phrase(words, random):
    """The values are spans, so that the lines can be held against NLTK's reading of the tree."""
    roots, children = list(range(words)), []
    while len(roots) > 1:
        at = random.randrange(len(roots) - 1)
        children.append((roots[at], roots[at + 1]))
        roots[at : at + 2] = [words + len(children) - 1]
    tree = Tree(tuple(f"w{i}" for i in range(words)), tuple(children))
    first, *lines = corenlp.numbered(tree, np.array(tree.spans())).splitlines()
    nodes = list(nltk.Tree.fromstring(first).subtrees())
    assert [int(node.label()) for node in nodes] == list(range(len(nodes)))
    for node, line in zip(nodes, lines, strict=True):
        number, start, end = re.fullmatch(r"  (\d+):  (\S+)  (\S+)", line).groups()
        assert number == node.label()
        assert node.leaves() == [f"w{i}" for i in range(int(float(start)), int(float(end)))]


def test_a_deep_tree():
    words = 20_000
    children = [(0, 1), *((words + i, i + 2) for i in range(words - 2))]
    tree = Tree(("a",) * words, tuple(children))
    text = corenlp.numbered(tree, np.zeros((tree.num_nodes, 1)))
    assert text.count("\n") == tree.num_nodes + 1
    assert pytest.approx(0) == float(text.rsplit(maxsplit=1)[1])
