"""``treernn reproduce`` as a process, killed and resumed."""

import json
from pathlib import Path

import pytest
from processes import paused_after, wait_for

PHRASES = (
    "(4 (3 good) (2 film))",
    "(1 (1 bad) (2 film))",
    "(1 (2 not) (3 (3 good) (2 .)))",
    "(0 (1 bad) (1 (1 bad) (2 film)))",
)


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    """Options that name a treebank of three parts and word vectors."""
    folder = tmp_path / "trees"
    folder.mkdir()
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text("\n".join(PHRASES * 40))
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("good 1 0 .5\nbad -1 0 .5\nfilm 0 1 0\n")
    return ["--data", str(folder), "--vectors", str(vectors)]


def runs_in(out: Path) -> dict[str, dict]:
    found = {}
    for path in sorted((out / "runs").glob("*.json")):
        run = json.loads(path.read_text())
        for epoch in (*run["history"], run["chosen"], run):
            epoch.pop("seconds", None)
        del run["machine"]
        found[path.stem] = run
    return found


def test_after_a_kill_it_resumes_to_the_same_results(treernn, data, tmp_path):
    options = ["reproduce", "--rows", "nb,rnn,constituency-tuned", "--quick", *data, "--out"]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    found = treernn(*options, str(whole), "--jobs", "2")
    assert found.returncode == 0, found.stderr.decode()
    lines = found.stdout.decode().splitlines()
    assert "smaller treebank" in lines[0]
    assert [line.partition(":")[0] for line in lines[1:5]] == [
        "1/4 nb, five, seed 1",
        "2/4 rnn, five, seed 1",
        "3/4 constituency-tuned, five, seed 1",
        "4/4 constituency-tuned, binary, seed 1",
    ]
    assert lines[-1] == f"report: {whole / 'report.md'}"
    text = (whole / "report.md").read_text()
    assert "Quick runs" in text
    assert "treernn reproduce --rows" in text
    for name in ("length.svg", "learning.svg", "confusion.svg"):
        assert (whole / name).stat().st_size > 1000

    with paused_after("checkpoint.safetensors", *options, str(broken)) as process:
        checkpoint = broken / "models" / "rnn-five-seed1" / "checkpoint.safetensors"
        wait_for(checkpoint.exists, process)
        process.kill()
    assert not (broken / "report.md").exists()
    again = treernn(*options, str(broken))
    assert again.returncode == 0, again.stderr.decode()
    assert runs_in(broken) == runs_in(whole)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rows", "gpt"], "no row is called 'gpt'; there are nb"),
        (["--rows", "rnn,rnn"], "expected one or more, each once"),
        (["--rows", " , "], "rows: none; expected one or more"),
        (["--data", "nowhere"], "nowhere"),
    ],
)
def test_an_error_is_one_line(in_process, tmp_path, options, message):
    status, _, err = in_process("reproduce", *options, "--out", tmp_path / "out")
    assert status == 2
    (line,) = err.splitlines()
    assert line.startswith("treernn: ")
    assert message in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("trees/test.txt", "trees/test.txt: no trees in this file"),
        ("out", "out: cannot be written, it is no folder"),
    ],
)
def test_problems_are_found_before_training(in_process, data, tmp_path, place, message):
    (tmp_path / place).write_text("")
    status, _, err = in_process("reproduce", "--rows", "rnn", *data, "--out", tmp_path / "out")
    assert (status, err) == (2, f"treernn: {tmp_path}/{message}\n")
    assert {path.name for path in tmp_path.iterdir()} <= {"trees", "vectors.txt", "out"}
    assert not (tmp_path / "out" / "models").exists()


def test_the_help_names_every_row():
    from treernn.cli.reproduce import reproduce
    from treernn.studies.reproduction.rows import ROWS

    named = reproduce.__doc__.partition("Rows:")[2].partition(".")[0]
    assert [name.strip() for name in named.split(",")] == list(ROWS)
