"""Pros and cons: the published ones, texts of several lines, and errors."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treernn.corpora import pros_cons
from treernn.corpora.distinct import fraction_of
from treernn.corpora.targets import TargetText, target_of_side
from treernn.errors import DataError

NEGATIVE, POSITIVE = map(target_of_side, ("negative", "positive"))


def write(folder, content):
    path = folder / "pros-cons.tsv"
    path.write_bytes(content.encode())
    return path


def test_published_lists(data_file):
    parts = pros_cons.load(data_file("pros-cons-half.tsv.gz"))
    assert [len(part) for part in parts] == [16_443, 2_018, 2_047]
    assert Counter(each.target for each in parts.test) == {NEGATIVE: 1_028, POSITIVE: 1_019}
    texts = [each.text for part in parts for each in part]
    assert "Coverage all over the planet.\nVery long battery life." in texts
    assert not any("\r" in text or text != text.strip() for text in texts)
    for part, low, high in zip(parts, (0, 0.8, 0.9), (0.8, 0.9, 1), strict=True):
        assert all(low <= fraction_of(each.text.lower()) < high for each in part)


def test_lines_without_a_label_continue_a_text(tmp_path):
    path = write(
        tmp_path,
        "label\ttext\r\npositive\t Good.\r\n\r\nCheap.\r\nnegative\tSlow\r\npositive\t \r\n",
    )
    parts = pros_cons.load(path)
    assert sorted((each for part in parts for each in part), key=lambda each: each.text) == [
        TargetText.whole("Good.\n\nCheap.", POSITIVE),
        TargetText.whole("Slow", NEGATIVE),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", ":1: expected a header with the columns label and text"),
        ("text\tlabel\n", ":1: expected a header with the columns label and text"),
        ("label\ttext\n", ": no texts in it"),
        ("label\ttext\nGood.\n", ":2: expected negative or positive, a tab and a text"),
        (
            "label\ttext\npositive\tGood\nneutral\tGood\n",
            ":3: expected negative or positive, a tab and a text",
        ),
    ],
)
def test_faulty_files(tmp_path, content, problem):
    path = write(tmp_path, content)
    with pytest.raises(DataError) as raised:
        pros_cons.load(path)
    assert str(raised.value) == f"{path}{problem}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text("abc.é,", min_size=1), st.sampled_from(["negative", "positive"]), min_size=1
    )
)
def test_reads_what_was_written(tmp_path, rows):
    path = write(
        tmp_path, "label\ttext\n" + "".join(f"{label}\t{text}\n" for text, label in rows.items())
    )
    found = {each.text: each.target for part in pros_cons.load(path) for each in part}
    assert found == {text: target_of_side(label) for text, label in rows.items()}
