import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from treernn.parsing.baselines import balanced, left_branching, right_branching
from treernn.scoring.result import Result
from treernn.scoring.sentence import Sentence
from treernn.types import Token, Tree
from treernn.views.result import result_lines
from treernn.views.tree import tree_lines

WORDS = ("It", "'s", "not", "a", "bad", "film", ".")
TREE = Tree(
    WORDS,
    ((4, 5), (3, 7), (2, 8), (1, 9), (10, 6), (0, 11)),
    (2, 2, 1, 2, 0, 2, 2, 1, 1, 3, 3, 2, 4),
)


def drawn(tree, width=100):
    return [line.plain for line in tree_lines(tree, width)]


def printed(result, **settings):
    file = io.StringIO()
    Console(file=file, width=100, **settings).print(result_lines(result))
    return file.getvalue()


def a_result(tree, problems=()):
    rows = np.full((tree.num_nodes, 5), 0.1)
    rows[np.arange(tree.num_nodes), tree.labels] = 0.6
    text = " ".join(tree.words)
    ends = np.cumsum([len(word) + 1 for word in tree.words]) - 1
    tokens = tuple(
        Token(word, int(end) - len(word), int(end))
        for word, end in zip(tree.words, ends, strict=True)
    )
    sentence = Sentence(text, 0, len(text), tokens, tree, rows)
    return Result(text, (sentence,), sentence.probabilities, problems)


def test_root_at_the_left_one_word_per_line():
    assert drawn(TREE) == [
        "++┬ 0  It",
        "  └ 0 ┬ + ┬ 0  's",
        "      │   └ + ┬ −  not",
        "      │       └ − ┬ 0  a",
        "      │           └ − ┬ −− bad",
        "      │               └ 0  film",
        "      └ 0  .",
    ]


def test_deepest_phrases_of_a_deep_tree_are_not_split():
    assert drawn(Tree(WORDS, right_branching(7), (2,) * 13), width=36) == [
        "0 ┬0  It",
        "  └0 ┬0  's",
        "     └0 ┬0  not",
        "        └0  a bad film .",
    ]


def test_nodes_with_one_or_three_children():
    tree = Tree(("a", "b", "c"), ((0, 1, 2), (3,)), (2, 3, 1, 0, 4))
    assert drawn(tree) == ["++─ −−┬ 0  a", "      ├ +  b", "      └ −  c"]


def test_colors_are_optional():
    plain = printed(a_result(TREE), no_color=True)
    coloured = printed(a_result(TREE), force_terminal=True, color_system="truecolor")
    assert "\x1b[" not in plain
    assert "48;2;33;102;172m++" in coloured


def test_distributions_and_problems():
    text = printed(a_result(TREE, ("a problem",)))
    assert text.splitlines()[0] == "It 's not a bad film ."
    assert " ++ very positive " in text.splitlines()[1]
    assert "−− ▁ 10%   − ▁ 10%   0 ▁ 10%   + ▁ 10%   ++ ▅ 60%" in text.splitlines()[1]
    *_, overall, note = text.splitlines()
    assert overall.startswith("Overall")
    assert "very positive" in overall
    assert note == "Note: a problem"


def test_text_without_sentences():
    assert printed(Result("", (), None, ("empty text",))) == "Note: empty text\n"


@pytest.mark.parametrize("shape", [balanced, left_branching, right_branching])
@pytest.mark.parametrize("n", [1, 2, 25, 60, 3000])
@pytest.mark.parametrize("width", [30, 100])
def test_lines_fit_the_console(shape, n, width):
    tree = Tree(("wonderful",) * n, shape(n), (4,) * (2 * n - 1))
    result = tree_lines(tree, width)
    for line in result:
        assert cell_len(line.plain) <= width
    if n <= 25 and width == 100:
        assert [line.plain.split()[-1] for line in result] == ["wonderful"] * n


def test_control_characters_are_removed():
    tree = Tree(("a\x1b[31mred", "b\nc", "\x07"), ((0, 1), (3, 2)), (2,) * 5)
    text = printed(a_result(tree))
    assert not set(text) & {"\x1b", "\x07"}
    assert "a [31mred" in text


@given(st.data())
def test_all_words_and_signs_are_drawn(data):
    n = data.draw(st.integers(1, 20))
    words = tuple(data.draw(st.lists(st.text("abc", min_size=1), min_size=n, max_size=n)))
    labels = tuple(data.draw(st.lists(st.integers(0, 4), min_size=2 * n - 1, max_size=2 * n - 1)))
    roots, children = list(range(n)), []
    while len(roots) > 1:
        at = data.draw(st.integers(0, len(roots) - 2))
        children.append((roots[at], roots[at + 1]))
        roots[at : at + 2] = [n + len(children) - 1]
    result = drawn(Tree(words, tuple(children), labels), width=200)
    assert [line.split()[-1] for line in result] == list(words)
    signs = "".join(result)
    for sign, labels_of_it in (("−", {0: 2, 1: 1}), ("+", {3: 1, 4: 2}), ("0", {2: 1})):
        assert signs.count(sign) == sum(labels_of_it.get(label, 0) for label in labels)
