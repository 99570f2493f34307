"""Every input format into every output format: no value ends a job, and no row is lost."""

import csv
import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from treernn.errors import DataWarning, InputError
from treernn.scoring.entries import Detail
from treernn.scoring.formats import FORMATS, added_columns
from treernn.scoring.rows import open_rows, score_chunk

OUTPUTS = ("csv", "tsv", "json", "jsonl", "excel", "parquet")

BAD = pa.array([b"a\xff", b"ok"]).view(pa.string())
OFFSETS = pa.array([0, 1, 2], pa.int32())
EXTREME = [-(2**63) + 1, 2**63 - 1]


def lists(type, values=EXTREME, plain="int64"):
    numbers = pa.array([[value] for value in values], pa.list_(pa.type_for_alias(plain)))
    return numbers.cast(pa.list_(type))


# The column "a" of two rows, and its values in JSON.
COLUMNS = {
    "list of dates": (
        lists(pa.date32(), (2**31 - 1, 2_932_897), "int32"),
        [["<value out of range: 2147483647>"], ["10000-01-01"]],
    ),
    "list of timestamps": (
        lists(pa.timestamp("us")),
        [[f"<value out of range: {value}>"] for value in EXTREME],
    ),
    "list of nanoseconds": (
        lists(pa.timestamp("ns"), (1, 2)),
        [[f"1970-01-01 00:00:00.00000000{n}"] for n in (1, 2)],
    ),
    "list of durations": (lists(pa.duration("ms")), [[str(value)] for value in EXTREME]),
    "list of times": (
        lists(pa.time64("ns"), (1, 2**62)),
        [["00:00:00.000000001"], [f"<value out of range: {2**62}>"]],
    ),
    "unknown time zone": (
        pa.array([1, None], pa.timestamp("s", "Nowhere/Land")),
        ["1970-01-01 00:00:01.000Z", None],
    ),
    "list of an unknown zone": (
        pa.array([[1], None], pa.list_(pa.timestamp("s", "Nowhere/Land"))),
        [["1970-01-01 00:00:01.000Z"], None],
    ),
    "list of bad texts": (pa.ListArray.from_arrays(OFFSETS, BAD), [["a\ufffd"], ["ok"]]),
    "bad texts in fields": (
        pa.StructArray.from_arrays([BAD, BAD], ["s", "t"], mask=pa.array([False, True])),
        [{"s": "a\ufffd", "t": "a\ufffd"}, None],
    ),
    "fields of one name": (
        pa.StructArray.from_arrays([BAD, OFFSETS[:2]], ["s", "s"]),
        [[["s", "a\ufffd"], ["s", 0]], [["s", "ok"], ["s", 1]]],
    ),
    "bad keys": (
        pa.MapArray.from_arrays(OFFSETS, BAD, pa.array([1, 2])),
        [[["a\ufffd", 1]], [["ok", 2]]],
    ),
    "list of categories": (
        pa.ListArray.from_arrays(OFFSETS, pa.array(["a", "b"]).dictionary_encode()),
        [["a"], ["b"]],
    ),
    "lists of lists of two": (
        pa.array([[[1, 2], None], None], pa.list_(pa.list_(pa.int8(), 2))),
        [[[1, 2], None], None],
    ),
    "views of texts": (pa.array(["a", None], pa.string_view()), ["a", None]),
    "views of lists": (pa.array([[1], None], pa.list_view(pa.int64())), [[1], None]),
    "infinity in lists": (pa.array([[float("inf")], [1.5]]), [[None], [1.5]]),
}
# The first pyarrow that writes and reads them.
FIRST = {"views of texts": 21, "views of lists": 25, "lists of lists of two": 26}


@pytest.fixture
def convert(scorer, tmp_path):
    """Score a file into one of this format, part by part, and read it: names and rows."""

    def run(path, format, level="review", rows_of_part=1):
        detail = Detail(level)
        added = added_columns(format, "", detail)
        out = tmp_path / f"out.{'xlsx' if format == 'excel' else format}"
        parts = []
        with open_rows(path, reserved=added) as table:
            writer = FORMATS[format](scorer.classifier, table.columns, "", detail)
            for number, chunk in enumerate(table.chunks(rows_of_part, 10**6)):
                parts.append(tmp_path / f"part-{number}")
                parts[-1].write_bytes(writer.encode(score_chunk(scorer.score_many, chunk)))
        writer.join(parts, out)
        return READERS[format](out)

    return run


