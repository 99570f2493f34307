import re
from dataclasses import replace
from io import StringIO

from rich.console import Console

from treernn.studies.reproduction.published import PUBLISHED
from treernn.studies.reproduction.report import About, about, machines, markdown, to_table
from treernn.studies.reproduction.rows import ROWS
from treernn.studies.reproduction.summary import summarise

ABOUT = About(
    command="treernn reproduce --seeds 3",
    date="2026-01-02",
    machines=("A processor",),
    sentences=(2210, 1821),
)


def lines_of(text, name):
    """The table rows of a row, by their cells."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [cells for cells in rows if f"`{name}`" in cells]


def test_a_row_stands_beside_print(results):
    _, runs = results
    summaries = summarise(runs)
    text = markdown(summaries, ABOUT)
    row = next(each for each in summaries if each.name == "constituency-tuned")
    main = lines_of(text, row.name)[0]
    figure = row.ours("five", "root_five")
    difference = f"{figure.mean - 51.0:+.1f}".replace("-", "−")
    assert main[:5] == [
        "Constituency Tree-LSTM, Glove vectors, tuned",
        "`constituency-tuned`",
        "3",
        "51.0 ± 0.5",
        f"{figure.mean:.1f} ± {figure.sd:.1f} ({difference})",
    ]
    two = row.ours("binary", "root_binary")
    assert main[5] == "88.0 ± 0.3"
    assert main[6].startswith(f"{two.mean:.1f} ± {two.sd:.1f} (")
    five = row.ours("five", "root_binary")
    assert main[7] == f"{five.mean:.1f} ± {five.sd:.1f}"


def test_tables_are_in_the_order_of_print_and_every_line_has_all_cells(results):
    _, runs = results
    text = markdown(summarise(runs), ABOUT)
    assert re.findall("^### (.*)$", text, re.M) == [
        "Socher et al. 2013, Table 1", "Tai et al. 2015, Table 2",
        "Not in print", "How near to print",
    ]  # fmt: skip
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.M):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    # Of a table that nothing of was run there is nothing to show.
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


def test_what_was_run_is_said(results):
    _, runs = results
    text = markdown(summarise(runs), ABOUT)
    assert "- Command: `treernn reproduce --seeds 3`" in text
    assert f"{len(runs)} runs of 11 rows" in text
    assert "the last one ended on 2026-01-02" in text
    assert "- Machine and versions: A processor." in text
    assert "2,210 test sentences, 1,821 of them not neutral" in text
    assert "Rows in print that were not run: `svm`, `mv-rnn`, `lstm-2`, `bilstm-2`" in text
    assert "Quick" not in text
    assert "missing" not in text
    assert "differs from print" not in text


def test_quick_runs_and_missing_ones_are_named(made):
    runs = [made("rnn", quick=True), made("nb")]
    text = markdown(summarise(runs), replace(ABOUT, missing=("rnn, five, seed 2",)))
    assert "> **Quick runs** (`rnn`): a part of the training trees" in text
    assert "- Runs that are missing: rnn, five, seed 2." in text


def test_differences_are_told_once_with_their_rows(made):
    runs = [made("rnn"), made("rntn"), made("nb")]
    differences = {
        "rnn": ("A | projected leaf.", "Averaged."), "rntn": ("Averaged.",), "svm": ("Not run.",),
    }  # fmt: skip
    text = markdown(summarise(runs), replace(ABOUT, differences=differences))
    section = text[text.index("## What differs from print") :]
    assert "- A | projected leaf. (`rnn`)\n" in section
    assert "- Averaged. (`rnn`, `rntn`)\n" in section
    assert "Not run" not in section
    common = dict.fromkeys(("rnn", "rntn", "nb"), ("100-d vectors.",))
    assert "- 100-d vectors. (all rows)" in markdown(
        summarise(runs), replace(ABOUT, differences=common)
    )


def test_the_order_is_said_in_words_and_figures(made):
    runs = [made(row, seed) for row in ("rnn", "constituency-tuned") for seed in (1, 2, 3)]
    text = markdown(summarise(runs), ABOUT)
    assert "- **Elman below LSTM**, root 5: holds." in text
    line = next(line for line in text.splitlines() if line.startswith("| Elman below LSTM"))
    cells = line.strip("| ").split(" | ")
    assert cells[1:5] == ["`rnn`", "`constituency-tuned`", "root 5", "+7.8"]
    assert re.fullmatch(r"\+\d\.\d \[\+\d\.\d, \+\d\.\d\]", cells[7])
    assert cells[8] == "holds"
    # Nothing to compare, nothing said.
    assert "Does the order" not in markdown(summarise([made("rnn")]), ABOUT)


def test_tasks_with_other_numbers_of_seeds(made):
    runs = [made("lstm", 1), made("lstm", 2), made("lstm", 1, "binary")]
    text = markdown(summarise(runs), ABOUT)
    assert lines_of(text, "lstm")[0][2] == "2 + 1"


def test_what_rows_say_of_themselves_comes_into_the_report(made, monkeypatch):
    row = replace(ROWS["rnn"], differs=("Dropout at the leaves.",))
    monkeypatch.setitem(ROWS, "rnn", row)
    runs = [made("rnn"), made("rnn", 3), made("nb")]
    found = about(runs, "treernn reproduce", "2026-01-02", [("a.svg", "A picture.")])
    text = markdown(summarise(runs), found)
    assert "- Dropout at the leaves. (`rnn`)" in text
    assert "- Runs that are missing: rnn, five, seed 2." in text
    assert text.endswith("## Pictures\n\nA picture.\n\n![A picture.](a.svg)\n")
    assert "2,210 test sentences, 1,821 of them" in text


def test_an_ensembles_minutes_are_counted_once_and_a_row_of_another_version_is_told(made):
    runs = [made("constituency-tuned", seconds=3600.0), made("odd", seconds=1800.0)]
    alone = markdown(summarise(runs), ABOUT)
    both = markdown(summarise([*runs, made("ensemble", seconds=3600.0)]), ABOUT)
    assert "2 runs of 2 rows, 1.5 hours of training" in alone
    assert "3 runs of 3 rows, 1.5 hours of training" in both
    assert "| odd | `odd` | 1 |" in alone


def test_machines_are_counted(made):
    runs = [made("rnn", 1), made("rnn", 2), made("rnn", 3, treernn="9.9")]
    assert machines(runs) == [
        "A processor, 2 cores, threads a run: 1; treernn 0.1.0, torch 2.13.0, Python 3.12.1 "
        "(2 runs)",
        "A processor, 2 cores, threads a run: 1; treernn 9.9, torch 2.13.0, Python 3.12.1 (1 run)",
    ]


def test_the_terminal_shows_the_rows_that_were_run(results):
    _, runs = results
    summaries = summarise(runs)
    console = Console(width=180, file=StringIO())
    console.print(to_table(summaries))
    rows = [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in console.file.getvalue().splitlines()
        if line.startswith("│")
    ]
    assert [row[0] for row in rows] == [each.name for each in summaries if each.seeds]
    tuned = next(row for row in rows if row[0] == "constituency-tuned")
    figure = next(each for each in summaries if each.name == tuned[0]).ours("five", "root_five")
    assert tuned[3].startswith(f"{figure.mean:.1f} ± {figure.sd:.1f} (")
