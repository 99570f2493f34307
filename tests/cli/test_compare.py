"""``treernn compare`` as a process, stopped and resumed."""

import json
import signal
import sys
from pathlib import Path

import pytest
from processes import paused_after, wait_for

from treernn.cli.main import main

PHRASES = (
    "(4 (3 good) (2 film))",
    "(1 (1 bad) (2 film))",
    "(1 (2 not) (3 (3 good) (2 .)))",
    "(0 (1 bad) (1 (1 bad) (2 film)))",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A treebank of three parts."""
    folder = tmp_path / "trees"
    folder.mkdir()
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text("\n".join(PHRASES * 30))
    return folder


def options(data: Path, out: Path) -> list[str]:
    # The tree first: DGL is loaded before there is a checkpoint, and an interrupt amid the loading
    # of a library may be lost in a callback of Python's import machinery.
    small = ["--models", "tree-elman, chain-lstm", "--hidden-size", "6", "--epochs", "20"]
    return ["compare", "--data", str(data), "--vectors", "none", "--out", str(out), *small]


def test_after_a_stop_it_resumes_and_prints_one_table(treernn, data, tmp_path):
    out = tmp_path / "models"
    process = paused_after("checkpoint.safetensors", *options(data, out))
    wait_for((out / "tree-elman-seed1" / "checkpoint.safetensors").exists, process)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=300)
    assert (process.returncode, stdout) == (130, "")
    assert stderr.splitlines()[-1] == (
        "treernn: stopped; the same command resumes after the last complete epoch"
    )

    found = treernn(*options(data, out))
    lines = found.stderr.decode().splitlines()
    assert found.returncode == 0, lines
    epochs = [line.partition(":")[0] for line in lines]
    assert "tree-elman, seed 1, epoch 1" not in epochs
    chain = [epoch for epoch in epochs if epoch.startswith("chain-lstm")]
    assert chain == [f"chain-lstm, seed 1, epoch {number + 1}" for number in range(len(chain))]
    assert len(chain) > 1
    table = found.stdout.decode()
    for column in ("structure", "cell", "layers", "hidden", "weights", "root 5", "root 2", "per s"):
        assert column in table
    assert [line.split()[1] for line in table.splitlines() if line.startswith("│")] == [
        "tree", "chain",
    ]  # fmt: skip

    again = treernn(*options(data, out), "--json")
    assert (again.returncode, again.stderr) == (0, b"")
    rows = json.loads(again.stdout)["rows"]
    assert [row["model"] for row in rows] == ["tree-elman", "chain-lstm"]
    for row in rows:
        assert len(row["test"]["root_five"]) == 1
        assert 0 <= row["test"]["root_five"][0] <= 100


def test_an_error_is_one_line(data, tmp_path, monkeypatch, capfd):
    for arguments, message in (
        (("--seeds", "1,two"), "seed 'two' is not a whole number; expected for example 1,2"),
        (("--seeds", ","), "seeds: [], expected one or more, each once"),
        (("--models", "gpt"), "no model is called 'gpt'; there are chain-elman, "),
        (("--data", "nowhere"), "nowhere: no such file or folder"),
    ):
        command = ["treernn", *options(data, tmp_path / "models"), *arguments]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code, out, len(err.splitlines())) == (2, "", 1)
        assert err.startswith(f"treernn: {message}")
