"""VADER's lexicon: the published one, and errors."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treernn.corpora import lexicon
from treernn.errors import DataError


def test_published_lexicon(data_file):
    path = data_file("nltk-vader_lexicon.zip")
    train, dev, test = lexicon.load(path)
    assert (len(train), len(dev), len(test)) == (6_777, 725, 0)
    scores = lexicon.scores(path)
    assert {"good": 1.9, ":(": -1.9}.items() <= scores.items()
    for each in (*train, *dev):
        mean = sum(label * value for label, value in enumerate(each.target))
        assert 2 * mean - 4 == pytest.approx(scores[each.text])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text("abc :()'é", min_size=1).map(str.strip).filter(bool),
        st.floats(-4, 4).map(lambda value: round(value, 1)),
        min_size=1,
    )
)
def test_reads_what_was_written(tmp_path, entries):
    path = tmp_path / "vader_lexicon.txt"
    lines = (f"{entry}\t{score}\t0.5\t[1, 2]\n" for entry, score in entries.items())
    path.write_text("".join(lines), "utf-8")
    assert lexicon.scores(path) == entries


def test_of_an_entry_that_occurs_twice_the_last(tmp_path):
    path = tmp_path / "vader_lexicon.txt"
    path.write_text("lol\t1.0\n\nlol\t2.0\n")
    assert lexicon.scores(path) == {"lol": 2.0}


@pytest.mark.parametrize(
    ("content", "line"),
    [("good\n", ":1"), ("good\t1\nbad\tx\n", ":2"), ("a\t4.1\n", ":1"), ("a\tnan\n", ":1")],
)
def test_faulty_lines(tmp_path, content, line):
    path = tmp_path / "vader_lexicon.txt"
    path.write_text(content)
    with pytest.raises(DataError) as raised:
        lexicon.load(path)
    problem = "expected an entry, a tab and a number from -4 to 4"
    assert str(raised.value) == f"{path}{line}: {problem}"


def test_an_empty_file(tmp_path):
    path = tmp_path / "vader_lexicon.txt"
    path.write_text("\n")
    with pytest.raises(DataError, match="no entries in it"):
        lexicon.load(path)
