"""Labelled sentences from tables, and an error for every kind of faulty row."""

import csv
import gzip
import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treernn.corpora.labelled import (
    FIVE_CLASSES,
    find_scale,
    read_labelled,
    read_labelled_tables,
)
from treernn.corpora.targets import target_of_class, targets_of_labels
from treernn.errors import DataError, DataWarning, MissingDataError
from treernn.types import LABELS


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "reviews.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def scale_of(*paths):
    return read_labelled_tables(paths)[0]


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


@pytest.mark.filterwarnings("ignore:.* are read as ")
def test_other_column_names(tmp_path: Path) -> None:
    path = write(tmp_path, "review,stars,text\nfine,3,x\n")
    assert read_labelled(path, text="review", label="stars") == [("fine", 3)]


@pytest.mark.filterwarnings("ignore:.* are read as ")
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


@pytest.mark.filterwarnings("ignore:.* are read as ")
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
    scales = {(0, 1): (1, 3), (0, 1, 2): (1, 2, 3)}
    classes = scales.get(tuple(sorted({label for _, label in rows})))
    assert read_labelled(path) == [
        (text, classes[label] if classes else label) for text, label in rows
    ]


QUOTES = "not CSV, do its quotation marks match?"
EXPECTED = (
    "expected 0 to 4, or very negative, negative, neutral, positive or very positive; or 1 to 5, "
    "if all of them occur"
)


@pytest.mark.filterwarnings("ignore:.*2 columns are called", "ignore:.* is empty in 1 row")
@pytest.mark.parametrize(
    ("content", "where", "problem"),
    [
        ("", "", "empty, expected a line of column names"),
        ("\n\n", "", "empty, expected a line of column names"),
        ("text,class\na,1\n", ":1", "no column 'label', the header has text, class"),
        ("good film,1\n", ":1", "no column 'text', the header has good film, 1"),
        ("text,label,text\n", ":1", "no column 'text', the header has text (1), label, text (2)"),
        ("text,label\na,5\n", ":2", f"label '5', {EXPECTED}"),
        ("text,label\n ,1\na,x\n", ":3", f"label 'x', {EXPECTED}"),
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


@pytest.mark.filterwarnings("ignore:.* are read as ")
@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ("0 1", [1, 3]),
        ("1 0 1 0", [3, 1, 3, 1]),
        ("0.0 1.0", [1, 3]),
        ("-1 1", [1, 3]),
        ("-1 0 1", [1, 2, 3]),
        ("neg pos", [1, 3]),
        ("POS NEG", [3, 1]),
        ("Negative Positive", [1, 3]),
        ("true false", [3, 1]),
        ("True False", [3, 1]),
        ("neg neutral pos", [1, 2, 3]),
        ("0 1 2", [1, 2, 3]),
        ("2.0 0.0 1", [3, 1, 2]),
        ("pos", [3]),
    ],
)
def test_labels_that_are_not_on_the_scale_of_five(tmp_path, labels, classes):
    labels = labels.split()
    path = write(tmp_path, "text,label\n" + "".join(f"a,{label}\n" for label in labels))
    assert [label for _, label in read_labelled(path)] == classes
    scale = scale_of(path)
    assert {*scale.coarse} == {*labels}
    assert scale.two_classes == (2 not in classes)
    number = "three" if 2 in classes else "two"
    assert f" are {number} classes: " in scale.describe()


@pytest.mark.filterwarnings("ignore:.* are read as ")
@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ("4.0 3.0 0.0", [4, 3, 0]),
        ("0 4", [0, 4]),
        ("1 3", [1, 3]),
        ("1", [1]),
        ("0", [0]),
        ("negative neutral positive", [1, 2, 3]),
        ("negative very_negative", [1, 0]),
        ("5 1 2.0 3 4", [4, 0, 1, 2, 3]),
        ("Very  Positive 4 0", None),
    ],
)
def test_labels_on_the_scale_of_five(tmp_path, labels, classes):
    labels = labels.replace("Very  Positive", "Very_Positive").split()
    path = write(tmp_path, "text,label\n" + "".join(f"a,{label}\n" for label in labels))
    assert [label for _, label in read_labelled(path)] == (classes or [4, 4, 0])
    assert scale_of(path).coarse == ()


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ("0 1 2", "0, 1 and 2 are read as negative, neutral and positive; write their names if "),
        ("1", "1 are read as classes of 0 "),
        ("1 3 4", "1, 3 and 4 are read as classes of 0 "),
    ],
)
def test_numbers_that_may_mean_something_else(tmp_path, labels, shown):
    path = write(tmp_path, "text,label\n" + "".join(f"a,{label}\n" for label in labels.split()))
    with pytest.warns(DataWarning, match=f": the labels {shown}") as said:
        scale = scale_of(path)
    assert len(said) == 1
    assert scale == FIVE_CLASSES or "negative, neutral" in shown


def test_stars(tmp_path):
    path = write(tmp_path, "text,label\n" + "".join(f"a,{n}\n" for n in (1, 2, 3, 4, 5)))
    scale = scale_of(path)
    assert (scale.count, scale.two_classes) == (5, False)
    assert scale.describe() == "the labels 1 to 5 are five classes: very negative to very positive"
    assert targets_of_labels("12345")["5"] == target_of_class(4)
    with path.open("a") as file:
        file.write("b,0.5\n")
    with pytest.raises(DataError, match=r":7: label '0\.5', expected 1 to 5, as in other rows$"):
        read_labelled(path)


