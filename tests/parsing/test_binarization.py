from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk import Tree as NltkTree

from treernn.corpora.brackets import format_tree
from treernn.corpora.penn import EMPTY, PennTree, parse_penn, read_penn
from treernn.errors import DataError, InputError
from treernn.evaluation.brackets import bracket_score
from treernn.models.pretrained import PARSER
from treernn.parsing.binarization import binarize, first_child, last_child
from treernn.parsing.heads import collins_head
from treernn.parsing.lstm_parser import LSTMParser
from treernn.parsing.reading import read_trees
from treernn.types import Tree


def plain(text, head=collins_head):
    """Binarize a tree and write it as words in brackets."""
    [tree] = parse_penn(text)
    text = format_tree(binarize(tree, head))
    return text.replace("(X (", "((").replace("X ", "")


def test_the_head_is_joined_with_its_right_neighbours_first():
    text = "(VP (ADVP (RB a)) (RB b) (VBZ h) (NP (NN c)) (PP (IN d)))"
    assert plain(text) == "((a) ((b) (((h) (c)) (d))))"


def test_binary_phrases_are_unchanged():
    assert plain("(S (NP (NN a)) (VP (VB b)))") == "((a) (b))"


def test_trees_are_as_in_the_sentiment_treebank():
    text = "( (S (NP-SBJ (PRP It)) (VP (VBZ 's) (ADJP-PRD (RB so) (JJ bad))) (. .)))"
    assert plain(text) == "((It) ((('s) ((so) (bad))) (.)))"


def test_empty_elements_are_removed():
    text = """( (S (NP-SBJ-1 (PRP It)) (VP (VBZ seems) (SBAR (-NONE- 0)
        (S (NP-SBJ (-NONE- *-1)) (VP (TO to) (VP (VB work) (NP (-NONE- *T*-2)))))))))"""
    assert plain(text) == "((It) ((seems) ((to) (work))))"


def test_only_empty_elements_are_an_error():
    [tree] = parse_penn("(S (NP (-NONE- *)) (VP (-NONE- 0)))")
    with pytest.raises(InputError, match="no words, only empty elements"):
        binarize(tree)


def test_a_unary_chain_has_its_upper_category():
    # An NP over a VBZ is no verb: the head is the NN's neighbour, the true verb.
    assert plain("(VP (NP (VBZ a)) (RB b) (VBZ h) (NN c))") == "((a) ((b) ((h) (c))))"


def test_one_word():
    [tree] = parse_penn("( (FRAG (NP (NN a))))")
    assert binarize(tree) == Tree(("a",))


@pytest.mark.parametrize("head", [collins_head, first_child, last_child])
def test_deep_and_wide_trees(head):
    deep = "(S (NN a) " * 30_000 + "(NN b)" + ")" * 30_000
    wide = "(S " + "(NN a) " * 30_000 + ")"
    for text in (deep, wide):
        [tree] = parse_penn(text)
        result = binarize(tree, head)
        assert result.words == tree.words
        assert len(result.children) == len(result.words) - 1


@st.composite
def penn_trees(draw):
    """Random trees with unary chains, empty elements and phrases of many children."""
    tags = st.sampled_from(["NN", "VBZ", "DT", "IN", "CC", ",", ".", "-LRB-", "JJ", EMPTY])
    categories = st.sampled_from(["S", "NP-SBJ-1", "VP", "PP|ADVP", "QP", "", "FOO", "X", "-X-"])
    count = draw(st.integers(1, 12))
    leaves = draw(st.lists(tags, min_size=count, max_size=count))
    open_nodes = list(range(count))  # those without a parent, left to right
    children, names = [], []
    for _ in range(draw(st.integers(0, 10))):
        start = draw(st.integers(0, len(open_nodes) - 1))
        end = draw(st.integers(start + 1, len(open_nodes)))
        children.append(tuple(open_nodes[start:end]))
        names.append(draw(categories))
        open_nodes[start:end] = [count + len(children) - 1]
    if len(open_nodes) > 1 or not children:
        children.append(tuple(open_nodes))
        names.append(draw(categories))
    words = tuple(f"w{i}" for i in range(count))
    return PennTree(words, tuple(leaves), tuple(children), tuple(names))


def spans_of_words(tree):
    """The spans of the phrases, without empty elements."""
    before = [0]
    for tag in tree.tags:
        before.append(before[-1] + (tag != EMPTY))
    spans = [(i, i + 1) for i in range(len(tree.words))]
    for below in tree.children:
        spans.append((spans[below[0]][0], spans[below[-1]][1]))
    return {(before[a], before[b]) for a, b in spans if before[b] > before[a]}


