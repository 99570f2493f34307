"""Functions of the page's modules, with any input, beside those of Python that do the same."""

import csv
import io
import json

import browsing
import numpy as np
import pytest
from any_trees import trees
from hypothesis import example, given, settings
from hypothesis import strategies as st

from treernn.corpora.brackets import format_tree
from treernn.scoring.result import Result
from treernn.scoring.sentence import Sentence
from treernn.types import Token, Tree

pytestmark = pytest.mark.slow

browser = pytest.fixture(scope="module")(browsing.browser)


@pytest.fixture(scope="module")
def call(browser, server):
    """Calls a function of a module with values that JSON can carry."""
    with browsing.opened(browser, f"{server.url}/") as it:

        def run(module, code, value):
            script = f"async (value) => {{ const m = await import('/{module}'); return {code}; }}"
            return it.page.evaluate(script, value)

        yield run


def labelled(tree):
    """The tree with a class at every node."""
    return tree.with_labels([max(label, 0) for label in tree.labels or [1] * tree.num_nodes])


def scored(tree):
    """A result whose one sentence has this tree, its words with spaces in between."""
    tokens, at = [], 0
    for word in tree.words:
        tokens.append(Token(word, at, at + len(word)))
        at += len(word) + 1
    text = " ".join(tree.words)
    rows = np.eye(5, dtype=np.float32)[list(tree.labels)]
    sentence = Sentence(text, 0, len(text), tuple(tokens), tree, rows)
    return Result(text, (sentence,), tuple(rows[-1].tolist()))


@given(trees().map(labelled))
@settings(max_examples=150)
@example(
    Tree(
        ("-LRB-", "a/b", "\\", "😀(é", "x-LSB-*"),
        ((0, 1), (2, 3), (5, 6), (7, 4)),
        (0, 1, 2, 3, 4, 0, 1, 2, 3),
    )
)
def test_brackets_are_those_of_python(call, tree):
    answer = json.loads(scored(tree).to_json())
    model = "await import('/result/model.js')"
    code = (
        f"(({model}).readResult(value).sentences)"
        ".map(({nodes}) => ({nodes, brackets: m.toBrackets(nodes)}))[0]"
    )
    found = call("result/brackets.js", code, answer)
    nodes = found["nodes"]
    assert found["brackets"] == format_tree(tree)
    assert [node["text"] for node in nodes if not node["children"]] == [*tree.words]
    assert sum(bool(node["children"]) for node in nodes) == len(tree.children)


CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=9
)
ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=4)
)


@given(ROWS, st.sampled_from(",;\t|"))
@settings(max_examples=150)
def test_tables_are_read_as_python_writes_them(call, rows, delimiter):
    rows = [["first", *"name" * (len(rows[0]) - 1)], *rows]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    assert call("page/csv.js", "m.parseTable(value)", file.getvalue()) == rows


@given(ROWS)
@settings(max_examples=100)
def test_python_reads_the_tables_that_are_written(call, rows):
    text = call("page/csv.js", "m.writeTable(value)", rows)
    read = [*csv.reader(io.StringIO(text, newline=""))]
    for row, cells in zip(rows, read, strict=True):
        for value, cell in zip(row, cells, strict=True):
            assert cell in (value, f"'{value}")
            assert not cell.startswith(("=", "@"))


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(sum))
@settings(max_examples=100)
def test_percentages_add_up(call, values):
    shares = [value / sum(values) for value in values]
    whole = call("result/bar.js", "m.wholePercentages(value)", shares)
    assert sum(whole) == 100
    assert all(abs(100 * share - each) < 1 for share, each in zip(shares, whole, strict=True))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.integers(2, 10))
@settings(max_examples=100)
@example("👩‍👩‍👧" * 20, 5)
def test_texts_are_cut_between_characters(call, text, limit):
    code = "m.shortened(value[0], value[1])"
    cut = call("result/layout.js", code, [text, limit])
    cut.encode()
    assert cut == " ".join(cut.split(" "))
    if len(text.encode("utf-16-le")) <= 2 * limit:
        assert "…" not in cut or "…" in text
