import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn import palette
from treernn.scoring import page as pages
from treernn.scoring.result import Result
from treernn.scoring.script import SCRIPTS, bundled


class Page(HTMLParser):
    """The elements of a page, and the text of each."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.attributes = [], {}, {}
        self.inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.inside = True
        self.attributes[tag, self.elements.count(tag)] = dict(attributes)

    def handle_endtag(self, tag):  # noqa: ARG002
        self.inside = False

    def handle_data(self, data):
        if not self.inside:
            return
        place = self.elements[-1], self.elements.count(self.elements[-1])
        self.texts[place] = self.texts.get(place, "") + data


def held(text):
    """What a page has of its results."""
    return json.loads(Page(text).texts["script", 1])


def test_a_page_has_its_result(scorer):
    result = scorer("A great film, not bad. Awful!")
    [row] = held(result.to_html())["rows"]
    assert row["row"] == 1
    answer = row["answer"]
    assert answer.pop("explanations") == [each.to_dict() for each in result.explain()]
    assert answer == result.to_dict(texts=False)


TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        "</script><script>alert(1)</script> good",
        "<!-- <script> good",
        "good ]]> & &lt;b&gt; bad",
        "good \u2028 \x85 bad \ud800 \x00",
        "😀 good 👩‍👩‍👧 جيد",
    ]
)


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_text_is_data(scorer, texts):
    results = scorer.score_many(texts)
    text = results.to_html()
    text.encode()
    page = Page(text)
    assert page.elements == [
        *("html", "head", "meta", "meta", "meta", "title", "style", "body", "main"),
        *("script", "script"),
    ]
    rows = held(text)["rows"]
    assert [row["answer"]["text"] for row in rows] == [result.text for result in results]


def test_the_policy_allows_the_file_and_nothing_else(scorer):
    page = Page(scorer("Good.").to_html())
    policy = page.attributes["meta", 2]["content"]
    for name, content in (
        ("script-src", page.texts["script", 2]),
        ("style-src", page.texts["style", 1]),
    ):
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert not re.search("unsafe|https?:", policy)
    assert not re.search(r"\b(?:src|href)=|url\(|@import", page.texts["style", 1])


def test_a_file_is_bounded_and_says_so(scorer, monkeypatch):
    results = scorer.score_many(["A great film."] * 10)
    head, trees = pages.line(results[0], 1, "").split("\t")
    monkeypatch.setattr(pages, "MAX_TREES", 3 * len(trees) + 10)
    monkeypatch.setattr(pages, "MAX_FILE", 3 * len(trees) + 6 * len(head))
    page = held(results.to_html())
    with_trees = [row for row in page["rows"] if "sentences" in row["answer"]]
    assert 3 == len(with_trees) < len(page["rows"]) < 10
    assert page["rows"][: len(with_trees)] == with_trees
    assert page["treeless"] == len(page["rows"]) - len(with_trees)
    assert page["missing"] == 10 - len(page["rows"])
    assert all(row["answer"]["label"] for row in page["rows"])


def test_the_first_text_has_its_trees_however_long(scorer, monkeypatch):
    monkeypatch.setattr(pages, "MAX_TREES", 10)
    monkeypatch.setattr(pages, "MAX_FILE", 10)
    page = held(scorer("A great film, not bad.").to_html())
    assert page["rows"][0]["answer"]["sentences"][0]["tree"]
    assert (page["missing"], page["treeless"]) == (0, 0)


def test_a_text_without_a_score(scorer):
    [row] = held(scorer("").to_html())["rows"]
    assert row["answer"]["label"] is None
    assert row["answer"]["problems"] == ["empty text, nothing to score"]
    assert "1 \\u003c 2" in Result("", (), None, ("1 < 2",)).to_html()


def test_a_table_with_errors_becomes_a_page(in_process, tmp_path):
    source, out = tmp_path / "reviews.csv", tmp_path / "reviews.html"
    source.write_text('text,label\n"Great, isn\'t it?",4\n,1\n</script>awful,0\n')
    status, _, err = in_process("score", source, "--parser", "balanced", "-o", out, "--jobs", 1)
    assert status == 1
    assert err.count("text is empty") == 1
    rows = held(out.read_text())["rows"]
    assert [row["row"] for row in rows] == [1, 2, 3]
    assert [bool(row["answer"]["label"]) for row in rows] == [True, False, True]
    assert "line 3: text is empty" in rows[1]["error"]
    assert rows[2]["answer"]["text"] == "</script>awful"
    assert rows[0]["answer"]["sentences"][0]["tree"]["children"]


def test_texts_of_the_command_line_become_a_page(in_process, tmp_path):
    out = tmp_path / "trees.htm"
    assert in_process("score", "Great.", "Bad!", "--explain", "-o", out)[0] == 0
    assert len(held(out.read_text())["rows"]) == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--format", "html"], "html cannot be printed, write it to a file with -o"),
        (["-o", "x.html.gz"], "x.html.gz: html cannot be compressed, leave out .gz"),
        (["--level", "phrase", "-o", "x.html"], "--level needs a format with columns"),
    ],
)
def test_what_a_page_cannot_be(in_process, tmp_path, monkeypatch, options, problem):
    monkeypatch.chdir(tmp_path)
    status, out, err = in_process("score", "Great.", *options)
    assert (status, out) == (2, "")
    assert problem in err
    assert list(tmp_path.iterdir()) == []


def test_the_palette_of_pages_is_that_of_the_terminal():
    written = (SCRIPTS / "result" / "palette.js").read_text("utf-8")
    assert written == palette.module(), "run python -m treernn.palette"


@pytest.mark.parametrize("name", ["file.js"])
def test_modules_can_be_put_into_one_script(name):
    """Names are unique, and nothing is left that needs another file."""
    script = bundled(SCRIPTS / name)
    names = re.findall(r"^(?:const|let|class|(?:async )?function) (\w+)", script, re.MULTILINE)
    assert len(names) > 40
    assert sorted(names) == sorted(set(names))
    assert not re.search(r"^(?:import|export) ", script, re.MULTILINE)
    assert "</script" not in script
    assert "<!--" not in script
    assert "\r" not in script


def test_both_languages_have_the_same_keys():
    files = [SCRIPTS / "strings" / name for name in ("en.js", "zh-hant.js")]
    keys = [re.findall(r"^  (\w+):", file.read_text("utf-8"), re.MULTILINE) for file in files]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 40