def read_csv(path, delimiter=","):
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=delimiter, strict=True)
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def read_excel(path):
    header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def read_parquet(path):
    table = pq.read_table(path)
    names = table.column_names
    assert len(set(names)) == len(names)
    return names, [{"label": label} for label in table["label"].to_pylist()]


def no_constant(name):
    raise AssertionError(f"{name} is not JSON")


READERS = {
    "csv": read_csv,
    "tsv": lambda path: read_csv(path, "\t"),
    "json": lambda path: (None, json.loads(path.read_bytes(), parse_constant=no_constant)),
    "jsonl": lambda path: (
        None,
        [json.loads(line, parse_constant=no_constant) for line in path.read_bytes().splitlines()],
    ),
    "excel": read_excel,
    "parquet": read_parquet,
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_values_of_parquet(convert, tmp_path, kind):
    if int(pa.__version__.split(".")[0]) < FIRST.get(kind, 0):
        pytest.skip(f"pyarrow {pa.__version__} cannot write and read {kind}")
    column, values = COLUMNS[kind]
    path = tmp_path / "in.parquet"
    schema = pa.schema({"text": pa.string(), "a": column.type})
    pq.write_table(pa.table([["A good film", "Bad!"], column], schema), path)
    for format in OUTPUTS:
        for rows_of_part in (1, 2):
            _, rows = convert(path, format, rows_of_part=rows_of_part)
            assert [row["label"] for row in rows] == ["neutral", "negative"], format
            if format.startswith("json"):
                assert [row["a"] for row in rows] == values
    assert len(convert(path, "parquet", "phrase")[1]) > 4


DEEP = "[" * 60 + "]" * 60
JSON_VALUES = {
    "lone surrogates": (r'"\ud800"', r'{"\udfff": ["\udc80"]}'),
    "large integers": (str(2**63), "9" * 4000),
    "large integers in lists": (f"[{2**64}]", f'{{"k": {2**63}}}'),
    "integers and floats": (str(2**53 + 1), "0.5"),
    "nothing inside": ("{}", '{"k": [{}]}'),
    "nested": (DEEP, DEEP),
    "nested objects": ('{"k":' * 60 + "1" + "}" * 60, "1"),
    "of all types": ("1", '"x"', "[1]", '{"k": 1}', "true", '[1, "x", null]', "null", "1.5"),
    "not numbers": ("NaN", "[-Infinity]"),
    "odd texts": (r'"\u0000\u001b[31m"', '"=1+1"', '"\u202e\u2028"'),
}


@pytest.mark.parametrize("kind", JSON_VALUES)
def test_values_of_json(convert, tmp_path, kind):
    values = JSON_VALUES[kind]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(f'{{"text": "good", "a": {each}}}\n' for each in values), "utf-8")
    for format in OUTPUTS:
        for rows_of_part in (1, len(values)):
            _, rows = convert(path, format, rows_of_part=rows_of_part)
            assert [row["label"] for row in rows] == ["positive"] * len(values)


def test_large_integers_stay_exact(convert, tmp_path):
    (tmp_path / "in.jsonl").write_text(
        f'{{"text": "good", "a": {2**53 + 1}}}\n{{"text": "good", "a": 0.5}}\n'
    )
    convert(tmp_path / "in.jsonl", "parquet")
    assert pq.read_table(tmp_path / "out.parquet")["a"].to_pylist() == [str(2**53 + 1), "0.5"]


NAMES = ("", "a\nb", "\0", "\x1b[31m", "x" * 1_000_000, "\u2028", "'\"", "=1", "a\ud800")


