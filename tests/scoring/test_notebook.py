import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.palette import LOOKS
from treernn.parsing.baselines import ShapeParser, balanced, right_branching
from treernn.scoring.notebook import MAX_NODES, result_html, results_html
from treernn.scoring.result import Result
from treernn.scoring.scorer import Scorer

VOID = {"path", "circle"}  # written with a slash


class Page(HTMLParser):
    """The elements of a page, its text, and its attributes; every element must be closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.attributes, self.words = [], [], [], []
        self.depth = 0
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.open.append(tag)
        self.depth = max(self.depth, len(self.open))
        self.attributes += attributes

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID
        self.elements.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] == "text":
            self.words.append(data)


def test_a_node_for_each_phrase_and_a_line_for_each_edge(scorer):
    result = scorer("A great film, not bad.")
    html = result._repr_html_()
    page, tree = Page(html), result.sentences[0].tree
    assert page.elements.count("circle") == page.elements.count("title") == tree.num_nodes
    assert html.count("M") >= tree.num_nodes - 1
    assert page.words[-len(tree.words) :] == list(tree.words)
    assert page.words[: tree.num_nodes] == [LOOKS[label].sign for label in tree.labels]
    assert "very positive" in html
    assert result.sentences[0]._repr_html_().count("<svg") == 1


def test_the_children_of_a_node_are_below_it(scorer):
    html = scorer("A great film, not bad.")._repr_html_()
    paths = re.findall(r"M(\d+) (\d+)L(\d+) (\d+)", html)
    assert paths
    assert all(int(top) < int(bottom) for _, top, _, bottom in paths)
    width, height = map(int, re.search(r'width="(\d+)" height="(\d+)"', html).groups())
    assert all(0 <= int(x) <= width and 0 <= int(y) <= height for _, _, x, y in paths)


def test_colors_are_those_of_the_terminal(scorer):
    html = scorer("great awful")._repr_html_()
    assert LOOKS[0].paper in html
    assert LOOKS[4].paper in html


def test_several_sentences_have_a_class_of_the_text(scorer):
    html = scorer("Great! Awful. Bad film.")._repr_html_()
    assert html.count("<svg") == 3
    assert html.count("Overall") == 1


def test_what_could_not_be_scored_is_said(scorer):
    html = scorer("")._repr_html_()
    assert "empty text, nothing to score" in html
    assert "<svg" not in html
    assert "U+FFFD" not in html
    assert "surrogates" in scorer("good \ud800")._repr_html_()
    assert "1 &lt; 2" in result_html(Result("", (), None, ("1 < 2",)))


TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script> good & bad",
        "</text></svg><img src=x onerror=alert(1)> good",
        "\"good\" onmouseover='x' `bad`",
        "good \x00\x08\u202e bad ]]> <!-- great",
        "&lt;b&gt; good &amp;",
    ]
)


@given(TEXTS)
def test_text_is_never_markup(scorer, text):
    html = scorer(text)._repr_html_()
    page = Page(html)
    assert set(page.elements) <= {
        *("div", "span", "b", "i", "svg", "path", "g", "title"),
        *VOID,
        "text",
    }
    assert not any(name.startswith("on") or name in ("href", "src") for name, _ in page.attributes)
    assert all(c.isprintable() or c == "\n" for c in html)
    html.encode()


@pytest.mark.parametrize("shape", [balanced, right_branching])
def test_a_very_long_sentence(scorer, shape):
    """Depth costs no nesting, which browsers limit."""
    text = " ".join(["not a good film"] * 300)
    html = Scorer(ShapeParser(shape), scorer.classifier)(text)._repr_html_()
    assert html.count("<circle") > 2_000
    assert Page(html).depth < 10
    assert int(re.search(r'height="(\d+)"', html)[1]) < 1_000


def test_many_sentences(scorer):
    """The first trees are drawn; the others would slow down the notebook."""
    result = scorer("A good film. " * 2_000)
    html = result._repr_html_()
    assert 0 < html.count("<circle") <= MAX_NODES
    assert html.count("A good film.") >= 2_000


def test_a_list_of_results(scorer):
    html = results_html(scorer.score_many(["good", "", "<b>bad"] * 50))
    assert Page(html).elements.count("div") >= 100
    assert "and 50 more" in html
    assert "<b>" not in html
    assert "nothing to score" in html


def test_probabilities_of_the_bar(scorer):
    result = scorer("great")
    widths = [
        float(each) for each in re.findall(r"height:100%;width:([\d.]+)%", result._repr_html_())
    ]
    assert widths == pytest.approx(100 * np.array(result.probabilities), abs=0.06)
