"""The reader against a recursive reference reader, round trips, and error messages."""

import contextlib
import io
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk import Tree as NltkTree

from tests.helpers.any_trees import CORENLP, SERVICE, trees
from treernn.corpora.brackets import (
    escape_parentheses,
    format_tree,
    parse_brackets,
    parse_line,
    read_brackets,
)
from treernn.errors import DataError, InputError, MissingDataError
from treernn.types import Tree

NAMES = {"LRB": "(", "RRB": ")", "LCB": "{", "RCB": "}", "LSB": "[", "RSB": "]"}


def naive(line: str) -> Tree:
    """Reference reader: one recursive function over the tokens; ValueError if there is no tree."""
    tokens: list[str] = []
    for piece in re.findall(r"[()]|[^()]+", line):
        if piece in "()":
            tokens.append(piece)
        elif piece.strip("\ufeff") and tokens[-1:] == ["("]:
            label, *rest = piece.split(maxsplit=1)
            tokens += [label, *re.split("[ \t\n\r\f\v]+", (rest or [""])[0].strip())]
        else:
            tokens += re.split("[ \t\n\r\f\v]+", piece.strip())
    tokens = [token for token in tokens if token]
    words: list[str] = []
    leaf_labels: list[int] = []
    inner: list[tuple[int, list[tuple[str, int]]]] = []

    def node(at: int) -> tuple[tuple[str, int], int]:
        if tokens[at] != "(" or tokens[at + 1] not in ("0", "1", "2", "3", "4", "-1"):
            raise ValueError
        label, at = int(tokens[at + 1]), at + 2
        if tokens[at] not in "()":
            words.append(unescape(tokens[at]))
            leaf_labels.append(label)
            below, at = None, at + 1
        else:
            below = []
            while tokens[at] == "(":
                child, at = node(at)
                below.append(child)
            if not below:
                raise ValueError
        if tokens[at] != ")":
            raise ValueError
        if below is None:
            return ("leaf", len(words) - 1), at + 1
        inner.append((label, below))
        return ("inner", len(inner) - 1), at + 1

    try:
        _, end = node(0)
    except IndexError:
        raise ValueError from None
    if end != len(tokens):
        raise ValueError
    base = {"leaf": 0, "inner": len(words)}
    children = tuple(tuple(base[kind] + i for kind, i in below) for _, below in inner)
    labels = (*leaf_labels, *(label for label, _ in inner))
    return Tree(tuple(words), children, labels if max(labels) >= 0 else ())


def unescape(word: str) -> str:
    out, i = "", 0
    while i < len(word):
        if word[i] == "\\" and word[i + 1 : i + 2] in ("/", "*", "\\", "-"):
            out, i = out + word[i + 1], i + 2
        elif word[i] == "-" and word[i + 4 : i + 5] == "-" and word[i + 1 : i + 4] in NAMES:
            out, i = out + NAMES[word[i + 1 : i + 4]], i + 5
        else:
            out, i = out + word[i], i + 1
    return out


@given(trees())
def test_round_trip_of_a_tree(tree: Tree) -> None:
    line = format_tree(tree, tree.labels or [-1] * tree.num_nodes)
    assert parse_line(line) == tree == naive(line)


@given(
    st.lists(trees(), max_size=4),
    st.sampled_from(["\n", "\r\n", "\n\n", " \n", "\r", "\n\ufeff", ""]),
)
def test_round_trip_of_a_file(several: list[Tree], end: str) -> None:
    labels = [tree.labels or [-1] * tree.num_nodes for tree in several]
    data = "".join(map("{}{}".format, map(format_tree, several, labels), [end] * 4)).encode()
    assert read_brackets(io.BytesIO(data)) == several


@given(trees(st.sampled_from(["a", "-", r"\/"])), st.data())
def test_a_damaged_line_is_read_like_the_reference_reader(tree: Tree, data: st.DataObject) -> None:
    line = format_tree(tree, tree.labels or [-1] * tree.num_nodes)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(line)))
        gone = data.draw(st.integers(0, 2))
        new = data.draw(
            st.sampled_from(["", "(", ")", " ", "3", "7", "x", "\n", "\xa0", "()", "\t"])
        )
        line = line[:at] + new + line[at + gone :]
    try:
        expected = naive(line)
    except ValueError:
        with pytest.raises(DataError) as raised:
            parse_line(line, "f", 1)
        assert None not in (raised.value.line, raised.value.column)
        assert 1 <= raised.value.column <= len(line.split("\n")[raised.value.line - 1]) + 1
    else:
        assert parse_line(line) == expected


