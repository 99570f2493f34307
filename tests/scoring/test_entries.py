"""A row for each review, sentence or phrase; and files that every reader reads back."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.scoring.entries import Detail
from treernn.scoring.formats import FORMATS, added_columns
from treernn.scoring.rows import Chunk, Row, gather, open_rows, score_chunk

REVIEWS = ["Great film! But awful, awful music.", "?!", "bad"]


@pytest.fixture
def scored(scorer):
    rows = [Row(f"line {n}", text, {"id": n, "text": text}) for n, text in enumerate(REVIEWS, 2)]
    return score_chunk(scorer.score_many, Chunk(rows, first=11))


def objects(scorer, scored, **detail):
    writer = FORMATS["jsonl"](scorer.classifier, None, "", Detail(**detail))
    return [json.loads(line) for line in writer.encode(scored).splitlines()]


def test_a_row_for_each_sentence(scorer, scored):
    rows = objects(scorer, scored, level="sentence")
    assert [(row["id"], row["row"], row["sentence"], row["text"]) for row in rows] == [
        (2, 11, 1, "Great film!"),
        (2, 11, 2, "But awful, awful music."),
        (3, 12, None, "?!"),
        (4, 13, 1, "bad"),
    ]
    assert [(row["start"], row["end"]) for row in rows] == [(0, 11), (12, 35), (None, None), (0, 3)]
    assert rows[2]["error"] == "line 3: no word in it, nothing to score"
    sentences = [s for result in scored.results if result for s in result.sentences]
    labels = [row["label"] for row in rows if row["label"]]
    assert labels == [sentence.label for sentence in sentences]
    assert "sentences" not in rows[0]


def test_a_row_for_each_phrase(scorer, scored):
    rows = [row for row in objects(scorer, scored, level="phrase") if row["label"]]
    phrases = [phrase for result in scored.results if result for phrase in result.phrases()]
    assert [(row["text"], row["start"], row["end"], row["label"]) for row in rows] == [
        (phrase.text, phrase.start, phrase.end, phrase.label) for phrase in phrases
    ]
    for row in rows:
        assert REVIEWS[row["row"] - 11][row["start"] : row["end"]] == row["text"]


@pytest.mark.parametrize("level", ["review", "sentence", "phrase"])
@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl", "json", "parquet", "excel"])
def test_all_formats_have_the_same_rows(scorer, scored, tmp_path, level, format):
    if format == "excel":
        pytest.importorskip("openpyxl")
    detail = Detail(level=level, explain=level != "phrase")
    writer = FORMATS[format](scorer.classifier, ("id", "text"), "t_", detail)
    ending = "xlsx" if format == "excel" else format
    part, path = tmp_path / "part", tmp_path / f"out.{ending}"
    part.write_bytes(writer.encode(scored))
    writer.join([part], path)
    if format == "parquet":
        found = pq.read_table(path).to_pylist()
    else:
        with open_rows(path) as table:
            found = [row.values for row in table.rows]
    names = ["id", "text", *added_columns(format, "t_", detail)]
    assert [*found[0]] == names
    expected = objects(scorer, scored, level=level, explain=detail.explain)
    for row, other in zip(found, expected, strict=True):
        for name in ("id", "text", "label", "sentiment", "error", "start", "row"):
            if name in other:
                value = row[name if name in ("id", "text") else f"t_{name}"]
                assert str("" if value is None else value) == str(
                    "" if other[name] is None else other[name]
                )


def test_rows_of_parquet_keep_their_types(scorer, tmp_path):
    pq.write_table(
        pa.table({"n": pa.array([7, 8], pa.int16()), "Text": REVIEWS[::2]}), tmp_path / "a"
    )
    with open_rows(tmp_path / "a", format="parquet") as table:
        chunks = [*table.chunks(1, 1000)]
        assert [chunk.first for chunk in chunks] == [1, 2]
        detail = Detail(level="sentence", column=table.column)
    writer = FORMATS["parquet"](scorer.classifier, table.columns, "", detail)
    parts = []
    for number, chunk in enumerate(chunks):
        parts.append(tmp_path / str(number))
        parts[-1].write_bytes(writer.encode(score_chunk(scorer.score_many, chunk)))
    writer.join(parts, tmp_path / "out")
    found = pq.read_table(tmp_path / "out")
    assert found.schema.field("n").type == pa.int16()
    assert found["n"].to_pylist() == [7, 7, 8]
    assert found["row"].to_pylist() == [1, 1, 2]
    assert found["Text"].to_pylist() == ["Great film!", "But awful, awful music.", "bad"]


def test_explanations(scorer, scored):
    rows = objects(scorer, scored, explain=True)
    for row, result in zip(rows, scored.results, strict=True):
        expected = result and [item.to_dict() for item in result.explain()]
        assert row["explanation"] == expected
    writer = FORMATS["csv"](scorer.classifier, ("id",), "", Detail(explain=True))
    [first, second, _] = csv.DictReader(
        io.StringIO((writer.begin + writer.encode(scored)).decode(), newline="")
    )
    assert first["explanation"] == "; ".join(item.text for item in scored.results[0].explain())
    assert second["explanation"] == ""
    with pytest.raises(InputError, match="a phrase has no explanation"):
        Detail(level="phrase", explain=True)


def test_json_without_phrases(scorer, scored):
    slim, full = objects(scorer, scored, phrases=False), objects(scorer, scored)
    for row, other in zip(slim, full, strict=True):
        for sentence in other["sentences"] or ():
            del sentence["tree"]
        assert row == other


def test_rows_are_numbered_over_all_chunks():
    rows = [Row(f"line {n}", "x") for n in range(7)]
    assert [chunk.first for chunk in gather(rows, 3, 100)] == [1, 4, 7]


ODD = st.text(
    st.sampled_from("a\"',;\t\n\r\\ é😀\u2028\x00\x85\ud800{}[]=|"), min_size=1, max_size=8
)
NAMES = st.lists(
    st.text(st.sampled_from("ab\"',;\t\n\r é😀\u2028{}|"), min_size=1, max_size=4).filter(
        str.strip
    ),
    max_size=3,
    unique_by=str.casefold,
)


@settings(max_examples=60)
@given(st.lists(ODD, min_size=1, max_size=4), NAMES, ODD.filter(lambda p: "\ud800" not in p))
def test_what_is_written_is_read_back(scorer, tmp_path_factory, texts, names, prefix):
    """By this program's reader, by json and csv, and by pandas: the same texts and columns."""
    pd = pytest.importorskip("pandas")
    columns = [*names, "the text"]
    rows = [Row("line 1", text, dict.fromkeys(names, text) | {"the text": text}) for text in texts]
    scored = score_chunk(scorer.score_many, Chunk(rows))
    clean = [text.replace("\ud800", "\ufffd") for text in texts]
    folder = tmp_path_factory.getbasetemp()
    for format in ("csv", "tsv", "jsonl", "json"):
        writer = FORMATS[format](scorer.classifier, columns, prefix)
        content = writer.begin + writer.encode(scored) + writer.end
        path = folder / f"back.{format}"
        path.write_bytes(content)
        all_columns = (*columns, *added_columns(format, prefix))
        with open_rows(path, "the text") as table:
            assert table.columns == all_columns
            assert [row.values["the text"] for row in table.rows] == clean
        if format in ("csv", "tsv"):
            if b"\0" in content and tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1):
                continue  # older ones read a null character as the end of a field
            frame = pd.read_csv(
                path, sep="\t" if format == "tsv" else ",", keep_default_na=False, dtype=str
            )
        elif format == "json":
            frame = pd.DataFrame(json.loads(content))
        else:
            frame = pd.DataFrame(map(json.loads, content.decode().split("\n")[:-1]))
        assert tuple(frame.columns) == all_columns
        assert [*frame["the text"]] == clean
