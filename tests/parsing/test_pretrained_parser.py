"""The built-in parser."""

from pathlib import Path

import pytest

import treernn
from treernn.evaluation.brackets import bracket_score
from treernn.parsing import Parser, load_parser
from treernn.types import Tree

FOLDER = Path(treernn.__file__).parent / "pretrained" / "parser"


@pytest.fixture(scope="module")
def parser() -> Parser:
    return load_parser("embedded")


def bracketed(tree: Tree) -> str:
    nodes = list(tree.words)
    for a, b in tree.children:
        nodes.append(f"({nodes[a]} {nodes[b]})")
    return nodes[-1]


def test_size():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 13e6


def test_trees_of_simple_sentences(parser):
    sentences = ["not bad", "It is not a bad movie .", "The acting is great"]
    assert [bracketed(tree) for tree in parser.parse([text.split() for text in sentences])] == [
        "(not bad)",
        "(It (((is not) (a (bad movie))) .))",
        "((The acting) (is great))",
    ]


def test_f1_on_the_treebank(parser, sst_dev):
    trees = sst_dev[::3]
    assert bracket_score(parser.parse([tree.words for tree in trees]), trees).f1 > 0.79


def test_a_batch_gives_the_same_trees_as_single_sentences(parser, sst_dev):
    words = [tree.words for tree in sst_dev[::9]]
    assert parser.parse(words) == [parser.parse([one])[0] for one in words]
