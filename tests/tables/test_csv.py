import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.tables import csv as tables_csv
from treernn.tables.csv import write_csv

# The values that CSV and JSON can hold, and those that trip up readers of them.
ODD = st.text(st.sampled_from("a\"',;\t\n\r\\ é😀\u2028\x00\x85\ufeff{}[]"), min_size=1, max_size=8)
TEXTS = ODD | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def test_all_columns_are_read_as_they_are(tmp_path, read):
    content = '\ufeffid,text,n\r\n01,"A ""fine"",\r\nlong one",1.50\r\n\r\n2,née,\n'
    first, second = read(tmp_path / "a.csv", content)
    assert (first.place, first.error) == ("lines 2 to 3", None)
    assert first.values == {"id": "01", "text": 'A "fine",\r\nlong one', "n": "1.50"}
    assert second.place == "line 5"
    assert second.values == {"id": "2", "text": "née", "n": ""}


@pytest.mark.parametrize(
    "slip",
    [
        b'2,"open,x',
        b'2,"open" and on,x',
        b'2,"good "quoted" film",x',
        b'2,"never \x00 closed\xff',
    ],
)
def test_a_slip_of_quotation_marks_costs_its_own_line(tmp_path, read, slip):
    after = b'3,"fine, ""really""",y\n4,"two\nlines",y\n' + b"5,more,y\n" * 5
    records = read(tmp_path / "a.csv", b"id,text,n\n1,good,x\n" + slip + b"\n" + after)
    assert records[1].error.startswith("not CSV, do its quotation marks match? (")
    assert [record.place for record in records[:5]] == [
        "line 2",
        "line 3",
        "line 4",
        "lines 5 to 6",
        "line 7",
    ]
    texts = [record.values["text"] for record in records]
    assert texts == ["good", None, 'fine, "really"', "two\nlines", *["more"] * 5]


def test_an_open_quotation_mark_does_not_swallow_a_long_file(tmp_path, read, monkeypatch):
    monkeypatch.setattr(tables_csv, "MAX_FIELD", 5_000)
    limit = csv.field_size_limit(5_000)
    try:
        records = read(tmp_path / "a.csv", b'id,text\n1,"open\n' + b"2,fine\n" * 3_000)
    finally:
        csv.field_size_limit(limit)
    assert [record.values["text"] for record in records] == [None, *["fine"] * 3_000]
    assert "field larger than field limit" in records[0].error


def test_a_bad_record_keeps_what_could_be_read(tmp_path, read):
    records = read(tmp_path / "a.csv", b"id,text\n1\n2,a,b\n3,b\xffd\n")
    assert [(record.values, record.error) for record in records] == [
        ({"id": "1", "text": None}, "1 fields, expected 2"),
        ({"id": "2", "text": "a"}, "3 fields, expected 2"),
        ({"id": "3", "text": "b\ufffdd"}, "text is not UTF-8, try --encoding cp1252"),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "a.csv: empty, expected a line of column names$"),
        (b'id,"text\n1,x\n', r"a.csv: line 1: not CSV, do its quotation marks match\?"),
        (b"id,text,id\n", "a.csv: two columns are called 'id', rename one$"),
    ],
)
def test_a_bad_header(tmp_path, read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.csv", content)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), tab=st.booleans())
def test_any_text_survives(tmp_path_factory, read, rows, tab):
    path = tmp_path_factory.getbasetemp() / ("odd.tsv" if tab else "odd.csv")
    delimiter = "\t" if tab else ","
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    for content in (file.getvalue(), write_csv([("a", "b"), *rows], delimiter)):
        assert [tuple(record.values.values()) for record in read(path, content)] == rows