@given(st.text(st.sampled_from("()0123 459-x\\/\n\r\xa0\ufeff|."), max_size=30))
def test_any_text_is_a_tree_or_a_data_error(line: str) -> None:
    try:
        tree = parse_line(line)
    except DataError:
        return
    assert parse_line(format_tree(tree, tree.labels or [-1] * tree.num_nodes)) == tree


def test_nodes_are_in_the_order_of_their_closing_brackets() -> None:
    tree = parse_line("(4 (3 (2 a) (1 b)) (0 (2 c)) (2 d))")
    assert tree.words == ("a", "b", "c", "d")
    assert tree.children == ((0, 1), (2,), (4, 5, 3))
    assert tree.labels == (2, 1, 2, 2, 3, 0, 4)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"(2 1\/2)", ("1/2",)),
        ("(2 8\xa01\\/2)", ("8\xa01/2",)),
        (r"(2 \*\*\*)", ("***",)),
        ("(3 (2 -LRB-) (2 -RRB-))", ("(", ")")),
        ("(3 (2 -LCB-) (2 -RCB-) (2 -LSB-) (2 -RSB-))", ("{", "}", "[", "]")),
        ("(2 :-LRB-)", (":(",)),
        (r"(2 \-LRB-)", ("-LRB-",)),
        (r"(2 a\b\\c)", (r"a\b\c",)),
        ("(2 a\u3000b)", ("a\u3000b",)),
        ("(3\t(2\xa0a)\u3000(2\n b\xa0)\n)", ("a", "b")),
        ("\xa0(3 (2 a)\r\n\xa0\xa0(2 b))\r\n", ("a", "b")),
        ("(3(2 a)(2 b))", ("a", "b")),
        ("  ( 3  ( 2  a  )  ( 2  b ) )  ", ("a", "b")),
        ("(2 a)\r\n", ("a",)),
    ],
)
def test_words(line: str, words: tuple[str, ...]) -> None:
    assert parse_line(line).words == words


MALFORMED = [
    ("(3 (2 a) (2 b)", 1, "bracket is never closed"),
    ("(3 (2 (2 a) (2 b)", 4, "bracket is never closed"),
    ("(3 (2 a", 4, "bracket is never closed"),
    ("(", 1, "bracket is never closed"),
    ("(2 a))", 6, "closing bracket without an opening one"),
    (")", 1, "closing bracket without an opening one"),
    ("(2 a) (2 b)", 7, "text after the tree, expected one tree"),
    ("(2 a) b", 7, "expected an opening bracket, found 'b'"),
    ("((2 a) (2 b))", 1, "missing label, expected 0 to 4"),
    ("(3 ((2 a) (1 c)) (2 b))", 4, "missing label, expected 0 to 4"),
    ("()", 2, "empty node, expected a label and a word, or subtrees"),
    ("(3 (2 a) ())", 11, "empty node, expected a label and a word, or subtrees"),
    ("(2 (a) (2 b))", 6, "empty node, expected a word or subtrees after the label"),
    ("(2 (a c) (2 b))", 5, "label 'a' is not a number, expected 0 to 4"),
    ("(x a)", 2, "label 'x' is not a number, expected 0 to 4"),
    ("(２ a)", 2, "label '２' is not a number, expected 0 to 4"),
    ("(positiv a)", 2, "label 'positiv' is not a number, expected 0 to 4"),
    ("(3 3 \ufeff)", 6, "second word '\\ufeff' in one leaf, expected a closing bracket"),
    ("(3 \ufeff(2 a))", 5, "mixed node, a subtree follows a word"),
    ("(pos a)", 2, "label 'pos' is not a number, expected 0 to 4"),
    ("(ROOT (2 a) (3 b))", 2, "label 'ROOT' is not a number, expected 0 to 4"),
    ("(NP|sentiment=7|prob=0.5 a)", 2, "label 7 is out of range, expected 0 to 4"),
    ("(NP|sentiment= a)", 2, "label 'NP|sentiment=' is not a number, expected 0 to 4"),
    ("(5 a)", 2, "label 5 is out of range, expected 0 to 4"),
    ("(3 (2 a) (-2 b))", 11, "label -2 is out of range, expected 0 to 4"),
    ("(3.5 a)", 2, "label 3.5 is out of range, expected 0 to 4"),
    ("(3 (2 a) (22 b))", 11, "label 22 is out of range, expected 0 to 4"),
    ("(2.5 a)", 2, "label 2.5 is out of range, expected 0 to 4"),
    ("(2 a (2 b))", 6, "mixed node, a subtree follows a word"),
    ("(2 (2 b) a)", 10, "mixed node, the word 'a' follows a subtree"),
    ("(2 8 1/2)", 6, "second word '1/2' in one leaf, expected a closing bracket"),
    ("(2)", 3, "empty node, expected a word or subtrees after the label"),
    ("(3 (2 a) (2 ))", 13, "empty node, expected a word or subtrees after the label"),
    ("great", 1, "expected an opening bracket, found 'great'"),
    ("3 (2 a)", 1, "expected an opening bracket, found '3'"),
    ("", 1, "no tree, the line is blank"),
    ("   ", 1, "no tree, the line is blank"),
]


