"""Workbooks of Excel, whose cells are what Excel would save as CSV."""

import datetime
import re
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.errors import DataError, DataWarning, InputError
from treernn.tables import excel
from treernn.tables.open import open_table

openpyxl = pytest.importorskip("openpyxl")

TEXTS = st.sampled_from(["_x000D_", "a_x0041_b", "_x_"]) | st.text(
    st.sampled_from("a=+-@\"',;\t\n\r é😀\u2028\x00\x1f\uffff"), min_size=1, max_size=12
)


def save(path, *rows, sheets=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for sheet in sheets:
        book.create_sheet(sheet).append(["other"])
    book.save(path)
    return path


def read(path):
    with open_table(path) as table:
        return table.columns, [(record.place, record.values) for record in table.records]


def test_cells_are_texts(tmp_path):
    path = save(
        tmp_path / "a.xlsx",
        ["id", "Text", "when", "n", "ok"],
        [1, "A good film", datetime.datetime(2026, 5, 1), 1.5, True],
        [None] * 5,
        [2.0, None, datetime.datetime(2026, 5, 1, 13, 30), 5.0, "#N/A"],
        [3, 10, datetime.date(2026, 1, 2), datetime.time(1, 2), "=1+1"],
        sheets=["more"],
    )
    columns, rows = read(path)
    assert columns == ("id", "Text", "when", "n", "ok")
    assert [(place, [*values.values()]) for place, values in rows] == [
        ("row 2", ["1", "A good film", "2026-05-01", "1.5", "TRUE"]),
        ("row 4", ["2", "", "2026-05-01 13:30:00", "5", "#N/A"]),
        ("row 5", ["3", "10", "2026-01-02", "01:02:00", ""]),  # no value is stored for the formula
    ]


def changed(path, change):
    """A workbook with another sheet, as openpyxl does not write it."""
    with zipfile.ZipFile(path) as source:
        contents = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as out:
        for name, content in contents.items():
            if name.endswith("sheet1.xml"):
                assert change(content) != content
                content = change(content)
            out.writestr(name, content)
    return path


def test_stored_values_of_formulas(tmp_path):
    def store(sheet):
        return re.sub(rb"<v ?/>|<v></v>", b"<v>2</v>", sheet)

    path = changed(save(tmp_path / "a.xlsx", ["text"], ["=1+1"]), store)
    assert read(path)[1] == [("row 2", {"text": "2"})]


def test_wrong_dimensions(tmp_path):
    """As some programs write them."""

    def shrink(sheet):
        return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', sheet)

    path = changed(save(tmp_path / "a.xlsx", ["id", "text"], [1, "good"], [], [2, "bad"]), shrink)
    assert read(path)[1] == [
        ("row 2", {"id": "1", "text": "good"}),
        ("row 4", {"id": "2", "text": "bad"}),
    ]


def test_headers(tmp_path):
    columns, rows = read(save(tmp_path / "a.xlsx", [], ["a", None, "b", None], [1, 2, 3, 4]))
    assert columns == ("a", "B", "b")
    assert rows == [("row 3", {"a": "1", "B": "2", "b": "3"})]
    with pytest.warns(DataWarning, match="2 columns are called 'a'"):
        columns, _ = read(save(tmp_path / "a.xlsx", ["a", "a"]))
    assert columns == ("a (1)", "a (2)")
    with pytest.raises(InputError, match=r"a\.xlsx: the first sheet, Sheet, is empty"):
        read(save(tmp_path / "a.xlsx", sheets=["more"]))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not an Excel workbook, or damaged"),
        (b"PK\x03\x04 nothing more", "not an Excel workbook, or damaged"),
        (b"id,text\n1,good\n", "not an Excel workbook, or damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1" + b"x" * 600, "an old Excel file"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password, save it without one",
        ),
    ],
)
def test_files_that_are_no_workbooks(tmp_path, content, problem):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.xlsx: {problem}"):
        read(tmp_path / "a.xlsx")


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_damaged_workbooks(tmp_path, cut):
    path = save(tmp_path / "a.xlsx", ["text"], *([f"film {n}"] for n in range(500)))
    content = path.read_bytes()
    path.write_bytes(content[: int(cut * len(content))])
    with pytest.raises(InputError, match=r"a\.xlsx: not an Excel workbook, or damaged"):
        read(path)


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "A.XLSB"])
def test_other_spreadsheets(tmp_path, name):
    problem = f"{name}: not a format that can be read, save it as .xlsx or .csv"
    with pytest.raises(InputError, match=problem):
        read(tmp_path / name)


@settings(max_examples=25)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "back.xlsx"
    excel.write_excel(["a", "b"], rows, path)
    columns, found = read(path)
    assert columns == ("a", "b")
    assert [tuple(values.values()) for _, values in found] == rows


def test_texts_that_excel_cannot_hold(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    excel.write_excel(["a", "b"], [("x\x00\x1fy", 0.5), ("z" * 40_000, None)], path)
    assert [values for _, values in read(path)[1]] == [
        {"a": "x\x00\x1fy", "b": "0.5"},
        {"a": "z" * excel.MAX_CELL, "b": ""},
    ]
    monkeypatch.setattr(excel, "MAX_ROWS", 2)
    with pytest.raises(InputError, match="more than 1 rows, which Excel cannot hold"):
        excel.write_excel(["a"], [("x",), ("y",)], path)


def test_without_openpyxl():
    script = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from treernn.tables.open import open_table\n"
        "try:\n    with open_table('a.xlsx'): pass\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "openpyxl is not installed: pip install 'treernn[excel]'\n", done.stderr


def test_a_decompression_bomb(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(70_000_000))
    with pytest.raises(InputError, match="unpacks to 70,000,000 bytes"):
        read(path)


def test_a_row_number_that_no_sheet_has(tmp_path):
    path = changed(
        save(tmp_path / "a.xlsx", ["text"], ["good"]),
        lambda content: content.replace(b'<row r="2"', b'<row r="1e30"'),
    )
    with pytest.raises(DataError, match="at most 1,048,576 rows"):
        read(path)
