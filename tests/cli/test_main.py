import os
import signal
import subprocess
import sys

import pytest

import treernn as package

SLOW = {"torch", "nltk", "numpy", "dgl", "scipy", "pooch"}


def test_version(treernn):
    done = treernn("--version")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"treernn {package.__version__}\n".encode(),
        b"",
    )


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands(treernn, option):
    done = treernn(option)
    assert (done.returncode, done.stderr) == (0, b"")
    for command in ("score", "parse", "evaluate", "train", "distil", "info", "bench"):
        assert f" {command} ".encode() in done.stdout


def test_help_without_arguments(treernn):
    done = treernn()
    assert b"Usage: treernn" in done.stdout + done.stderr


def test_help_imports_nothing_slow():
    script = (
        "import sys; from treernn.cli.main import main; sys.argv[1:] = ['--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print(sorted({SLOW!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_an_unknown_command(treernn):
    done = treernn("nonesuch")
    assert done.returncode == 2
    assert b"No such command" in done.stderr
    assert b"Traceback" not in done.stderr


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
