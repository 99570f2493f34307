"""Figures of the shipped model in the documents, made again by the commands that made them.

A document names the model and the month of its figures. Other figures come from models that were
trained for the page, or from other machines.
"""

import json
import re
from pathlib import Path

import pytest

from treernn.models.pretrained import PARSER, SENTIMENT_MODELS

DOCS = Path(__file__).resolve().parents[1] / "docs"

pytestmark = pytest.mark.skipif(
    not (SENTIMENT_MODELS["small"].is_dir() and PARSER.is_dir()),
    reason="this copy has no pretrained models",
)


@pytest.fixture
def values(in_process, sst_archive):
    """Run a command with ``--json`` on the treebank, and return the values that it prints."""

    def run(*arguments):
        status, out, err = in_process(*arguments, "--data", sst_archive, "--json")
        assert status == 0, err
        return json.loads(out)

    return run


def text(name):
    return (DOCS / f"{name}.md").read_text("utf-8")


def rows(text):
    """The rows of all tables of a text by their first cell, the first row of each name."""
    cells = [re.split(r" *\| *", line.strip("| ")) for line in text.splitlines() if line[:1] == "|"]
    return {first: rest for first, *rest in reversed(cells)}


def assert_close(shown, value, tolerance=0.15):
    """A figure with one digit after the point; a sentence of the test part is 0.05 %."""
    assert abs(float(re.sub("[*% ]", "", shown)) - value) <= tolerance, (shown, value)


@pytest.mark.parametrize("trees", ["gold", "embedded", "balanced", "right", "left"])
def test_accuracy_by_parser(trees, values):
    five, binary, f1 = rows(text("evaluate"))[f"`{trees}`"]
    result = values("evaluate", "small", "--trees", trees)
    assert_close(five, result["root"]["five"])
    assert_close(binary, result["root"]["binary"])
    assert_close(f1, result.get("bracket_f1", 100))


def test_probe(values):
    table = rows(text("probe"))
    result = values("probe", "small")
    for name, part in (
        ("X *but* Y: X, Y and joint node correct, polarity", result["but_sentences"]),
        ("all clauses X *but* Y, polarity", result["but_clauses"]),
    ):
        assert table[name][0] == str(part["cases"])
        assert_close(table[name][1], part["correct"], 0.8)  # one case
    table = rows(text("probe").partition("| negated positive becomes negative")[2])
    positive = result["treebank_negation"]["negated_positive"]
    assert table["treebank"][0] == str(positive["cases"])
    assert_close(table["treebank"][1], positive["flipped"], 1.5)
    assert_close(
        table["templates"][1], result["template_negation"]["negated_positive"]["flipped"], 0.4
    )


@pytest.mark.parametrize("shuffled", [False, True])
def test_influence(shuffled, values):
    """The column ``LSTM tree``."""
    plain, with_shuffled = text("influence").split("| words shuffled |")
    table = rows(with_shuffled if shuffled else plain)
    [model] = values("influence", "small", "--split", "dev", *["--shuffled"] * shuffled)["models"]
    relative = {point["distance"]: point["relative"] for point in model["by_distance"]}
    assert relative[1] == 1
    for distance in (5, 10, 15):
        assert_close(table[str(distance)][-1], 100 * relative[distance], 0.55)
    assert 30 not in relative
    half = model["half_distance"]
    assert table["halved at"][-1] == ("never" if half is None else f"{half} edges")
    if not shuffled:
        names = ("first_words", "last_words", "uniform")
        labels = ("fraction of the first five words", "fraction of the last five words")
        for name, label in zip(names, (*labels, "both, if all words were equal"), strict=True):
            assert_close(table[label][-1], 100 * model[name])


def test_the_example_of_influence(in_process):
    shown, *_ = re.findall("```text\n(.*?)```", text("influence"), re.S)
    sentence = re.search('treernn influence small "(.*)"', text("influence"))[1]
    status, out, err = in_process("influence", "small", sentence)
    assert status == 0, err

    def table(lines):
        return [line.split()[:2] for line in lines.splitlines() if line.strip()]

    assert table(shown) == table(out)
    fractions = [re.findall(r"([0-9.]+)%", lines) for lines in (shown, out)]
    for ours, theirs in zip(*fractions, strict=True):
        assert_close(ours, float(theirs))


@pytest.mark.parametrize(("data", "heading"), [("mams", "MAMS"), ("products", "product reviews")])
def test_targets(data, heading, in_process, data_file, monkeypatch):
    data_file("product-reviews-1.zip")
    monkeypatch.setenv("TREERNN_DATA", str(data_file("mams-atsa.zip").parent))
    status, out, err = in_process("evaluate", "small", "--targets", data, "--json")
    assert status == 0, err
    table = rows(text("targets").partition(f"| {heading}")[2].partition("\n\n")[0])
    values = json.loads(out)
    for name in ("toward the target", "sentence"):
        assert_close(table[name][0], values[name]["accuracy"], 0.5)


def test_own_labels(in_process):
    """The first accuracy of the tutorial; that its training runs is another test."""
    path = DOCS.parent / "examples" / "boards-test.csv"
    status, out, err = in_process("evaluate", "small", "--sentences", path, "--json")
    assert status == 0, err
    [shown] = re.findall(r"three classes is ([\d.]+) %", text("tutorials/own-labels"))
    assert float(shown) == json.loads(out)["accuracy"]