@pytest.mark.parametrize("input", ["jsonl", "csv", "parquet", "xlsx"])
def test_names_of_columns(convert, tmp_path, input):
    path = tmp_path / f"in.{input}"
    names = [name for name in NAMES if input == "jsonl" or name.isascii()]
    if input == "jsonl":
        path.write_text(json.dumps({"text": "good"} | dict.fromkeys(names, "1")))
    elif input == "csv":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([["text", *names], ["good", *"1" * len(names)]])
    elif input == "parquet":
        pq.write_table(pa.table({"text": ["good"]} | {name: ["1"] for name in names}), path)
    else:
        book = openpyxl.Workbook()
        names = ["a\nb", "x" * 30_000, "'\"", "+1"]
        book.active.append(["text", *names])
        book.active.append(["good", *"1" * len(names)])
        book.save(path)
    for format in OUTPUTS:
        header, [row] = convert(path, format)
        assert row["label"] == "positive"
        assert header is None or len(header) == len(names) + 1 + len(added_columns(format))
        if format.startswith("json"):
            assert row["a\nb"] == "1"


@pytest.mark.parametrize("names", [("id", "text", "id"), ("text", "text")])
@pytest.mark.parametrize("input", ["csv", "tsv", "parquet", "xlsx"])
def test_columns_of_one_name(convert, tmp_path, names, input):
    path = tmp_path / f"in.{input}"
    row = ["good", "fine", "1"][: len(names)]
    if input == "parquet":
        columns = [pa.array([value]) for value in row]
        pq.write_table(pa.Table.from_arrays(columns, [*names]), path)
    elif input == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(names)
        book.active.append(row)
        book.save(path)
    else:
        sign = "," if input == "csv" else "\t"
        path.write_text(f"{sign.join(names)}\n{sign.join(row)}\n")
    warns = pytest.warns(DataWarning, match=f"2 columns are called '{names[0]}'")
    if names[0] == "text":  # it is not clear which
        with (
            warns,
            pytest.raises(InputError, match=r"no column text, its columns are text \(1\), "),
        ):
            convert(path, "csv")
        return
    for format in OUTPUTS:
        with warns:
            header, [row] = convert(path, format)
        if format == "parquet":
            assert [*header][:3] == ["id (1)", "text", "id (2)"]
        else:
            assert {"id (1)": "good", "text": "fine", "id (2)": "1"}.items() <= row.items()


def test_a_name_of_parquet_that_is_not_utf8(convert, tmp_path):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": ["good"], "éé": [1]}), path)
    path.write_bytes(path.read_bytes().replace("éé".encode(), b"\xff\xfe\xfd\xfc"))
    with pytest.raises(InputError, match="the name of a column is not UTF-8"):
        convert(path, "csv")


FORMULAS = (
    "=1+1",
    "+A1",
    "-A1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "-5 stars",
    "\n@x",
    "\ufeff=1",
)
HARMLESS = ("-5", "+1.5", "-1,000.5", "50 %", "a=b", "", "'=1", "-5%", "1-2")


@pytest.mark.parametrize("escape", [True, False])
@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_formulas_are_escaped_on_request(scorer, tmp_path, format, escape):
    path = tmp_path / "in.jsonl"
    path.write_text(
        "".join(
            json.dumps({"text": "good", "=a": value}) + "\n"
            for value in (*FORMULAS, *HARMLESS, -5, -0.5)
        )
    )
    with open_rows(path) as table:
        detail = Detail(escape_formulas=escape)
        writer = FORMATS[format](scorer.classifier, table.columns, "", detail)
        [chunk] = table.chunks(100, 10**6)
        part = tmp_path / "part"
        part.write_bytes(writer.encode(score_chunk(scorer.score_many, chunk)))
    writer.join([part], tmp_path / "out")
    header, rows = read_csv(tmp_path / "out", writer.delimiter)
    sign = "'" if escape else ""
    assert header[1] == f"{sign}=a"
    values = [row[header[1]] for row in rows]
    assert values == [*(sign + each for each in FORMULAS), *HARMLESS, "-5", "-0.5"]


def test_texts_of_excel_are_no_formulas(convert, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": each, "=a": each}) + "\n" for each in FORMULAS))
    convert(path, "excel")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows(max_col=2) for cell in row} == {"s"}
