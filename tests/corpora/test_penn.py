from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk import Tree as NltkTree

from treernn.corpora.brackets import escape, format_tree, has_classes
from treernn.corpora.nested import parse_nested
from treernn.corpora.penn import EMPTY, PennTree, parse_penn, read_penn
from treernn.errors import DataError, InputError, MissingDataError
from treernn.parsing.baselines import left_branching, right_branching
from treernn.types import Tree

CLAUSE = """
( (S
    (NP-SBJ-1 (PRP It) )
    (VP (VBZ is)
      (S (NP-SBJ (-NONE- *-1)) (NP-PRD (NN fun))))
    (: --) (. .) ))
"""


def test_a_tree_on_several_lines():
    [tree] = parse_penn(CLAUSE)
    assert tree.words == ("It", "is", "*-1", "fun", "--", ".")
    assert tree.tags == ("PRP", "VBZ", "-NONE-", "NN", ":", ".")
    assert tree.categories == ("NP-SBJ-1", "NP-SBJ", "NP-PRD", "S", "VP", "S", "")
    assert tree.children == ((0,), (2,), (3,), (7, 8), (1, 9), (6, 10, 4, 5), (11,))


def test_words_are_unescaped_except_empty_elements():
    text = r"(NP (-LRB- -LRB-) (NN and\/or) (SYM \*) (-NONE- *T*-1) (-RRB- -RRB-) (NN 3\/4))"
    [tree] = parse_penn(text)
    assert tree.words == ("(", "and/or", "*", "*T*-1", ")", "3/4")
    assert tree.tags[0] == "-LRB-"


def test_a_single_word_and_several_trees_per_line():
    assert [tree.words for tree in parse_penn("(NN a)((NN b))\n ( (NN c) )")] == [
        ("a",),
        ("b",),
        ("c",),
    ]


def test_no_tree():
    assert parse_penn(" \n\t") == []


def test_white_space():
    words = [
        tree.words for tree in parse_penn("(NN a\u00a0b)\r\n\f(NN\tc)\n\ufeff(NN\u00a0d\u00a0)")
    ]
    assert words == [("a\u00a0b",), ("c",), ("d",)]


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("(S (NN a)\n  (NN b)", "1:1", "bracket is never closed"),
        ("(S\n (NP (NN a)", "2:2", "bracket is never closed (in the tree that starts on line 1)"),
        ("(S\n (NN a", "2:2", "bracket is never closed (in the tree that starts on line 1)"),
        ("(", "1:1", "bracket is never closed"),
        ("(NN a)\n )", "2:2", "closing bracket without an opening one"),
        ("(NN a) b", "1:8", "expected an opening bracket, found 'b'"),
        ("(S (NN a) b)", "1:11", "mixed node, the word 'b' follows a subtree"),
        ("(S a (NN b))", "1:6", "mixed node, a subtree follows a word"),
        ("(S (NN a b))", "1:10", "second word 'b' in one leaf, expected a closing bracket"),
        ("(S (NN) (NN b))", "1:7", "empty node, expected a word or subtrees after the label"),
        ("(S ())", "1:5", "empty node, expected a label and a word, or subtrees"),
    ],
)
def test_errors_have_line_and_column(text, place, problem):
    with pytest.raises(DataError) as caught:
        parse_penn(text, "a.mrg")
    assert str(caught.value) == f"a.mrg:{place}: {problem}"


def test_files(tmp_path):
    path = tmp_path / "wsj.mrg"
    path.write_bytes("\ufeff(S (NN née) (. .))\r\n".encode())
    assert read_penn(path)[0].words == ("née", ".")
    path.write_bytes(b"(S\n (NN n\xe9e))")
    with pytest.raises(DataError, match=r"wsj\.mrg:2:7: byte 0xe9 is not UTF-8"):
        read_penn(path)
    with pytest.raises(MissingDataError, match="no such file"):
        read_penn(tmp_path / "none.mrg")


def test_a_deep_tree():
    depth = 50_000
    [tree] = parse_penn("(S (NN a) " * depth + "(NN b)" + ")" * depth)
    assert len(tree.children) == depth
    assert tree.children[-1] == (0, len(tree.words) + depth - 2)


WORDS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1).filter(
    lambda word: word == word.strip() and not any(c in " \t\n\r\f\v" for c in word)
)


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from([left_branching, right_branching]))
def test_round_trip_of_unlabelled_trees(words, shape):
    tree = Tree(tuple(words), shape(len(words)))
    [back] = parse_penn(format_tree(tree))
    assert Tree(back.words, back.children) == tree
    assert set(back.tags + back.categories) == {"X"}


@pytest.mark.parametrize("word", ["", "a b", "a\tb", "a\n"])
def test_writing_a_word_with_whitespace_is_an_error(word):
    with pytest.raises(InputError, match=r"word 2 .* cannot be written in brackets"):
        format_tree(Tree(("a", word), ((0, 1),)))


def nltk_brackets(tree: PennTree) -> str:
    nodes = [
        f"({tag} {word if tag == EMPTY else escape(word)})"
        for tag, word in zip(tree.tags, tree.words, strict=True)
    ]
    for category, below in zip(tree.categories, tree.children, strict=True):
        nodes.append(f"({category} {' '.join(nodes[child] for child in below)})")
    return nodes[-1]


def test_no_label_of_the_penn_treebank_is_taken_for_a_class(treebank_archive):
    labels = set()
    with ZipFile(treebank_archive) as archive:
        for number in range(1, 200):
            text = archive.read(f"treebank/combined/wsj_{number:04}.mrg").decode()
            for tree in parse_nested(text):
                assert not has_classes(tree), tree
                labels.update(tree.labels)
    assert {"POS", "CD", "-NONE-", "S", ""} < labels


def test_the_penn_treebank_as_nltk_reads_it(treebank_archive):
    count = 0
    with ZipFile(treebank_archive) as archive:
        for number in range(1, 200):
            name = f"treebank/combined/wsj_{number:04}.mrg"
            text = archive.read(name).decode()
            trees = read_penn(archive.open(name), name)
            count += len(trees)
            if number % 20 == 1:
                whole = NltkTree.fromstring(f"(ALL {text})")
                ours = [nltk_brackets(tree) for tree in trees]
                assert len(ours) == len(whole)
                for brackets, theirs in zip(ours, whole, strict=True):
                    assert brackets.replace("\\", "") == theirs.pformat(10**9).replace("\\", "")
    assert count == 3_914
