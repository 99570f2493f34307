import os
import signal
import subprocess
import sys

import pytest

import treernn as package

SLOW = {"torch", "nltk", "numpy", "dgl", "scipy", "pooch"}


def test_version(treernn):
    process = treernn("--version")
    assert (process.returncode, process.stdout, process.stderr) == (
        0,
        f"treernn {package.__version__}\n".encode(),
        b"",
    )


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands(treernn, option):
    process = treernn(option)
    assert (process.returncode, process.stderr) == (0, b"")
    for command in ("score", "parse", "evaluate", "train", "distil", "info", "bench"):
        assert f" {command} ".encode() in process.stdout


def test_help_without_arguments(treernn):
    process = treernn()
    assert b"Usage: treernn" in process.stdout + process.stderr


def test_help_imports_nothing_slow():
    script = (
        "import sys; from treernn.cli.main import main; sys.argv[1:] = ['--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print(sorted({SLOW!r} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert process.stdout.splitlines()[-1] == "[]", process.stderr


def test_an_unknown_command(treernn):
    process = treernn("nonesuch")
    assert process.returncode == 2
    assert b"No such command" in process.stderr
    assert b"Traceback" not in process.stderr


def test_a_closed_pipe_is_not_an_error(small_model, tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text("not a good film\n" * 500)
    arguments = ["--file", texts, "--format", "jsonl", "--model", small_model]
    with subprocess.Popen(
        [sys.executable, "-m", "treernn", "score", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline().startswith(b'{"text": "not a good film"')
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_an_interrupt_prints_nothing():
    with subprocess.Popen(
        [sys.executable, "-m", "treernn", "score", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        # More than a pipe holds: once it is written, the other side is reading.
        process.stdin.write(b"x" * 1_000_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (out, err.strip(), process.returncode) == (b"", b"", 130)
