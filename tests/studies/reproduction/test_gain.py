import statistics

import pytest

from treernn.studies.reproduction.gain import ON_ENCODER, gain
from treernn.studies.reproduction.rows import ROWS
from treernn.studies.reproduction.summary import interval, signed, summarise


@pytest.fixture
def on_encoder(made):
    def run(row: str, seed: int):
        understood = dict.fromkeys(("contrast", "positive_turned", "negative_crossed"), 40 + seed)
        return made(row, seed, vectors="MiniLM, layers", understood=understood)

    return run


def cells(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {start}"))
    return line.strip("| ").split(" | ")


def test_the_gain_is_that_of_the_tree_over_the_mean_of_each_phrase(on_encoder):
    runs = [on_encoder(row, seed) for row in ON_ENCODER for seed in (1, 2, 3)]
    title, text, table = gain(summarise(runs))
    assert title == "## What the tree adds to an encoder"
    assert text.startswith("MiniLM under a softmax")
    headings = cells(table, "on the encoder")
    lengths = ["5, 1 word", "5, 2 to 5", "5, 6 to 15", "5, over 15"]
    assert headings[3:11] == ["root 5", "root 2", "all 5", "all 2", *lengths]
    assert headings[11:] == ["X but Y", "positive negated", "negative negated", "minutes a run"]
    without, with_tree = (
        [run["test"]["root"]["five"] for run in runs if run["row"] == name]
        for name in ("encoder-phrases", "encoder-tree")
    )
    mean = statistics.fmean(with_tree)
    assert cells(table, ON_ENCODER["encoder-tree"])[3].startswith(f"{mean:.1f} ± ")
    rows = {each.name: each for each in summarise(runs)}
    figures = [rows[name].ours("five", "root_five") for name in ("encoder-phrases", "encoder-tree")]
    low, high = interval(*figures)
    difference = signed(mean - statistics.fmean(without))
    assert cells(table, "**the tree's gain**")[3] == (
        f"**{difference}** [{signed(low)}, {signed(high)}]"
    )
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_lengths_are_weighted_by_their_phrases(on_encoder):
    run = on_encoder("encoder-tree", 1)
    run["test"]["by_length"] = [
        {"from": 2, "to": 2, "five": 50.0, "binary": None, "count": 3, "count_binary": 0},
        {"from": 3, "to": 5, "five": 90.0, "binary": None, "count": 1, "count_binary": 0},
        {"from": 16, "to": 40, "five": None, "binary": None, "count": 0, "count_binary": 0},
    ]
    row = next(each for each in summarise([run]) if each.seeds)
    assert {name: each.values for name, each in row.by_length.items()} == {"2 to 5": (60.0,)}


def test_without_such_rows_there_is_no_table_and_without_both_no_gain(made, on_encoder):
    assert gain(summarise([made("rnn")])) == []
    (_, _, table) = gain(summarise([on_encoder("encoder-tree", 1)]))
    assert "gain" not in table


def test_the_rows_are_rows():
    assert set(ON_ENCODER) == {name for name in ROWS if name.startswith("encoder-")}
