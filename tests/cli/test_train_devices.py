"""``treernn train --devices 2``: two processes, of which one speaks; kills, Ctrl-C, errors."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import wait_for

from treernn.cli import together
from treernn.errors import InputError, ProcessError
from treernn.models.storage import CONFIG, FILES
from treernn.training.loop import parallel

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
    pytest.mark.usefixtures("folder"),
]

PHRASES = ("(4 (3 good) (2 film))", "(1 (1 bad) (2 film))", "(3 (2 not) (1 (1 bad) (2 .)))")
KILLS = int(os.environ.get("TREERNN_KILLS", "1"))  # of each process


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a file of trees."""
    (tmp_path / "trees.txt").write_text("\n".join(PHRASES * 12))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(*arguments, out="model", epochs=200, devices=2):
    chosen = ["--trees", "trees.txt", "--vectors", "none", "--hidden-size", "8"]
    chosen += ["--epochs", str(epochs), "--patience", str(epochs), "--devices", str(devices)]
    return subprocess.Popen(
        [sys.executable, "-m", "treernn", "train", "sentiment", "--out", out, *chosen, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments, **options):
    """Status, standard output, lines of standard error."""
    process = start(*arguments, **options)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors.splitlines()


def workers(process):
    """The processes that it has started, by rank."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in children]


def epochs_done(out="model"):
    if not Path(out, "checkpoint.safetensors").exists():  # written after the metrics
        return 0
    try:
        return len(Path(out, "metrics.jsonl").read_text().splitlines())
    except FileNotFoundError:
        return 0


def model(out):
    return {name: Path(out, name).read_bytes() for name in FILES if name != CONFIG}


def has_ended(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_one_name_of_the_store():
    assert together.STORE == parallel.STORE


def test_two_processes_are_one_command():
    """What it prints and writes is as of one; Ctrl-C ends both, and the command goes on."""
    status, output, errors = run(epochs=6)
    assert status == 0
    assert [line.split()[:2] for line in errors] == [["epoch", str(n)] for n in range(1, 7)]
    assert output.startswith("model: epoch ")
    assert len(output.splitlines()) == 1
    assert {path.name for path in Path("model").iterdir()} == {*FILES, "metrics.jsonl"}
    found = [json.loads(line) for line in Path("model", "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in found] == [*range(1, 7)]

    process = start(out="stopped", epochs=6000)
    wait_for(lambda: epochs_done("stopped"), process)
    both = workers(process)
    assert len(both) == 2
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    line = errors.splitlines()[-1]
    assert line == "treernn: stopped; the same command resumes after the last complete epoch"
    assert all(map(has_ended, both))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--batch-size", "1"), "batch_size is 1, expected at least one example for each of 2 pro"),
        (("--device", "cuda"), "device 'cuda': torch "),
    ],
)
def test_an_error_of_both_processes_is_one_line(arguments, message):
    status, output, [line] = run(*arguments)
    assert (status, output) == (2, "")
    assert line.startswith(f"treernn: {message}")


def test_a_process_that_ends_without_a_word(monkeypatch):
    def start_other(environment, errors):
        errors.touch()
        status = 7 * int(environment["RANK"])
        return subprocess.Popen([sys.executable, "-c", f"import os; os._exit({status})"])

    monkeypatch.setattr(together, "_start", start_other)
    with pytest.raises(ProcessError, match=r"^process 1 .* ended with status 7 and no"):
        together._run(2)


def test_devices_beside_torchrun(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "3")
    status, _, [line] = run()
    assert status == 2
    assert line == "treernn: --devices is 2, but torchrun has started 3 processes"


@pytest.mark.parametrize("count", ["x", "", "0", "-1"])
def test_a_wrong_number_of_processes(monkeypatch, tmp_path, count):
    monkeypatch.setenv("WORLD_SIZE", count)
    with (
        pytest.raises(InputError, match=f"WORLD_SIZE in the environment is '{count}'"),
        together.training(tmp_path / "model", "cpu", 1),
    ):
        pass


@pytest.mark.slow
def test_killed_processes():
    """The others end with one line; the command resumes, to the bytes of an unbroken run."""
    epochs = 30 * KILLS
    run(out="unbroken", epochs=epochs)
    moments = random.Random(7)
    for victim in ("first", "second", "all") * KILLS:
        process = start(epochs=epochs)
        try:
            before = epochs_done()
            wait_for(lambda: epochs_done() > before, process)  # noqa: B023
        except AssertionError:  # it has finished
            assert victim != "first"
            break
        time.sleep(moments.uniform(0, 0.2))
        both = workers(process)
        pids = {"first": both[:1], "second": both[1:], "all": [process.pid]}[victim]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
        if victim == "all":
            assert process.returncode == -signal.SIGKILL
        elif process.returncode:
            number = 0 if victim == "first" else 1
            assert process.returncode == 2
            [line] = [line for line in errors.splitlines() if not line.startswith("epoch")]
            assert line.startswith(
                f"treernn: process {number} of the training was killed (SIGKILL)"
            )
        deadline = time.monotonic() + 30
        while not all(map(has_ended, both)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    status, *_ = run(epochs=epochs)
    assert status == 0
    assert model("model") == model("unbroken")


@pytest.mark.slow
def test_torchrun_starts_the_same():
    """With the same bytes; and another number of processes goes on, with a note."""
    assert run(epochs=4)[0] == 0
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    command += ["2", "-m", "treernn", "train", "sentiment", "--out", "by-torchrun"]
    command += ["--trees", "trees.txt", "--vectors", "none", "--hidden-size", "8"]
    command += ["--epochs", "4", "--patience", "4"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stderr
    assert len(found.stdout.splitlines()) == 1
    assert model("by-torchrun") == model("model")

    process = start(out="changed", epochs=40)
    wait_for(lambda: epochs_done("changed"), process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    status, _, errors = run(out="changed", epochs=40, devices=3)
    assert status == 0
    assert errors[0].startswith(
        "treernn: note: changed was trained by 2 process(es) so far and goes"
    )
