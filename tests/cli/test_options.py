"""Values of options that nobody means: a result, or one line."""

import csv
import io
import json

import pytest

LARGE = (2**31, 2**63 - 1, 2**63, 2**64, 10**400)


@pytest.fixture(autouse=True)
def films(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films.csv").write_text("text\ngood\n")


@pytest.mark.parametrize("prefix", ['"', "'", '",\n"', "\\", "\n", "{", "é\u2028", "=", ","])
@pytest.mark.parametrize("format", ["json", "jsonl", "csv", "tsv"])
def test_any_prefix(in_process, prefix, format):
    status, out, err = in_process(
        *("score", "films.csv", "--format", format, "--prefix", prefix, "--parser", "right")
    )
    assert (status, err) == (0, "")
    if format.startswith("json"):
        [row] = json.loads(out) if format == "json" else [json.loads(out)]
    else:
        [row] = csv.DictReader(io.StringIO(out), delimiter="," if format == "csv" else "\t")
    assert row[f"{prefix}label"] == "positive"


def test_a_prefix_that_is_not_utf8(in_process):
    status, out, err = in_process("score", "films.csv", "--format", "csv", "--prefix", "a\udcff")
    assert (status, out, err) == (2, "", "treernn: --prefix is not UTF-8\n")


@pytest.mark.parametrize("size", LARGE)
def test_a_large_limit_of_characters(in_process, size):
    arguments = ("score", "films.csv", "--format", "csv", "--parser", "right")
    assert in_process(*arguments, "--max-chars", size)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        *(("score", "films.csv", "--max-chars", size) for size in (0, -1, "1e3", "nan", "")),
        *(("score", "films.csv", "--jobs", size) for size in (0, -1, *LARGE)),
        *(("draw", "--layers", size) for size in (0, -1, "x", *LARGE)),
        *(("draw", "--steps", size) for size in (0, -1, *LARGE)),
        *(("translate", "m", "x", "--beam", size) for size in (0, -1, *LARGE)),
        *(("caption", "m", "x", "--beam", size) for size in (0, -1, *LARGE)),
        *(("caption", "m", "--rows", "x", "--count", size) for size in (0, *LARGE)),
    ],
    ids=lambda arguments: " ".join(str(each)[:20] for each in arguments),
)
def test_numbers_out_of_range(in_process, arguments):
    status, out, err = in_process(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(("treernn: ", "Usage: "))
    assert err.count("\n") < 5


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (("score", "good"), "; without it results are printed"),
        (("summarize", "in.csv"), "; without it results are printed"),
        (("average", "small", "medium"), ""),
    ],
)
def test_a_dash_is_no_output(in_process, command, hint):
    assert in_process(*command, "-o", "-") == (2, "", f"treernn: -o -: expected a name{hint}\n")
