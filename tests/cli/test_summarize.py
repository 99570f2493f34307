"""``treernn summarize``: files of all formats, errors, and a job that is killed and resumed."""

import csv
import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROWS = [
    ("The battery is great. The screen is bad.", "A", "2024-01-01", "5"),
    ("The battery is awful, and the screen is bad.", "B", "2024-02-03", "1"),
    ("", "B", "x", "9"),
    ("=1+1, said the screen <script>alert(1)</script>|*bad*", "<b>", "yesterday", "so"),
    ("Das ist ein wirklich schöner Film und ich habe ihn gern gesehen.", "A", "", ""),
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("reviews.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("Text", "product", "date", "stars"), *ROWS])


@pytest.fixture
def summarize(in_process, small_model):
    def run(*arguments):
        return in_process("summarize", *arguments, "--model", small_model, "--parser", "right")

    return run


COLUMNS = ("--group", "product", "--time", "date", "--rating", "stars")
COMPLAINT = "treernn: 1 of 5 could not be read, see what the summary has left out\n"


def test_html(summarize):
    assert summarize("reviews.csv", *COLUMNS, "-o", "report.html") == (1, "", COMPLAINT)
    page = Path("report.html").read_text("utf-8")
    assert "<title>reviews · treernn</title>" in page
    assert "3 reviews of 5 rows" in page
    assert "<script" not in page
    assert "<b></h3>" not in page
    assert "&lt;b&gt;</h3>" in page
    for left_out in ("Text is empty", "such as “x”", "such as “so”", "not in English"):
        assert left_out in page
    assert sorted(os.listdir()) == ["report.html", "reviews.csv"]


def test_json_and_markdown_are_printed(summarize):
    status, out, err = summarize("reviews.csv", *COLUMNS, "--json", "--title", "Mine")
    assert (status, err) == (1, COMPLAINT)
    summary = json.loads(out)
    assert (summary["title"], summary["rows"], summary["reviews"]) == ("Mine", 5, 3)
    assert sum(summary["classes"].values()) == 3
    assert sum(period["classes"][name] for period in summary["periods"]
               for name in summary["classes"]) == 2  # fmt: skip
    assert {group["name"] for group in summary["groups"]} == {"A", "B", "<b>"}
    assert summary["ratings"]["scale"] == "1 to 5"
    status, out, _ = summarize("reviews.csv", *COLUMNS)
    assert status == 1
    assert out.startswith("# reviews\n\n3 reviews of 5 rows, read by treernn, model")
    assert "| \\<b\\> |" in out


def test_tables_of_opinions(summarize):
    assert summarize("reviews.csv", *COLUMNS, "-o", "opinions.parquet")[0] == 1
    table = pq.read_table("opinions.parquet").to_pylist()
    places = [(each["row"], each["term"]) for each in table if each["row"] < 4]
    assert places == [(1, "battery"), (1, "screen"), (2, "battery"), (2, "screen")]
    for each in table:
        text = ROWS[each["row"] - 1][0]
        assert text[each["start"] : each["end"]] == each["term"]
        assert text[each["phrase_start"] : each["phrase_end"]] == each["phrase"]
        assert each["term"] in each["phrase"]
        assert each["phrase"] in each["sentence"]
        assert each["label"] in ("negative", "neutral", "positive")
        assert sum(each["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert (table[0]["group"], table[0]["date"], table[0]["rating"]) == ("A", date(2024, 1, 1), 5)
    assert summarize("reviews.csv", *COLUMNS, "-o", "opinions.csv")[0] == 1
    with open("opinions.csv", encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [row["term"] for row in rows] == [each["term"] for each in table]
    assert all(row["sentence"].startswith("'=") for row in rows if row["row"] == "4")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--column", "body"), "reviews.csv: no column body, its columns are Text, product, date, "
         "stars (choose with --column)"),
        (("--group", "brand"), "reviews.csv: no column brand for --group, its columns are Text, "
         "product, date, stars"),
        (("--time", "day"), "reviews.csv: no column day for --time, its columns are Text, product, "
         "date, stars"),
        (("-o", "report.pdf"), "report.pdf: unknown format; endings are .html, .md and .json for "
         "the summary, .parquet and .csv for a table of the opinions"),
        (("-o", "reviews.csv"),
         "reviews.csv: is the input, which would be overwritten; write another file"),
        (("-o", "r.md", "--json"),
         "--json prints JSON, leave out -o; or write a file, -o summary.json"),
        (("--resume",), "--resume needs an input file and -o with a file"),
    ],
    ids=range(7),
)  # fmt: skip
def test_errors(in_process, arguments, message):
    status, out, err = in_process("summarize", "reviews.csv", *arguments)
    assert (status, out, err) == (2, "", f"treernn: {message}\n")


def test_a_scored_file(in_process, small_model, summarize):
    model = ("--model", small_model, "--parser", "right")
    with open("reviews.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text",), *([row[0]] for row in ROWS[:2])])
    for name, classes in (("scored.csv", 3), ("scored.parquet", 5)):
        assert in_process("score", "reviews.csv", "-o", name, "--classes", classes, *model)[0] == 0
    # Other verdicts than the model has show that those of the file count.
    with open("scored.csv", encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    for row in rows:
        row |= {"p_negative": "0.01", "p_neutral": "0.02", "p_positive": "0.97"}
    with open("scored.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    summary = json.loads(summarize("scored.csv", "--json")[1])
    assert summary["classes"] == {"negative": 0, "neutral": 0, "positive": 2}
    assert len(json.loads(summarize("scored.parquet", "--json")[1])["classes"]) == 5
    status, _, err = summarize("scored.csv", "--rating", "stars")
    assert (status, err) == (
        2,
        "treernn: stars is what treernn score has added, no rating of the authors; leave out "
        "--rating, or name their column\n",
    )
    in_process("score", "reviews.csv", "-o", "parts.csv", "--level", "sentence", *model)
    status, _, err = summarize("parts.csv")
    assert (status, err.count("\n")) == (2, 1)
    assert "summarize needs a row for each review" in err


def test_lines_from_standard_input(treernn, small_model):
    text = json.dumps({"review": "The battery is great."}) + "\n" + json.dumps({"review": None})
    done = treernn(
        *("summarize", "-", "--input-format", "jsonl", "--column", "review", "--json"),
        *("--model", str(small_model), "--parser", "right"),
        stdin=text,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["reviews"] == 1


def parts():
    folder = Path("report.html.parts")
    return [path.name for path in folder.glob("part-*")] if folder.exists() else []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")
def test_a_killed_job_is_resumed(summarize, small_model):
    """What was read before the kill is not read again, and the report is the same."""
    with open("many.csv", "w", encoding="utf-8") as file:
        file.write("text,day\n")
        file.writelines(
            f"The battery of {n} hours is bad,2024-01-{n % 28 + 1:02}\n" for n in range(1300)
        )
    arguments = ("many.csv", "--time", "day", "--title", "Many", "--jobs", "1", "--resume")
    assert summarize(*arguments, "-o", "unbroken.html") == (0, "", "")
    command = [sys.executable, "-m", "treernn", "summarize", *arguments, "-o", "report.html"]
    command += ["--model", str(small_model), "--parser", "right"]
    with subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}) as process:
        while process.poll() is None and not parts():
            time.sleep(0.002)
        process.kill()
    assert parts()
    assert not Path("report.html").exists()
    assert summarize(*arguments, "-o", "report.html") == (0, "", "")
    assert Path("report.html").read_bytes() == Path("unbroken.html").read_bytes()
    assert sorted(os.listdir()) == ["many.csv", "report.html", "reviews.csv", "unbroken.html"]


def test_aspects_of_ones_own(summarize):
    Path("aspects.toml").write_text('power = ["battery"]\nprice = []\n', "utf-8")
    summary = json.loads(summarize("reviews.csv", "--aspects", "aspects.toml", "--json")[1])
    assert [(each["name"], each["reviews"]) for each in summary["aspects"]] == [("power", 2)]
    Path("aspects.toml").write_text("power = 1", "utf-8")
    status, out, err = summarize("reviews.csv", "--aspects", "aspects.toml")
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_words_of_ones_own(in_process):
    Path("glorpy.txt").write_text("The battery is glorpy.\n" * 3)
    rows = "text,class,domain\nglorpy,very negative,\nglorpy,very positive,power\n"
    Path("words.csv").write_text(rows)
    for options, expected in ((), (0, 3)), (("--domain", "power"), (3, 0)):
        status, out, err = in_process(
            "summarize", "glorpy.txt", "--json", "--lexicon", "words.csv", *options
        )
        assert (status, err) == (0, "")
        [battery] = json.loads(out)["aspects"]
        assert (battery["praised"], battery["criticised"]) == expected
