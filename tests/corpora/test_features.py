"""Marked features of products: the published ones, what marks mean, and errors."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora import features
from treernn.corpora.features import MarkedSentence, read_reviews
from treernn.errors import DataError

FILE = Path("Nokia.txt")


def test_published_reviews(data_file):
    found = features.load(data_file("product-reviews-1.zip"))
    assert [*found] == ["Apex", "Canon", "Creative", "Nikon", "Nokia"]
    assert [sum(map(len, reviews)) for reviews in found.values()] == [740, 597, 1716, 346, 546]
    assert [len(reviews) for reviews in found.values()] == [99, 45, 95, 34, 40]
    marks = {name for review in found["Nokia"] for each in review for name in each.features}
    assert {"battery life", "speaker phone", "screen", "at&t customer service"} <= marks
    assert "[" not in "".join(marks)
    implied = {name for review in found["Nokia"] for each in review for name in each.implied}
    assert "size" in implied


@pytest.mark.parametrize(
    ("marks", "named", "implied"),
    [
        ("", (), ()),
        ("battery life[+2]", ("battery life",), ()),
        ("sound volume[+1], ear[-2]", ("sound volume", "ear"), ()),
        ("size[+1][u], sturdy[+2]", ("sturdy",), ("size",)),
        ("remote[-1][p]", (), ("remote",)),
        ("screen [-2][cc],weight[-1]", ("screen", "weight"), ()),
        ("menu[+1}, control[+1]", ("menu", "control"), ()),
        ("{camera}[+2]", ("camera",), ()),
    ],
)
def test_marks(marks, named, implied):
    [[sentence]] = read_reviews(f"{marks}##it 's good . \n", FILE)
    assert sentence == MarkedSentence("it's good.", named, implied)


def test_titles_begin_reviews():
    content = "* about\n\n[t] first\nphone[+1]##good phone .\n##yes .\n[t]\n[t] second\n##no .\n"
    found = read_reviews(content, FILE)
    assert [[sentence.text for sentence in review] for review in found] == [
        ["good phone.", "yes."],
        ["no."],
    ]


def test_errors(tmp_path):
    with pytest.raises(DataError, match=r"Nokia\.txt:2: expected marks, ## and a sentence"):
        read_reviews("##good .\nno sentence\n", FILE)
    (tmp_path / "other.txt").write_text("##good .\n")
    with pytest.raises(DataError):
        features.load(tmp_path / "other.txt")


@given(st.text(alphabet="ab[]{}+-2upc, #\n", max_size=80))
def test_any_file_is_read_or_refused_in_one_line(content):
    try:
        found = read_reviews(content, FILE)
    except DataError as error:
        found, message = [], str(error)
    else:
        message = ""
    assert "\n" not in message
    assert all(sentence.text for review in found for sentence in review)
