import re
from dataclasses import replace
from statistics import fmean

import pytest

from treernn.studies.formatting import signed
from treernn.studies.reproduction import markdown as module
from treernn.studies.reproduction.markdown import ON_ENCODER
from treernn.studies.reproduction.published import PUBLISHED
from treernn.studies.reproduction.rows import ROWS
from treernn.studies.reproduction.summary import summarise, welch_interval


def markdown(records, **pictures):
    return module.markdown(records, "treernn reproduce --seeds 3", "2026-01-02", pictures)


def lines_of(text, name):
    """The table rows of a row, as cells."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [cells for cells in rows if f"`{name}`" in cells]


def test_our_accuracies_stand_beside_the_published_ones(records):
    row = next(each for each in summarise(records) if each.name == "constituency-tuned")
    cells = lines_of(markdown(records), row.name)[0]
    difference = signed(fmean(row.values("five", "root_five")) - 51.0)
    assert cells[:5] == [
        "Constituency Tree-LSTM, Glove vectors, tuned",
        "`constituency-tuned`",
        "3",
        "51.0 ± 0.5",
        f"{row.mean('five', 'root_five')} ({difference})",
    ]
    assert cells[5] == "88.0 ± 0.3"
    assert cells[6].startswith(f"{row.mean('binary', 'root_binary')} (")
    assert cells[7] == row.mean("five", "root_binary")


def test_tables_are_in_the_order_of_the_papers_and_every_line_has_all_cells(records):
    text = markdown(records)
    assert re.findall("^### (.*)$", text, re.M) == [
        "Socher et al. 2013, Table 1", "Tai et al. 2015, Table 2",
        "Not published", "Distance from the published results",
    ]  # fmt: skip
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.M):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    # A paper without any run is not shown.
    shown = [name for name in PUBLISHED if name != "fold"]
    places = [text.index(f"| `{name}` |") for name in (*shown, "tree-gru")]
    assert places == sorted(places)
    assert "| `fold` |" not in text
    assert lines_of(text, "svm") == [
        ["SVM", "`svm`", "–", "64.3", "–", "40.7", "–", "84.6", "–", "79.4", "–"]
    ]
    (own, _) = lines_of(text, "tree-gru")
    assert own[0] == "tree-gru"
    assert not any("(" in cell for cell in own)


def test_the_runs_are_described(records):
    text = markdown(records)
    assert "- Command: `treernn reproduce --seeds 3`" in text
    assert f"{len(records)} runs of 11 rows" in text
    assert "the last run ended on 2026-01-02" in text
    assert f"Python 3.12.1 ({len(records)} runs)." in text
    counts = next(each for each in records if each.run.task == "five").confusion
    total, neutral = sum(map(sum, counts)), sum(counts[2])
    assert f"{total:,} test sentences, {total - neutral:,} of them not neutral" in text
    assert "Published rows without runs: `svm`, `mv-rnn`, `lstm-2`, `bilstm-2`" in text
    assert "Quick" not in text
    assert "Missing" not in text


def test_near_means_at_most_a_point_and_a_half_below(made, parsed):
    run = made("rnn")
    run["test"]["root"] |= {"five": 43.2 - 1.5, "binary": 82.4 - 1.6}
    run["test"]["all"] = {"five": 90.0, "binary": None}
    text = markdown(parsed([run]))
    assert "2 of 3 accuracies are above the published ones or at most 1.5 points below" in text
    assert "Further below: `rnn` root 2, five-class model −1.6." in text


def test_quick_runs_and_missing_runs_are_named(made, parsed):
    text = markdown(parsed([made("rnn", quick=True), made("rnn", 3), made("nb")]))
    assert "> **Quick runs** (`rnn`): part of the training trees" in text
    assert "- Missing runs: rnn, five, seed 2." in text


def test_differences_are_listed_once_with_their_rows(made, parsed, monkeypatch):
    differences = {
        "rnn": ("A | projected leaf.", "Averaged."), "rntn": ("Averaged.",), "svm": ("Not run.",),
    }  # fmt: skip
    for name, texts in differences.items():
        monkeypatch.setitem(ROWS, name, replace(ROWS[name], differs=texts))
    text = markdown(parsed([made("rnn"), made("rntn"), made("odd")]))
    section = text[text.index("## Differences from the papers") :]
    assert "- A | projected leaf. (`rnn`)\n" in section
    assert "- Averaged. (`rnn`, `rntn`)\n" in section
    assert "Not run" not in section
    assert "- Averaged. (all rows)" in markdown(parsed([made("rntn")]))


def test_claims_are_told_in_words_and_figures(made, parsed):
    runs = [made(row, seed) for row in ("rnn", "constituency-tuned") for seed in (1, 2, 3)]
    text = markdown(parsed(runs))
    assert "- **LSTM beats Elman**, root 5: holds." in text
    line = next(line for line in text.splitlines() if line.startswith("| LSTM beats Elman"))
    cells = line.strip("| ").split(" | ")
    assert cells[1:5] == ["`rnn`", "`constituency-tuned`", "root 5", "+7.8"]
    assert re.fullmatch(r"\+\d\.\d \[\+\d\.\d, \+\d\.\d\]", cells[7])
    assert cells[8] == "holds"
    assert "claims" not in markdown(parsed([made("rnn")]))


def test_tasks_with_different_numbers_of_seeds(made, parsed):
    runs = [made("lstm", 1), made("lstm", 2), made("lstm", 1, "binary")]
    assert lines_of(markdown(parsed(runs)), "lstm")[0][2] == "2 + 1"


def test_the_minutes_of_an_ensemble_count_once(made, parsed):
    runs = [made("constituency-tuned", seconds=3600.0), made("odd", seconds=1800.0)]
    ensemble = made("ensemble", seconds=3600.0)
    text = markdown(parsed(runs))
    assert "2 runs of 2 rows, 1.5 hours of training" in text
    assert "| odd | `odd` | 1 |" in text  # a row of another version
    assert "3 runs of 3 rows, 1.5 hours of training" in markdown(parsed([*runs, ensemble]))


def test_machines_are_counted(made, parsed):
    runs = [made("rnn", 1), made("rnn", 2), made("rnn", 3, treernn="9.9")]
    machine = "- Machine and versions: A processor, 2 cores, threads per run: 1; treernn"
    text = markdown(parsed(runs))
    assert f"{machine} 0.1.0, torch 2.13.0, Python 3.12.1 (2 runs).\n{machine} 9.9" in text


def test_pictures_come_last(made, parsed):
    text = markdown(parsed([made("rnn")]), picture="A picture.")
    assert text.endswith("## Pictures\n\nA picture.\n\n![A picture.](picture)\n")


@pytest.fixture
def on_encoder(made):
    def run(row: str, seed: int):
        names = ("contrast", "positive_flipped", "negative_opposite_rises")
        return made(row, seed, vectors="MiniLM, layers", analyses=dict.fromkeys(names, 40 + seed))

    return run


def test_the_gain_of_the_tree_is_over_the_mean_of_each_phrase(on_encoder, parsed):
    records = parsed([on_encoder(row, seed) for row in ON_ENCODER for seed in (1, 2, 3)])
    text = markdown(records)
    section = text[text.index("## What the tree adds to an encoder") :]
    assert "MiniLM under a softmax" in section
    headings, _, *lines = (
        line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")
    )
    lengths = ["5, 1 word", "5, 2 to 5", "5, 6 to 15", "5, over 15"]
    assert headings[3:11] == ["root 5", "root 2", "all 5", "all 2", *lengths]
    assert headings[11:] == ["X but Y", "negated positive", "negated negative", "minutes per run"]
    low, high = (
        next(row for row in summarise(records) if row.name == name).values("five", "root_five")
        for name in ("encoder-phrases", "encoder-tree")
    )
    by_name = {cells[0]: cells for cells in lines}
    assert by_name[ON_ENCODER["encoder-tree"]][3].startswith(f"{fmean(high):.1f} ± ")
    bounds = ", ".join(map(signed, welch_interval(low, high)))
    gain = by_name["**gain of the tree**"]
    assert gain[3] == f"**{signed(fmean(high) - fmean(low))}** [{bounds}]"


def test_no_gain_without_both_rows(made, on_encoder, parsed):
    assert "adds" not in markdown(parsed([made("rnn")]))
    text = markdown(parsed([on_encoder("encoder-tree", 1)]))
    assert "## What the tree adds" in text
    assert "**gain" not in text


def test_the_rows_on_an_encoder_are_rows():
    assert set(ON_ENCODER) == {name for name in ROWS if name.startswith("encoder-")}
