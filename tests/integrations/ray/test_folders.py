"""Folders of files, scored by a cluster: the same as on one machine."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from treernn.cli.app import app
from treernn.errors import InputError
from treernn.scoring.folders.inputs import find_inputs
from treernn.scoring.folders.output import open_output
from treernn.scoring.folders.run import FolderJob
from treernn.scoring.settings import Settings, TableOptions
from treernn.scoring.table import PartScorer

TEXTS = ["A wonderful film.", "", "Not good at all.", "It has no plot. I liked it!"]


def write_inputs(folder, rows=120):
    """A file of each format, in which types show late, and one that is damaged."""
    folder.mkdir()
    (folder / "deep").mkdir()
    data = [
        {"id": i, "text": TEXTS[i % 4], "n": i if i < rows / 2 else i + 0.5, "m": None}
        for i in range(rows)
    ]
    data[-1]["m"] = "late"
    with (folder / "a.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, data[0])
        writer.writeheader()
        writer.writerows(data)
    lines = [json.dumps(row) for row in data]
    lines[7] = "{no JSON"
    (folder / "deep" / "b.jsonl").write_text("\n".join(lines))
    pq.write_table(pa.Table.from_pylist(data), folder / "c.parquet", row_group_size=50)
    (folder / "d.txt").write_text("\n".join(row["text"] or "So so." for row in data))
    (folder / "damaged.parquet").write_bytes(b"PAR1 no more")


def run(*arguments):
    result = CliRunner().invoke(app, ["score", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def problem_of(*arguments):
    """The one line that the command ends with."""
    result = CliRunner().invoke(app, ["score", *map(str, arguments)])
    assert isinstance(result.exception, InputError), result.exception
    assert not result.output
    return str(result.exception)


def results(folder):
    """The rows of each result by its name, which may be a folder of parts."""
    files = [path for path in folder.glob("**/*.parquet") if path.is_file()]
    names = {path.parent if path.name.startswith("part-") else path for path in files}
    return {str(name.relative_to(folder)): read(name) for name in sorted(names)}


def read(path):
    parts = sorted(path.iterdir()) if path.is_dir() else [path]
    return pa.concat_tables([pq.read_table(part) for part in parts])


def assert_same(found, expected):
    assert [*found] == [*expected]
    for name, table in found.items():
        assert table.schema.equals(expected[name].schema), name
        for ours, theirs in zip(table.to_pylist(), expected[name].to_pylist(), strict=True):
            for column in ("probabilities", "score"):  # rounded to six digits
                assert ours.pop(column) == pytest.approx(theirs.pop(column), abs=2e-6)
            assert ours == theirs


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake") / "in"
    write_inputs(folder)
    return folder


@pytest.fixture(scope="module")
def expected(inputs, tmp_path_factory):
    out = tmp_path_factory.mktemp("one") / "out"
    result = run(inputs, "-o", f"{out}/", "--jobs", 1)
    return result, results(out)


@pytest.mark.usefixtures("ray")
def test_results_are_those_of_one_machine(inputs, expected, tmp_path):
    out = tmp_path / "out"
    result = run(inputs, "-o", f"{out}/", "--engine", "ray")
    on_one, tables = expected
    assert result.exit_code == on_one.exit_code == 1
    assert sorted(result.stderr.splitlines()) == sorted(on_one.stderr.splitlines())
    assert "damaged.parquet" in result.stderr
    assert_same(results(out), tables)
    again = run(inputs, "-o", f"{out}/", "--engine", "ray", "--resume")
    assert "4 files (4 of them earlier)" in again.stderr


def folder_job(inputs, out):
    files = find_inputs([str(inputs)]).files
    settings = Settings("small", "cpu", "embedded", "float32", "parquet")
    names = [file.name for file in files]
    output = open_output(out, "parquet", {}, names, resume=True)
    return FolderJob(TableOptions(), settings, output, {}, PartScorer), files


@pytest.mark.usefixtures("ray")
def test_fragments_together_are_the_file_of_one_machine(inputs, expected, tmp_path):
    from treernn.integrations.ray.folders import score_inputs_on_ray
    from treernn.integrations.ray.resources import Pool

    job, files = folder_job(inputs, tmp_path / "out")
    steps = [*score_inputs_on_ray(job, files, Pool(2, 1.0), large=1, rows=30)]
    ended = {step.ended.file.name: step.ended for step in steps if step.ended is not None}
    assert len(ended) == 5
    assert ended["damaged.parquet"].done is None
    assert ended["a.csv"].done == (120, 30)
    assert sum(step.rows for step in steps) == 480
    assert steps[-1].fraction == pytest.approx(1)
    assert_same(results(tmp_path / "out"), expected[1])
    (tmp_path / "out" / "a.csv.parquet" / "part-000002.parquet").unlink()
    steps = [*score_inputs_on_ray(job, files, Pool(1, 1.0), large=1, rows=30)]
    assert [step.rows for step in steps if step.rows and not step.earlier] == [
        30
    ]  # what was missing, and no more
    assert_same(results(tmp_path / "out"), expected[1])


@pytest.mark.usefixtures("ray")
def test_machines_that_differ_are_said(tmp_path, monkeypatch):
    from treernn.integrations.ray import cluster

    cluster.check_machines([str(tmp_path)])
    with pytest.raises(InputError, match="does not see /no/such/folder; all machines"):
        cluster.check_machines([str(tmp_path), "/no/such/folder"])
    monkeypatch.setattr(cluster, "__version__", "9.9")
    with pytest.raises(InputError, match=r"has treernn 0\.1\.0, this process 9\.9; install"):
        cluster.check_machines([str(tmp_path)])


@pytest.mark.usefixtures("ray")
def test_what_does_not_fit_is_one_line(inputs, tmp_path):
    for number, (arguments, problem) in enumerate(
        [
            (["--jobs", 64], "too small: 64 actors need 64 CPU, there is 2 CPU on 1 machine"),
            (["--device", "cuda"], "1 GPU, there is 2 CPU and 0 GPU on 1 machine"),
            (["--shard", "1/2"], "leave out --shard"),
        ]
    ):
        out = f"{tmp_path}/{number}/"
        assert problem in problem_of(inputs, "-o", out, "--engine", "ray", *arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["A good film.", "--engine", "ray"], "--engine ray scores files into a folder"),
        (["A good film.", "--address", "auto"], "add --engine ray"),
    ],
)
def test_an_engine_is_for_files(arguments, problem):
    assert problem in problem_of(*arguments)