def test_the_scale_is_that_of_all_tables(tmp_path):
    train, dev = tmp_path / "train.csv", tmp_path / "dev.csv"
    train.write_text("text,label\na,0\nb,1\n")
    dev.write_text("text,label\na,1\n")
    scale, tables = read_labelled_tables([train, dev])
    assert scale.two_classes
    assert tables == [[("a", 1), ("b", 3)], [("a", 3)]]
    dev.write_text("text,label\na,4\n")
    scale, tables = read_labelled_tables([train, dev])
    assert not scale.two_classes
    assert tables == [[("a", 0), ("b", 1)], [("a", 4)]]
    assert not find_scale([]).coarse


def test_rows_without_a_text_or_a_label_are_left_out(tmp_path):
    content = "id,text,label\n1,good,4\n2, ,0\n3,bad,0\n4,,\n"
    path = write(tmp_path, content)
    note = "column 'text' or 'label' is empty in 2 rows, which are left out: lines 3, 5"
    with pytest.warns(DataWarning) as said:
        assert read_labelled(path) == [("good", 4), ("bad", 0)]
    assert [str(each.message) for each in said] == [f"{path}: {note}"]
    path = write(tmp_path, content + "".join(f"{n},x,\n" for n in range(1100)))
    with pytest.warns(DataWarning, match="in 1,102 rows, .* lines 3, 5, 6, 7, 8 and 1,097 more$"):
        read_labelled(path)
    (tmp_path / "a.jsonl").write_text(
        '{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n{"text": null, "label": 1}\n'
    )
    with pytest.warns(DataWarning, match="is empty in 1 row, which is left out: line 3$"):
        assert read_labelled(tmp_path / "a.jsonl") == [("good", 3), ("bad", 1)]
    path = write(tmp_path, "text,label\n,\n")
    with pytest.warns(DataWarning, match="1 row"):
        assert read_labelled(path) == []


def test_values_that_pandas_has_not(tmp_path):
    """It writes a missing value as nothing, in any format, and then whole numbers as floats."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": ["good", None, "bad", "so"], "label": [1, 1, 0, None]})
    writers = {"a.csv": frame.to_csv, "a.parquet": frame.to_parquet, "a.xlsx": frame.to_excel}
    for name, write_to in writers.items():
        if name == "a.xlsx":
            pytest.importorskip("openpyxl")
        write_to(tmp_path / name, index=False)
        with pytest.warns(DataWarning, match="is empty in 2 rows"):
            assert read_labelled(tmp_path / name) == [("good", 3), ("bad", 1)]
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    with pytest.warns(DataWarning, match="is empty in 2 rows"):
        assert read_labelled(tmp_path / "a.jsonl") == [("good", 3), ("bad", 1)]


@pytest.mark.parametrize("label", ["3.5", "5", "nan", "inf", "-1", "1e3", "neg ative"])
def test_labels_that_are_no_class(tmp_path, label):
    path = write(tmp_path, f"text,label\na,{label}\nb,2\nc,4\n")
    with pytest.raises(DataError, match=f":2: label '{label}', expected 0 to 4"):
        read_labelled(path)


def test_tables_of_any_kind(tmp_path):
    """The same opener as that of scoring."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    expected = [("née, a film", 4), ("b", 0)]
    table = pa.table({"Text": ["née, a film", "b"], "label": [4, 0]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read_labelled(tmp_path / "a.parquet") == expected
    objects = '[{"text": "née, a film", "label": 4.0}, {"text": "b", "label": 0}]'
    (tmp_path / "a.json").write_text(objects)
    assert read_labelled(tmp_path / "a.json") == expected
    content = " Text ;LABEL\rnée, a film;4\rb;0\r"
    (tmp_path / "a.csv").write_bytes(content.encode("utf-16"))
    assert read_labelled(tmp_path / "a.csv") == expected
    (tmp_path / "a.csv").write_bytes(content.replace(";", "^").encode("cp1252"))
    assert read_labelled(tmp_path / "a.csv", encoding="cp1252", delimiter="^") == expected


def test_labels_of_excel(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["text", "label"], ["good", 1], ["bad", 0.0]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read_labelled(tmp_path / "a.xlsx") == [("good", 3), ("bad", 1)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes")
def test_a_pipe_is_read_once(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("text,label\ngood,1\nbad,0\n",))
    writer.start()
    scale, [found] = read_labelled_tables([path])
    assert (scale.two_classes, found) == (True, [("good", 3), ("bad", 1)])
    writer.join()


@pytest.mark.parametrize(
    ("labels", "wrong", "expected"),
    [
        ("neg pos ?", "?", "neg or pos, as in other rows"),
        ("0 1 maybe", "maybe", "0 or 1, as in other rows"),
        ("0 1 2 maybe", "maybe", "0 or 1 or 2, as in other rows"),
        ("0 1 3 maybe", "maybe", "0 to 4, or very negative, negative, neutral, positive or very"),
        ("0 1 good", "good", "0 to 4, or very negative, negative, neutral, positive or very"),
    ],
)
def test_a_wrong_label_does_not_change_the_scale(tmp_path, labels, wrong, expected):
    rows = "".join(f"a,{label}\n" for label in labels.split())
    with pytest.raises(DataError) as raised:
        read_labelled(write(tmp_path, f"text,label\n{rows}"))
    assert f":{len(labels.split()) + 1}: label '{wrong}', expected {expected}" in str(raised.value)
