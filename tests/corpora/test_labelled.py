"""Labelled sentences from tables, and an error for every kind of faulty row."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treernn.corpora.labelled import read_labelled
from treernn.errors import DataError, MissingDataError
from treernn.types import LABELS


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "reviews.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def test_labels_as_numbers_and_names(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "\ufeffid, label ,text\r\n"
        '1,0,"Bad, ""really""\r\nbad."\r\n'
        "\r\n"
        "2, Very Positive,Great\u2028fun \r\n"
        "3,neutral,meh",
    )
    assert read_labelled(path) == [
        ('Bad, "really"\r\nbad.', 0),
        ("Great\u2028fun ", 4),
        ("meh", 2),
    ]


def test_all_labels(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "text,label\n" + "".join(f"a,{i}\nb,{name}\n" for i, name in enumerate(LABELS)),
    )
    assert [label for _, label in read_labelled(path)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_other_column_names(tmp_path: Path) -> None:
    path = write(tmp_path, "review,stars,text\nfine,3,x\n")
    assert read_labelled(path, text="review", label="stars") == [("fine", 3)]


def test_other_formats(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text\tlabel\nfine, really\t3\n")
    (tmp_path / "a.jsonl").write_text('{"text": "fine, really", "label": 3, "id": null}\n')
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b'label,text\n3,"fine, really"\n'))
    for name in ("a.tsv", "a.jsonl", "a.csv.gz"):
        assert read_labelled(tmp_path / name) == [("fine, really", 3)]
    (tmp_path / "a.jsonl").write_text('{"text": "fine"}\n')
    with pytest.raises(DataError, match="no column 'label', the header has text"):
        read_labelled(tmp_path / "a.jsonl")


def test_header_without_rows(tmp_path: Path) -> None:
    assert read_labelled(write(tmp_path, "text,label\n")) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
                str.strip
            ),
            st.integers(0, 4),
        )
    )
)
def test_reads_what_the_csv_module_writes(tmp_path: Path, rows: list[tuple[str, int]]) -> None:
    path = tmp_path / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    assert read_labelled(path) == rows


QUOTES = "not CSV, do its quotation marks match?"
EXPECTED = "expected 0 to 4, or very negative, negative, neutral, positive or very positive"


@pytest.mark.parametrize(
    ("content", "where", "problem"),
    [
        ("", "", "empty, expected a line of column names"),
        ("\n\n", "", "empty, expected a line of column names"),
        ("text,class\na,1\n", ":1", "no column 'label', the header has text, class"),
        ("good film,1\n", ":1", "no column 'text', the header has good film, 1"),
        ("text,label,text\n", "", "two columns are called 'text', rename one"),
        ("text,label\na,1\n ,2\n", ":3", "column 'text' is empty, expected a sentence"),
        ("text,label\na,5\n", ":2", f"label '5', {EXPECTED}"),
        ("text,label\na,\n", ":2", f"label '', {EXPECTED}"),
        ('text,label\n"a\nb",1\n\nc,good\n', ":5", f"label 'good', {EXPECTED}"),
        ("text,label\na, b,1\n", ":2", "3 fields, expected 2"),
        ("text,label\na\n", ":2", "1 fields, expected 2"),
        ('text,label\na,1\n"b,2\nc,3\n', ":3", f"{QUOTES} (unexpected end of data)"),
        ('text,label\n"a"b,1\n', ":2", f"{QUOTES} (',' expected after '\"')"),
        (b"text,label\ncaf\xe9,1\n", ":2", "text is not UTF-8, try --encoding cp1252"),
    ],
)
def test_faulty_files(tmp_path: Path, content: str | bytes, where: str, problem: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DataError) as raised:
        read_labelled(path)
    assert str(raised.value) == f"{path}{where}: {problem}"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"none\.csv: no such file$"):
        read_labelled(tmp_path / "none.csv")
