import csv
import io
import json
from pathlib import Path

import nltk
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.scoring import formats
from treernn.scoring.entries import probability_columns
from treernn.scoring.rows import Chunk, Row, score_chunk
from treernn.scoring.scorer import Scorer
from treernn.types import LABELS

TEXTS = ["Great, good film! Bad.", "née: bad", "", "Un film 好好好好好好好好好好"]
ROWS = [
    Row(f"line {i}", text, {"id": i, "text": text}, None if text else "text is empty")
    for i, text in enumerate(TEXTS, 1)
]


def write(format, scorer, tmp_path: Path, chunks, columns=("id", "text"), prefix=""):
    """A file, written in parts."""
    writer = formats.FORMATS[format](scorer.classifier, columns, prefix)
    parts = []
    for number, chunk in enumerate(chunks):
        parts.append(tmp_path / f"part {number}")
        parts[-1].write_bytes(writer.encode(score_chunk(scorer.score_many, chunk)))
    out = tmp_path / f"out.{format}"
    writer.join(parts, out)
    return out


@pytest.fixture(params=[1, 2, 4])
def chunks(request):
    """The rows in one, two and four parts."""
    size = len(ROWS) // request.param
    return [Chunk(ROWS[i : i + size]) for i in range(0, len(ROWS), size)]


def check(rows, scorer):
    assert [row["id"] for row in rows] == [1, 2, 3, 4]
    assert [row["text"] or "" for row in rows] == TEXTS
    for row, text in zip(rows, TEXTS, strict=True):
        result = scorer(text)
        assert row["label"] == result.label
        if result.scored:
            assert row["sentiment"] == LABELS.index(result.label)
            assert row["probabilities"] == pytest.approx(result.probabilities, abs=1e-6)
            assert row["error"] is None
        else:
            assert (row["sentiment"], row["probabilities"]) == (None, None)
            assert row["error"] == "line 3: text is empty"
    assert [row["note"] for row in rows[:3]] == [None] * 3
    assert rows[3]["note"].startswith("mostly not in Latin script")


def test_json(scorer, chunks, tmp_path):
    rows = json.loads(write("json", scorer, tmp_path, chunks).read_bytes())
    check(rows, scorer)
    for row, text in zip(rows, TEXTS, strict=True):
        assert row["sentences"] == (scorer(text).to_dict()["sentences"] if text else None)
    assert json.loads(write("json", scorer, tmp_path, []).read_bytes()) == []


def test_json_lines(scorer, chunks, tmp_path):
    path = write("jsonl", scorer, tmp_path, chunks)
    lines = path.read_text("utf-8").split("\n")
    assert lines.pop() == ""
    rows = [json.loads(line) for line in lines]
    check(rows, scorer)
    assert [row["sentences"] and len(row["sentences"]) for row in rows] == [2, 1, None, 1]
    flat = [{k: v for k, v in row.items() if k != "sentences"} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in flat))
    check(pyarrow.json.read_json(path).to_pylist(), scorer)


@pytest.mark.parametrize(("format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_csv(scorer, chunks, tmp_path, format, delimiter):
    path = write(format, scorer, tmp_path, chunks)
    table = pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
        convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=True),
    )
    rows = table.to_pylist()
    for row in rows:
        probabilities = [row.pop(name) for name in probability_columns(5)]
        row["probabilities"] = None if None in probabilities else probabilities
    check(rows, scorer)


def test_parquet(scorer, chunks, tmp_path):
    check(pq.read_table(write("parquet", scorer, tmp_path, chunks)).to_pylist(), scorer)


def test_ptb_root_and_probabilities(scorer, chunks, tmp_path):
    lines = write("ptb", scorer, tmp_path, chunks).read_text("utf-8").split("\n")
    results = [scorer(text) for text in TEXTS]
    trees = [nltk.Tree.fromstring(line) for line in lines if line]
    assert trees == [s.to_nltk() for result in results for s in result.sentences]
    assert [bool(line) for line in lines] == [True, True, True, False, True, False]

    lines = write("root", scorer, tmp_path, chunks).read_text("utf-8").split("\n")
    assert lines == ["  Neutral", "  Negative", "  Negative", "", "  Neutral", ""]

    text = write("probabilities", scorer, tmp_path, chunks).read_text("utf-8")
    root = next(line for line in text.splitlines() if line.startswith("  0:"))
    expected = results[0].sentences[0].probabilities
    assert np.array(root.split()[1:], float) == pytest.approx(expected, abs=1e-4)


