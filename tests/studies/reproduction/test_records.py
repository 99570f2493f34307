import json
from pathlib import Path

import pytest

from treernn.errors import DataError, InputError
from treernn.studies.reproduction.markdown import markdown
from treernn.studies.reproduction.plots import draw
from treernn.studies.reproduction.records import read_record, read_records
from treernn.studies.reproduction.report import write_report


def test_a_record_has_the_figures_of_the_file(made, parsed):
    values = made("lstm", 3)
    values["analyses"] = {"contrast": 40.5, "positive_flipped": None}
    values["test"]["all"]["binary"] = None
    (record,) = parsed([values])
    assert (record.run.row, record.run.task, record.run.seed) == ("lstm", "five", 3)
    assert (record.hidden_size, record.weights, record.quick) == (150, 262_355, False)
    figures = record.figures
    assert figures["root_five"] == values["test"]["root"]["five"]
    assert figures["dev_root_binary"] == values["dev"]["root"]["binary"]
    assert (figures["contrast"], figures["seconds"]) == (40.5, values["seconds"])
    assert figures["epoch"] == values["chosen"]["epoch"]
    assert "all_binary" not in figures
    assert "positive_flipped" not in figures
    assert record.confusion == values["test"]["confusion"]
    assert record.curves["dev_all"] == [epoch["dev_all"] for epoch in values["history"]]
    assert parsed([made("nb")])[0].curves == {}


def test_accuracy_by_length_is_weighted_by_the_number_of_phrases(made, parsed):
    run = made("encoder-tree", 1)
    run["test"]["by_length"] = [
        {"from": 2, "to": 2, "five": 50.0, "binary": None, "count": 3, "count_binary": 0},
        {"from": 3, "to": 5, "five": 90.0, "binary": None, "count": 1, "count_binary": 0},
        {"from": 16, "to": 40, "five": None, "binary": None, "count": 0, "count_binary": 0},
    ]
    (record,) = parsed([run])
    assert record.figures["2 to 5"] == 60.0
    assert not record.figures.keys() & {"1 word", "6 to 15", "over 15"}


def test_a_folder_without_runs(tmp_path):
    with pytest.raises(InputError, match="runs: no runs in it; treernn reproduce makes them"):
        read_records(tmp_path)


def test_temporary_files_of_killed_runs_are_ignored(results):
    out, runs = results
    (out / "runs" / ".rnn-five-seed1.json.0a1b2c3d.part").write_text("{")
    (out / "runs" / ".hidden.json").write_text("{")
    assert len(read_records(out)) == len(runs)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda text: text[: len(text) // 2], "not JSON .* line 1 column"),
        (lambda _: "", "not JSON"),
        (lambda _: "[" * 100_000, "nested too deeply|not JSON"),
        (lambda _: "[]", "TypeError"),
        (lambda text: text.replace('"seed"', '"sed"', 1), "'seed'"),
        (lambda text: text.replace('"five"', '"fife"'), "'five'|it is of the run"),
        (lambda text: text.replace('"cpu"', '"gpu"'), "'cpu'"),
        (lambda text: text.replace('"dev_all": ', '"dev_all": "no", "x": ', 1), "'no'"),
        (lambda text: text.replace('"seed": 2', '"seed": 7'), "it is of the run rnn-five-seed7"),
        (lambda text: text.replace('"confusion": [[', '"confusion": [[1], ['), "confusion"),
        (lambda _: b"\xff\xfe", "not JSON"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named(results, damage, problem):
    out, _ = results
    path = out / "runs" / "rnn-five-seed2.json"
    damaged = damage(path.read_text("utf-8"))
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.raises(DataError, match=problem) as error:
        write_report(out)
    message = str(error.value)
    assert message.startswith(f"{path}: not the record of a run (")
    assert message.endswith("; remove the file to run it again")
    assert "\n" not in message
    assert not (out / "report.md").exists()


def paths_to_values(value, path=()):
    """The keys that lead to each value inside a JSON value."""
    parts = (
        value.items() if isinstance(value, dict)
        else list(enumerate(value))[:1] if isinstance(value, list) else ()
    )  # fmt: skip
    for key, part in parts:
        yield (*path, key)
        yield from paths_to_values(part, (*path, key))


@pytest.mark.parametrize("bad", ["text", None, [], {}, True])
def test_a_wrong_value_anywhere_is_one_error_line_or_the_report(made, tmp_path, bad, monkeypatch):
    monkeypatch.setattr("treernn.studies.reproduction.plots.save_figure", lambda *_: None)
    path = tmp_path / "runs" / "rnn-five-seed1.json"
    path.parent.mkdir()
    original = json.dumps(made("rnn"))
    errors = []
    for keys in paths_to_values(json.loads(original)):
        values = json.loads(original)
        inner = values
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = bad
        path.write_text(json.dumps(values), "utf-8")
        try:
            record = read_record(path)
        except DataError as error:
            errors.append(str(error))
        else:
            markdown([record], "treernn reproduce", "2026-01-02", draw([record], Path("nowhere")))
    assert len(errors) > 15
    assert all(line.startswith(str(path)) for line in errors)