@given(penn_trees(), st.sampled_from([collins_head, first_child, last_child]))
def test_trees_are_binary_with_the_original_words_and_spans(tree, head):
    words = [w for w, tag in zip(tree.words, tree.tags, strict=True) if tag != EMPTY]
    if not words:
        with pytest.raises(InputError):
            binarize(tree, head)
        return
    result = binarize(tree, head)
    assert list(result.words) == words
    assert len(result.children) == len(words) - 1
    assert all(len(below) == 2 for below in result.children)
    assert sorted(c for below in result.children for c in below) == list(range(result.root))
    spans = result.spans()
    assert all(spans[a][1] == spans[b][0] for a, b in result.children)
    assert spans_of_words(tree) <= set(spans)


@given(penn_trees(), st.sampled_from([("left", first_child), ("right", last_child)]))
def test_left_and_right_factoring_are_those_of_nltk(tree, factor):
    name, head = factor
    nodes = [
        None if tag == EMPTY else NltkTree("T", [word])
        for tag, word in zip(tree.tags, tree.words, strict=True)
    ]
    for below in tree.children:
        kept = [nodes[child] for child in below if nodes[child] is not None]
        nodes.append(kept[0] if len(kept) == 1 else NltkTree("P", kept) if kept else None)
    theirs = nodes[-1]
    if theirs is None:
        return
    theirs.chomsky_normal_form(factor=name)
    ours = NltkTree.fromstring(format_tree(binarize(tree, head)))
    spans = []
    for one in (theirs, ours):
        phrases = set()
        places = [list(p) for p in one.treepositions("leaves")]
        for position in one.treepositions():
            inside = [i for i, p in enumerate(places) if tuple(p[: len(position)]) == position]
            phrases.add((inside[0], inside[-1]))
        spans.append(phrases)
    assert spans[0] == spans[1]


@pytest.fixture(scope="module")
def penn_part(treebank_archive):
    with ZipFile(treebank_archive) as archive:
        names = [f"treebank/combined/wsj_{number:04}.mrg" for number in range(40, 80)]
        return [tree for name in names for tree in read_penn(archive.open(name), name)]


def test_head_binarization_is_most_like_the_sentiment_treebank(penn_part):
    """The built-in parser was trained on the sentiment treebank, binarized by CoreNLP."""
    trees = [tree for tree in penn_part if len(tree.words) <= 30][:150]
    predicted = LSTMParser.load(PARSER).parse([binarize(tree).words for tree in trees])
    by_heads, by_left, by_right = (
        bracket_score(predicted, [binarize(tree, head) for tree in trees]).f1
        for head in (collins_head, first_child, last_child)
    )
    assert by_heads > 0.65
    assert by_heads > by_right + 0.02 > by_left


MIXED = "this tree has no classes, but others of the file have; keep them apart"


def test_read_trees_of_both_formats(tmp_path):
    path = tmp_path / "trees.txt"
    path.write_text("(3 (2 It) (4 (2 's) (4 good)))\n\n(0 bad)\n")
    labelled = Tree(("It", "'s", "good"), ((1, 2), (0, 3)), (2, 2, 4, 4, 3))
    assert read_trees(path) == [labelled, Tree(("bad",), (), (0,))]
    path.write_text("(NP (NN film) (POS 's))\n(NEG (NN a) (CD 3))")
    assert [tree.words for tree in read_trees(path)] == [("film", "'s"), ("a", "3")]
    path.write_text("( (S (NP (PRP It))\n (VP (VBZ 's) (JJ good)) (. .)))\n(X (X a) (X b))")
    assert read_trees(path) == [
        Tree(("It", "'s", "good", "."), ((1, 2), (4, 3), (0, 5))),
        Tree(("a", "b"), ((0, 1),)),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ": no trees in this file"),
        ("(S (NN a))\n(S (-NONE- 0))", ":2:1: the tree has no words, only empty elements"),
        ("(S (NN a)", ":1:1: bracket is never closed"),
        ("(3 (2 a) (7 b))", ":1:11: label 7 is out of range, expected 0 to 4"),
        ("(S (NN a))\n(3 (2 a) (2 b))", f":1:1: {MIXED}"),
        ("(3 (2 a) (2 b))\n(S (NN a))", f":2:1: {MIXED}"),
        ("(S (3 a) (NP b))", ":1:2: label 'S' is not a number, expected 0 to 4"),
        ("(pos (neu a) (pos b))", ":1:2: label 'pos' is not a number, expected 0 to 4"),
        ("It is good.", ":1:1: expected an opening bracket, found 'It'"),
    ],
)
def test_read_trees_of_an_invalid_file(tmp_path, text, problem):
    path = tmp_path / "trees.txt"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_trees(path)
    assert str(caught.value) == f"{path}{problem}"
