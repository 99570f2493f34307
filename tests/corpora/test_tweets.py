"""Tweets: the published ones, their parts, and errors."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treernn.corpora import tweets
from treernn.corpora.distinct import text_key
from treernn.corpora.targets import TargetText, target_of_side
from treernn.errors import DataError, MissingDataError

NEGATIVE, NEUTRAL, POSITIVE = map(target_of_side, ("negative", "neutral", "positive"))


def write(folder, *rows):
    path = folder / "semeval-tweets.tsv"
    path.write_text("".join(f"{row}\n" for row in ("part\tlabel\ttext", *rows)), "utf-8")
    return path


def test_published_tweets(data_file):
    parts = tweets.load(data_file("semeval-tweets.tsv.gz"))
    assert [len(part) for part in parts] == [45_427, 1_997, 1_993]
    assert Counter(each.target for each in parts.test) == {
        NEGATIVE: 323,
        NEUTRAL: 681,
        POSITIVE: 989,
    }
    keys = [text_key(each.text) for part in parts for each in part]
    assert len(keys) == len({*keys})
    assert not any('\\"' in each.text for part in parts for each in part)


def test_parts_and_quotation_marks(tmp_path):
    path = write(
        tmp_path,
        "2016dev\tneutral\tThe news @ann http://t.co/x",
        "2013train\tpositive\tthe NEWS @bob",
        '2013train\tpositive\tIt said: \\"great fun\\',
        "2014test\tnegative\trock \\m/ no\\",
        "2016devtest\tPositive\tHappy :)",
    )
    assert tweets.load(path) == (
        [
            TargetText.whole('It said: "great fun"', POSITIVE),
            TargetText.whole("rock \\m/ no\\", NEGATIVE),
        ],
        [TargetText.whole("The news @ann http://t.co/x", NEUTRAL)],
        [TargetText.whole("Happy :)", POSITIVE)],
    )
    assert tweets.load(tmp_path) == tweets.load(path)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2016dev\tmixed\tno", ":2: label 'mixed', expected negative, neutral, positive"),
        ("2016dev\tneutral\t ", ":2: column 'text' is empty, expected a tweet"),
        ("2016dev\tneutral", ":2: 2 fields, expected 3"),
    ],
)
def test_faulty_rows(tmp_path, row, problem):
    path = write(tmp_path, row)
    with pytest.raises(DataError) as raised:
        tweets.load(path)
    assert str(raised.value) == f"{path}{problem}"


@pytest.mark.usefixtures("cache")
def test_missing_tweets(tmp_path):
    with pytest.raises(
        MissingDataError, match=r"no semeval-tweets\.tsv in this folder; get it from"
    ):
        tweets.load(tmp_path)
    with pytest.raises(MissingDataError, match="SemEval tweets cannot be found: put"):
        tweets.load()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text("abc :)é😀'", min_size=1).map(str.strip).filter(bool).map(str.lower),
        st.tuples(
            st.sampled_from(["2016dev", "2016devtest", "2013train"]),
            st.sampled_from(["negative", "neutral", "positive"]),
        ),
    )
)
def test_reads_what_was_written(tmp_path, rows):
    path = write(tmp_path, *(f"{part}\t{label}\t{text}" for text, (part, label) in rows.items()))
    found = {
        each.text: (name, each.target)
        for name, part in zip(
            ("2013train", "2016dev", "2016devtest"), tweets.load(path), strict=True
        )
        for each in part
    }
    keys = Counter(map(text_key, rows))
    for text, (part, label) in rows.items():
        if keys[text_key(text)] == 1:
            assert found[text] == (part, target_of_side(label))
