"""The sentiment toward targets on the command line."""

import csv
import io
import json

import pytest

TEXT = "Great screen, but the battery is awful."
ROWS = [(TEXT, "screen"), (TEXT, "BATTERY"), ("No power.", "battery"), ("Fine.", ""), ("", "x")]
XML = """<?xml version="1.0"?><sentences><sentence><text>Great food, bad wine.</text><aspectTerms>
<aspectTerm term="food" polarity="positive" from="6" to="10"/>
<aspectTerm term="wine" polarity="negative" from="16" to="20"/>
<aspectTerm term="wine" polarity="conflict" from="16" to="20"/>
</aspectTerms></sentence><sentence><text>We went.</text><Opinions>
<Opinion target="NULL" category="a" polarity="positive" from="0" to="0"/>
<Opinion target="We" category="a" polarity="neutral" from="0" to="2"/>
</Opinions></sentence></sentences>
"""


@pytest.fixture
def run(in_process, tmp_path, monkeypatch):
    """Exit status, standard output and standard error of a command."""
    monkeypatch.chdir(tmp_path)
    return in_process


@pytest.fixture
def table(tmp_path):
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "Aspect"), *ROWS])
    return "in.csv"


def test_a_text(run):
    status, out, err = run("score", TEXT, "--target", "battery")
    assert (status, err) == (0, "")
    assert "Toward 'battery'" in out
    assert "negative" in out[out.index("Toward") :]
    status, out, err = run("score", "No power.", "--target", "battery")
    assert (status, err) == (0, "")
    assert "Note: no mention of 'battery'" in out


def test_a_column_of_targets(run, table):
    status, out, _ = run(
        *("score", table, "--target-column", "aspect", "--format", "csv", "--classes", "3")
    )
    rows = [*csv.DictReader(io.StringIO(out, newline=""))]
    assert status == 1  # the empty text
    assert [row["target_label"] for row in rows] == ["positive", "negative", "", "", ""]
    assert [row["note"] for row in rows[2:4]] == ["no mention of 'battery'", "no target"]
    shares = [float(rows[0][f"target_p_{name}"]) for name in ("negative", "neutral", "positive")]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert float(rows[0]["target_score"]) > 0 > float(rows[1]["target_score"])


@pytest.mark.parametrize("ending", ["jsonl", "parquet", "xlsx"])
def test_files(run, table, tmp_path, ending):
    out = f"out.{ending}"
    status, _, _ = run("score", table, "--target", "battery", "-o", out, "--prefix", "x_")
    assert status == 1
    if ending == "jsonl":
        rows = [json.loads(line) for line in (tmp_path / out).read_text().splitlines()]
    elif ending == "parquet":
        import pyarrow.parquet as pq

        rows = pq.read_table(tmp_path / out).to_pylist()
    else:
        import openpyxl

        header, *cells = openpyxl.load_workbook(tmp_path / out).active.values
        rows = [dict(zip(header, row, strict=True)) for row in cells]
    labels = [row["x_target_label"] for row in rows]
    assert labels[0] in ("negative", "very negative")
    assert labels[0] == labels[1]
    assert labels[2:] == [None, None, None]
    assert rows[0]["x_target_score"] < 0
    if ending != "xlsx":
        assert len(rows[0]["x_target_probabilities"]) == 5
        assert rows[2]["x_target_probabilities"] is None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("in.csv", "--target-column", "nothing"), "in.csv: no column nothing for --target-column"),
        (("a text", "--target-column", "text"), "--target-column is for files; for a text use"),
        (("in.csv", "--target", "a", "--target-column", "Aspect"), "give one of them"),
        (("in.csv", "--target", " "), "--target is empty"),
        (("in.csv", "--target", "a", "--format", "ptb"), "--target needs trees or a format with"),
        (("in.csv", "--target", "a", "--level", "phrase"), "use --level review"),
    ],
)
@pytest.mark.usefixtures("table")
def test_one_line_for_what_is_wrong(run, arguments, problem):
    status, out, err = run("score", *arguments)
    assert (status, out) == (2, "")
    assert problem in err
    assert err.count("\n") == 1


def test_train_evaluate_and_score_with_own_labels(run, tmp_path):
    (tmp_path / "mine.xml").write_text(XML)
    status, out, err = run(
        *("train", "targets", "--data", "mine.xml", "--dev-data", "mine.xml"),
        *("--epochs", "2", "-o", "model"),
    )
    assert (status, "epoch" in out) == (0, True), err
    status, out, err = run(
        "train",
        "targets",
        "--data",
        "mine.xml",
        "--dev-data",
        "mine.xml",
        "--epochs",
        "2",
        "-o",
        "model",
    )
    assert "already finished" in out
    status, out, err = run("evaluate", "model", "--targets", "mine.xml", "--json")
    assert (status, err) == (0, "")
    values = json.loads(out)
    assert values["toward the target"]["targets"] == 3
    assert {"accuracy", "macro_f1", "recall"} <= values["sentence"].keys()
    status, out, err = run("evaluate", "model", "--targets", "mine.xml")
    assert "most frequent class" in out
    status, out, err = run("score", "--model", "model", "Great food.", "--target", "food")
    assert (status, err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("evaluate", "small", "--targets", "none.xml"), "none.xml: no such file"),
        (("evaluate", "small", "--targets", "bad.xml"), "bad.xml:1: not XML"),
        (("evaluate", "small", "--targets", "empty.xml"), "empty.xml: no sentences in it"),
        (
            ("evaluate", "small", "--targets", "bad.xml", "--file", "bad.xml"),
            "--targets cannot be used",
        ),
        (("train", "targets", "--data", "none.jsonl", "-o", "m"), "none.jsonl: no such file"),
        (
            ("train", "targets", "--structure", "chain", "--data", "mine.xml", "-o", "m"),
            "structure is 'chain', expected one of tree, average",
        ),
        (("train", "targets", "--tuning", "lora", "--data", "mine.xml", "-o", "m"), "no encoder"),
    ],
)
def test_wrong_files(run, tmp_path, arguments, problem):
    (tmp_path / "bad.xml").write_text("<a")
    (tmp_path / "empty.xml").write_text("<sentences/>")
    (tmp_path / "mine.xml").write_text(XML)
    status, _, err = run(*arguments)
    assert status == 2
    assert problem in err
    assert err.count("\n") == 1