def test_vectors_are_the_states_of_the_classifier(scorer, chunks, tmp_path):
    class Stateful:
        distributions = staticmethod(scorer.classifier.distributions)

        @staticmethod
        def states(trees):
            return [np.array(tree.spans(), dtype=float) for tree in trees]

    stateful = Scorer(scorer.parser, Stateful())
    text = write("vectors", stateful, tmp_path, chunks).read_text("utf-8")
    tree, *rows = text.splitlines()[:10]
    assert tree == "(0 (1 (2 (3 Great) (4 ,)) (5 good)) (6 (7 film) (8 !)))"
    assert rows[0] == "  0:  0.0000  5.0000"
    assert rows[6] == "  6:  3.0000  5.0000"
    with pytest.raises(InputError, match="a WordList has no vectors to write"):
        formats.FORMATS["vectors"](scorer.classifier)


ODD = st.text(st.sampled_from("a\"',;\t\n\r\\ é😀\u2028\x00\ud800{"), max_size=8)


def clean(value):
    """The value without lone surrogates, which some readers of JSON refuse."""
    if isinstance(value, list):
        return [clean(each) for each in value]
    return value.replace("\ud800", "\ufffd") if isinstance(value, str) else value


VALUES = ODD | st.integers() | st.booleans() | st.none() | st.floats() | st.lists(ODD, max_size=2)


@given(st.lists(st.tuples(ODD, VALUES), min_size=1, max_size=5), st.booleans())
def test_any_value_survives(scorer, pairs, tab):
    rows = [Row("line 1", text or "-", {"text": text, "x": x}) for text, x in pairs]
    scored = score_chunk(scorer.score_many, Chunk(rows))
    lines = formats.FORMATS["jsonl"](scorer.classifier).encode(scored).decode().splitlines()
    for (text, x), line in zip(pairs, lines, strict=True):
        row = json.loads(line)
        assert row["text"] == text.replace("\ud800", "\ufffd")
        number = isinstance(x, float) and not np.isfinite(x)
        assert row["x"] == (None if number else clean(x))
    format = "tsv" if tab else "csv"
    writer = formats.FORMATS[format](scorer.classifier, ("text", "x"))
    content = (writer.begin + writer.encode(scored)).decode()
    records = csv.DictReader(io.StringIO(content, newline=""), delimiter="\t" if tab else ",")
    for (text, x), record in zip(pairs, records, strict=True):
        assert record["text"] == text.replace("\ud800", "\ufffd")
        if isinstance(x, str):
            assert record["x"] == x.replace("\ud800", "\ufffd")


def test_prefix_of_added_columns(scorer, tmp_path):
    rows = [Row("line 1", "good", {"label": "mine", "text": "good"})]
    for format in ("jsonl", "csv", "parquet"):
        path = write(format, scorer, tmp_path, [Chunk(rows)], ("label", "text"), "t_")
        if format == "parquet":
            row = pq.read_table(path).to_pylist()[0]
        elif format == "csv":
            row = next(csv.DictReader(path.read_text().splitlines()))
        else:
            row = json.loads(path.read_text())
        assert (row["label"], row["t_label"]) == ("mine", "positive")
        assert [*row] == ["label", "text", *formats.added_columns(format, "t_")]


def test_arrow_columns_in_all_formats(scorer, tmp_path):
    batch = pa.record_batch({"text": ["good"], "day": pa.array([0], pa.date32()), "x": [np.nan]})
    chunk = Chunk([Row("row 1", "good")], arrow=batch)
    path = write("jsonl", scorer, tmp_path, [chunk])
    row = json.loads(path.read_text())
    assert (row["text"], row["day"], row["x"]) == ("good", "1970-01-01", None)
    path = write("csv", scorer, tmp_path, [chunk], ("text", "day", "x"))
    assert path.read_text().splitlines()[1].startswith("good,1970-01-01,nan,positive,3,")
    path = write("parquet", scorer, tmp_path, [chunk], ("text", "day", "x"))
    assert pq.read_table(path).schema.field("day").type == pa.date32()


def test_the_ending_sets_the_format():
    assert formats.output_format("a/b.JSONL") == "jsonl"
    for name in ("a", "a.txt", "a.tree", "csv"):
        problem = f"^{name}: unknown file format; endings are .json .jsonl .csv .tsv .xlsx .parq"
        with pytest.raises(InputError, match=problem):
            formats.output_format(name)


def test_a_picture_comes_from_the_page():
    problem = "^a/b.svg: trees are saved as SVG or PNG from the page that -o a/b.html writes$"
    with pytest.raises(InputError, match=problem):
        formats.output_format("a/b.svg")


def test_csv_needs_the_columns(scorer):
    with pytest.raises(InputError, match="csv needs all columns in advance"):
        formats.FORMATS["csv"](scorer.classifier, None)
