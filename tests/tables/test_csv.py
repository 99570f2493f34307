import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import DataWarning, InputError
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
    ],
)
def test_a_bad_header(tmp_path, read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.csv", content)


def test_columns_of_one_name(tmp_path, read):
    with pytest.warns(DataWarning, match="2 columns are called 'id', named 'id .1.' to 'id .3.'"):
        rows = read(tmp_path / "a.csv", b"id,text,id,id (2)\n1,a,2,3\n")
    assert rows[0].values == {"id (1)": "1", "text": "a", "id (3)": "2", "id (2)": "3"}


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), tab=st.booleans())
def test_any_text_survives(tmp_path_factory, read, rows, tab):
    path = tmp_path_factory.getbasetemp() / ("odd.tsv" if tab else "odd.csv")
    delimiter = "\t" if tab else ","
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    for content in (file.getvalue(), write_csv([("a", "b"), *rows], delimiter)):
        assert [tuple(record.values.values()) for record in read(path, content)] == rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, read, delimiter):
    rows = [("id", "text", "n"), ("1", "good, really; | \t", "5"), ("2", "bad", "1")]
    content = write_csv(rows, delimiter)
    records = read(tmp_path / "a.csv", content)
    assert [tuple(record.values.values()) for record in records] == rows[1:]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("text\ngood; really\nbad\n", [("good; really",), ("bad",)]),  # a column, not two
        ("id,text\n1,good; x\n2,bad; y\n", [("1", "good; x"), ("2", "bad; y")]),
        ("a;b\n", []),
        ("sep=;\r\nid;text\r\n1;good\r\n", [("1", "good")]),
        ("sep=^\nid^text\n1^good\n", [("1", "good")]),
        ("id;text\n1;a, b\n2;c, d\n3;e\n", [("1", "a, b"), ("2", "c, d"), ("3", "e")]),
    ],
)
def test_delimiters_that_are_clear(tmp_path, read, content, rows):
    records = read(tmp_path / "a.csv", content)
    assert [tuple(record.values.values()) for record in records] == rows


def test_named_delimiters(tmp_path, read):
    for name, delimiter in (("^", "^"), ("tab", "\t"), ("\\t", "\t"), (" ", " ")):
        [record] = read(tmp_path / "a.csv", f"id{delimiter}text\n1{delimiter}a;b\n", delimiter=name)
        assert record.values == {"id": "1", "text": "a;b"}
    for name in ("", "||", '"', "\n", "\\"):
        with pytest.raises(
            InputError, match=r"the delimiter is .*, expected one character, or tab"
        ):
            read(tmp_path / "a.csv", "id,text\n", delimiter=name)
    with pytest.raises(InputError, match="--delimiter is for CSV and TSV, not for jsonl"):
        read(tmp_path / "a.jsonl", "{}", delimiter=";")


def test_lines_that_end_with_a_carriage_return(tmp_path, read):
    content = 'id,text\r1,good\r\r2,"x\ny"\r3,bad'
    records = read(tmp_path / "a.csv", content)
    assert [(record.place, record.values["text"]) for record in records] == [
        ("line 2", "good"),
        ("line 4", "x\ny"),
        ("line 5", "bad"),
    ]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (r'"say \"hi\""', 'say "hi"'),
        (r'"\"hi\" she said"', '"hi" she said'),
        (r'"ends \""', 'ends "'),
        ('"two\nlines \\"x\\" here"', 'two\nlines "x" here'),
        (r'"a \"b\", c\\d"', 'a "b", c\\d'),
        (r'"C:\"', "C:\\"),  # as RFC 4180 reads it
        (r'"a\nb"', r"a\nb"),
        (r"C:\x", r"C:\x"),
    ],
)
def test_quotes_escaped_by_backslashes(tmp_path, read, field, text):
    records = read(tmp_path / "a.csv", f'id,text,n\n1,{field},x\n2,fine,y\n3,"ok, ",z\n')
    texts = [(record.values["text"], record.values["n"]) for record in records]
    assert texts == [(text, "x"), ("fine", "y"), ("ok, ", "z")]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("id\ttext\n1\ta, b; c\n", [("1", "a, b; c")]),
        ("text\na, b\n", [("a, b",)]),
        ("id,text\n1,a\n", [("1", "a")]),
        ("id,x\ttext\n1\ta, b\n", [("1", "a, b")]),
        ('"id\n"\tx,\ttext\n1\t2,\ta\n', [("1", "2,", "a")]),
    ],
)
def test_tsv_has_tabs_unless_it_clearly_has_not(tmp_path, read, content, rows):
    records = read(tmp_path / "a.tsv", content)
    assert [tuple(record.values.values()) for record in records] == rows
