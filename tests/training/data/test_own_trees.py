"""The user's own labelled trees from files of all formats."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.any_trees import trees as any_trees
from treernn.corpora.binary import binary_tree
from treernn.corpora.blocks import parse_blocks
from treernn.errors import DataError, DataWarning
from treernn.parsing.baselines import right_parser
from treernn.training.data.own_trees import label_blocks, read_own_trees
from treernn.training.data.reading import load_trees
from treernn.types import Tree


def read(tmp_path, text, parser=None):
    path = tmp_path / "own.txt"
    path.write_text(text, "utf-8", newline="")
    return read_own_trees(path, parser or right_parser())


def test_trees_are_made_binary_and_new_nodes_have_no_label(tmp_path):
    with pytest.warns(DataWarning, match=r"own\.txt: of 2 trees 1 had nodes with more than two"):
        trees = read(tmp_path, "(4\n\t(2 a)\n\t(1 b)\n\t(3 c))\n\n(2 d)")
    assert trees == [
        Tree(("a", "b", "c"), ((1, 2), (0, 3)), (2, 1, 3, -1, 4)),
        Tree(("d",), (), (2,)),
    ]
    path = tmp_path / "own.txt"
    with pytest.warns(DataWarning):
        assert load_trees(path, path).dev == trees


def test_phrases_label_the_nodes_over_their_words(tmp_path):
    text = "1 Today isn't a good good day.\n3 good\n3 good day .\n0 is n't a good good day.\n"
    [tree] = read(tmp_path, text)
    assert tree.words == ("Today", "is", "n't", "a", "good", "good", "day", ".")
    labelled = {
        " ".join(tree.words[start:end]): label
        for (start, end), label in zip(tree.spans(), tree.labels, strict=True)
        if label >= 0
    }
    assert labelled == {
        "good": 3,
        "good day .": 3,
        "is n't a good good day .": 0,
        "Today is n't a good good day .": 1,
    }
    assert tree.labels.count(-1) == tree.num_nodes - 5


def test_a_phrase_may_be_spelled_as_in_the_text_or_as_its_tokens(tmp_path):
    text = "2 A \"fine\" film (really).\n4 `` fine '' film -LRB- really -RRB- .\n"
    for phrase in ("", '3 "fine" film (really).\n', "3 ``fine'' film ( really ) .\n"):
        [tree] = read(tmp_path, text + phrase)
        assert tree.labels[-2] == (3 if phrase else 4)
        assert tree.labels[-1] == 2


def test_phrases_that_are_no_nodes_are_counted(tmp_path):
    with pytest.warns(DataWarning) as caught:
        [tree] = read(tmp_path, "2 a b c\n3 a b\n4 b c\n3 b")
    assert [str(warning.message) for warning in caught] == [
        f"{tmp_path}/own.txt: 1 of 3 labelled phrases are no phrases of the parse trees and are "
        "left out, the first in line 2: 'a b'"
    ]
    assert tree.labels == (-1, 3, -1, 4, 2)


class KnownTrees:
    """A parser that knows the trees of its sentences."""

    def __init__(self, *trees):
        self.trees = {tree.words: tree.with_labels(()) for tree in trees}

    def parse(self, sentences):
        return [self.trees[tuple(words)] for words in sentences]


@given(any_trees(st.sampled_from(["fine", "film", "not", "a"])), st.sampled_from(["\t", " "]))
def test_all_phrases_of_any_tree_get_their_labels(tree, separator):
    tree = binary_tree(tree)
    phrases = [" ".join(tree.words[start:end]) for start, end in tree.spans()]
    labels = [len(phrase) % 5 for phrase in phrases]  # the same phrase has one label
    pairs = [(labels[-1], phrases[-1]), *zip(labels, phrases, strict=True)]
    text = "\n".join(f"{label}{separator}{phrase}" for label, phrase in pairs)
    assert label_blocks(parse_blocks(text), KnownTrees(tree)) == [tree.with_labels(labels)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2 a b\n\n3 c d\n4 b", ":4: the words 'b' are not in the sentence of line 3"),
        ("2 abc\n3 b", ":2: the words 'b' are not in the sentence of line 1"),
        ("2 <b>\n", ":1: no words in '<b>'"),
        ("It is good.", ":1:1: expected an opening bracket, found 'It'"),
        ("(S (NN a) (NN b))", ":1:2: label 'S' is not a number, expected 0 to 4"),
        ("(0 (1 a) (2 b))\n  0:  0.1  0.9\n", ":2:3: expected an opening bracket, found '0:'"),
    ],
)
def test_errors(tmp_path, text, problem):
    with pytest.raises(DataError) as raised:
        read(tmp_path, text)
    assert str(raised.value) == f"{tmp_path}/own.txt{problem}"


def test_files_of_two_classes_are_told(tmp_path):
    many = "(1 (-1 It) (1 (0 bad) (1 works)))\n" * 20
    with pytest.warns(DataWarning, match=r"all labels are 0 or 1 .* write 1 and 3$"):
        read(tmp_path, many)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(tmp_path, many + "(2 x)")
        read(tmp_path, "(1 (0 bad) (1 works))")


PIECES = [
    "(",
    ")",
    "0",
    "3",
    "-1",
    " ",
    "\n",
    "x",
    "(2 a)",
    "(3 ",
    "\ufeff",
    "\xa0",
    "3 good\n",
    "\n\n",
]
PIECES += [
    "|sentiment=3",
    "ROOT",
    '"sentimentTree": "',
    "{",
    '"',
    "\\",
    "Sentiment-annotated binary tree",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_has_trees_or_is_a_data_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_text(text, "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        try:
            trees = read_own_trees(path, right_parser())
        except DataError as error:
            trees = []
            place = (error.path, error.line)
        else:
            place = (path, 1)
    assert place[0] == path
    assert place[1] is not None
    assert all(len(children) == 2 for tree in trees for children in tree.children)