@pytest.mark.parametrize(("line", "column", "problem"), MALFORMED)
def test_errors_of_malformed_lines(line: str, column: int, problem: str) -> None:
    with pytest.raises(DataError) as raised:
        parse_line(line, "trees.txt", 7)
    assert str(raised.value) == f"trees.txt:7:{column}: {problem}"
    assert (raised.value.path, raised.value.line, raised.value.column) == ("trees.txt", 7, column)


def test_an_error_has_the_line_number(tmp_path: Path) -> None:
    path = tmp_path / "trees.txt"
    path.write_bytes(b"(2 a)\n\n(2 b)\n(2 c\n")
    with pytest.raises(DataError) as raised:
        read_brackets(path)
    assert str(raised.value) == f"{path}:4:1: bracket is never closed"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_error_has_the_position_of_invalid_utf8(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "trees.txt"
    path.write_bytes(mark + "(2 ä)\n(3 (2 é) (2 ".encode() + b"caf\xe9))\n")
    with pytest.raises(DataError) as raised:
        read_brackets(path)
    assert str(raised.value) == f"{path}:2:16: byte 0xe9 is not UTF-8, save the file as UTF-8"


def test_white_space_beyond_ascii_may_be_in_a_word_but_not_at_its_ends() -> None:
    data = "(3 (2 a\x0b\x0c\x1c) (2 b\x85\u2028c))\r\n\n \n(2 c)".encode()
    assert [tree.words for tree in read_brackets(io.BytesIO(data))] == [
        ("a", "b\x85\u2028c"),
        ("c",),
    ]


def test_open_files_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "trees.txt"
    path.write_bytes(b"\xef\xbb\xbf(2 a)\n")
    expected = [Tree(("a",), (), (2,))]
    assert read_brackets(path) == read_brackets(str(path)) == expected
    assert read_brackets(io.StringIO("(2 a)\n")) == expected
    assert read_brackets(io.StringIO("")) == []


def test_no_such_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"nowhere\.txt: no such file$"):
        read_brackets(tmp_path / "nowhere.txt")
    with pytest.raises(DataError, match="cannot be read"):
        read_brackets(tmp_path)


@pytest.mark.parametrize("left", [True, False])
def test_a_tree_ten_thousand_deep(left: bool) -> None:
    depth = 10_000
    line = "(3 " * depth + "(2 a)" + " (1 b))" * depth
    if not left:
        line = "(3 (1 b) " * depth + "(2 a)" + ")" * depth
    tree = parse_line(line)
    assert (len(tree.words), len(tree.children)) == (depth + 1, depth)
    assert tree.spans()[tree.root] == (0, depth + 1)
    assert format_tree(tree) == line
    with pytest.raises(DataError, match=r"never closed"):
        parse_line(line[:-1])


def test_a_chain_of_unary_nodes_ten_thousand_deep() -> None:
    line = "(3 " * 10_000 + "(2 a)" + ")" * 10_000
    assert format_tree(parse_line(line)) == line


@pytest.mark.parametrize("labels", [(2, 5, 3), (2, 2), (2, -2, 3)])
def test_writing_a_tree_with_wrong_labels_is_an_error(labels: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="needs a label 0 to 4, or -1, at every node"):
        format_tree(Tree(("a", "b"), ((0, 1),), labels))


@pytest.mark.parametrize("word", ["", "a b", "a\nb", "a\tb", "a\r", "\xa0a", "a\u3000", "\x85"])
@pytest.mark.parametrize("labels", [(), (2, 2, 2)])
def test_writing_a_word_with_a_separator_is_an_error(word: str, labels: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"word 2 .* cannot be written in brackets"):
        format_tree(Tree(("a", word), ((0, 1),), labels))


def nltk_tree(tree: Tree) -> NltkTree:
    """The tree as NLTK's users have it."""
    labels = [str(label) for label in tree.labels or [-1] * tree.num_nodes]
    nodes = [
        NltkTree(label, [escape_parentheses(word)])
        for label, word in zip(labels, tree.words, strict=False)
    ]
    for label, below in zip(labels[len(nodes) :], tree.children, strict=True):
        nodes.append(NltkTree(label, [nodes[child] for child in below]))
    return nodes[-1]


@given(st.lists(trees(), max_size=3), st.integers(1, 100), st.integers(0, 9), st.data())
def test_what_nltk_prints_is_read(
    several: list[Tree], margin: int, indent: int, data: st.DataObject
) -> None:
    text = "\n".join(nltk_tree(tree).pformat(margin, indent) for tree in several)
    text = text.replace("\n", data.draw(st.sampled_from(["\n", "\r\n", "\n\n", "\n\t", "\n\xa0"])))
    text = data.draw(st.sampled_from(["", "\ufeff", "\n\n"])) + text
    assert parse_brackets(text) == several


def test_trees_of_corenlp() -> None:
    assert parse_brackets(CORENLP + "\n\n" + CORENLP) == [SERVICE, SERVICE]
    unlabelled = CORENLP.replace("|sentiment=2|prob=0.995", "")
    assert parse_brackets(unlabelled) == [SERVICE.with_labels((-1, *SERVICE.labels[1:]))]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("(3.0 (2.0 a) (+4 b))", (2, 4, 3)),
        ("(3 (-1 a) (-1.0 b))", (-1, -1, 3)),
        ("(3|0.98 (2|1.0 a) (4|prob=0.7 b))", (2, 4, 3)),
        ("( (3 (2 a) (4 b)))", (2, 4, 3)),
        ("(ROOT (3 (2 a) (4 b)))", (2, 4, 3)),
        ("(( (top\n (3 (2 a) (4 b)))))", (2, 4, 3)),
        ("(Positive (neutral a) (very-positive b))", (2, 4, 3)),
        ("(very_negative (VeryNegative a) (negative b))", (0, 1, 0)),
        ("(-1 (-1 a) (-1 b))", ()),
    ],
)
def test_labels_of_other_programs(text: str, labels: tuple[int, ...]) -> None:
    assert parse_brackets(text) == [Tree(("a", "b"), ((0, 1),), labels)]


def test_a_wrapper_around_one_word() -> None:
    assert parse_brackets("( (2 It))\n(ROOT (1 bad))") == [
        Tree(("It",), (), (2,)),
        Tree(("bad",), (), (1,)),
    ]


def test_an_error_in_a_later_line_names_the_start_of_the_tree() -> None:
    text = "(2 a)\n\n(3\n  (2 a)\n  (7 b))\n"
    with pytest.raises(DataError) as raised:
        parse_brackets(text, "f")
    assert str(raised.value) == (
        "f:5:4: label 7 is out of range, expected 0 to 4 (in the tree that starts on line 3)"
    )
    with pytest.raises(DataError, match=r"^f:5:4: label 7 .* starts on line 3\)$"):
        parse_brackets(text.replace("\n", "\r\n"), "f")
    with pytest.raises(DataError, match=r"^f:5:4: label 7 .* starts on line 3\)$"):
        parse_brackets(text.replace("\n", "\r"), "f")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(3\n  (2 a)\n  (2 b)\n(3\n  (2 c)\n  (2 d))\n", "1:1"),
        ("(2 a)\n(3\n  (2 a)\n  (3 (2 b)\n(3\n  (2 c)\n  (2 d))\n", "4:3"),
        ("(2 a)\n(2 b\n(2 c)", "2:1"),
        ("(3 (2 a)\n   (2 b\n(2 c)", "2:4"),
    ],
)
def test_an_open_bracket_is_found_in_its_own_tree(text: str, place: str) -> None:
    with pytest.raises(DataError, match=f"^f:{place}: bracket is never closed"):
        parse_brackets(text, "f")


def test_the_time_is_linear_in_the_text() -> None:
    size = 200_000
    texts = ["(" * size, "(2 a" + " " * size + "b)", " " * size + ")", "(2 a\xa0" * size]
    texts += ["(2 a)" + "\xa0" * size, "(2 " + "a" * size + " b)", "(2 a)\ufeff" * (size // 5)]
    start = time.process_time()
    for text in texts:
        with contextlib.suppress(DataError):
            parse_brackets(text)
    assert time.process_time() - start < 10


def test_trees_without_classes_in_brackets_of_their_own() -> None:
    with pytest.raises(DataError, match=r"1:4: .*'S'"):
        parse_brackets("( (S (NP (PRP It)) (VP (VBZ works))))")
