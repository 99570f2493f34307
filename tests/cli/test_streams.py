"""Streams that are full or closed, Ctrl-C at any moment, packages that cannot be imported."""

import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest

FULL = "standard output cannot be written (No space left on device)"
CLOSED = "standard output is closed, nothing can be printed"
NO_INPUT = "standard input is closed, there is nothing to read"

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")


@pytest.fixture
def shell(tmp_path):
    """Run a command of a shell, where ``treernn`` is the command line: status, output, errors."""
    (tmp_path / "films.csv").write_text("id,text\n1,A good film\n2,A bad film\n")

    def run(command, **variables):
        done = subprocess.run(
            ["sh", "-c", f'treernn() {{ "{sys.executable}" -m treernn "$@"; }}; {command}'],
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@posix
@full
@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [
        ("score films.csv --format csv", ""),
        ("score films.csv --format csv", "1"),
        ("score films.csv", ""),
        ("score good --format jsonl", "1"),
        ("parse 'A good film'", ""),
        ("--help", ""),
        ("--help", "1"),
        ("--version", "1"),
        ("score --help", ""),
    ],
)
def test_output_that_is_full(shell, command, unbuffered):
    done = shell(f"treernn {command} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert done == (2, "", f"treernn: {FULL}\n")


@posix
@pytest.mark.parametrize(
    "command", ["score films.csv --format csv", "score films.csv", "--version"]
)
def test_output_that_is_closed(shell, command):
    assert shell(f"treernn {command} >&-") == (2, "", f"treernn: {CLOSED}\n")


@posix
def test_a_command_that_prints_nothing_needs_no_output(shell, tmp_path):
    assert shell("treernn score films.csv -o out.csv <&- >&-") == (0, "", "")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 3


@posix
@pytest.mark.parametrize("options", ["", "--input-format jsonl", "--input-format text"])
def test_input_that_is_closed(shell, options):
    assert shell(f"treernn score - {options} <&-") == (2, "", f"treernn: {NO_INPUT}\n")


@posix
def test_errors_that_nobody_can_read(shell):
    status, out, _ = shell("treernn score films.csv --format csv 2>&-")
    assert (status, len(out.splitlines())) == (0, 3)
    assert shell("treernn nonesuch 2>&-") == (2, "", "")
    assert shell("treernn score good <&- >&- 2>&-")[0] == 2
    if os.path.exists("/dev/full"):
        assert shell("treernn nonesuch 2>/dev/full")[0] == 2
        assert shell("treernn --version >/dev/full 2>&1")[0] == 2


@posix
def test_a_reader_that_has_seen_enough(shell):
    status, out, err = shell("treernn score films.csv --format jsonl | head -c 9")
    assert (status, out, err) == (0, '{"id": "1', "")
    assert shell("treernn --help | true")[2] == ""


@posix
def test_an_output_that_does_not_block(tmp_path):
    """As that of a parent that reads slowly may be; it takes 64 KB at once."""
    (tmp_path / "films.txt").write_text("A good film\n" * 400)
    command = [sys.executable, "-m", "treernn", "score", "-f", "films.txt", "--format", "json"]
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE, text=True
    ) as process:
        while select.select([], [theirs], [], 0)[1] and process.poll() is None:
            time.sleep(0.1)  # until no more goes in
        os.close(theirs)
        with open(ours, encoding="utf-8") as file:
            rows = json.load(file)
        assert process.communicate(timeout=300)[1] == ""
    assert (process.returncode, len(rows)) == (0, 400)


@posix
@pytest.mark.parametrize("format", ["ptb", "tree"])
def test_a_field_of_its_own_where_nothing_is_added(shell, format):
    lines = r'{"text": "good film"}\n{"text": "bad film", "score": 3}\n'
    status, out, err = shell(
        f"printf '{lines}' | treernn score - --input-format jsonl --format {format}"
    )
    assert (status, err) == (0, "")
    assert "bad" in out


def interrupted(after, *arguments):
    """Ctrl-C after so many seconds: status and errors."""
    with subprocess.Popen(
        [sys.executable, "-m", "treernn", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    return process.returncode, err.strip()


@posix
@pytest.mark.parametrize(
    ("arguments", "moments"),
    [(("score", "A good film."), 14), (("--help",), 14), (("parse", "A good film."), 4)],
)
def test_an_interrupt_at_any_moment(arguments, moments):
    """Most of the time of a short command goes into imports, which both commands have in common."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-m", "treernn", *arguments], capture_output=True)
    seconds = time.monotonic() - start
    silent = 0
    for step in range(moments):
        status, err = interrupted(max(0.01, seconds * step / moments), *arguments)
        if status in (1, -signal.SIGINT):  # Python itself was starting, or taking itself down
            assert "cli" not in err, err
        else:
            assert (status in (0, 130), err) == (True, "")
            silent += status == 130
    assert silent >= (1 if arguments == ("--help",) else moments // 2)


BROKEN = {
    "is missing": (
        "ModuleNotFoundError(\"No module named 'torch'\", name='torch')",
        "No module named",
    ),
    "lacks a library": (
        "ImportError('libcudart.so.12: cannot open')",
        "libcudart.so.12: cannot open",
    ),
    "cannot be mapped": ("OSError('libtorch.so: no\\nspace')", "libtorch.so: no space"),
}


@posix
@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("command", ["score good", "parse good", "compare"])
def test_a_package_that_cannot_be_imported(shell, tmp_path, how, command):
    error, reason = BROKEN[how]
    (tmp_path / "broken" / "torch").mkdir(parents=True)
    (tmp_path / "broken" / "torch" / "__init__.py").write_text(f"raise {error}\n")
    status, out, err = shell(f"treernn {command}", PYTHONPATH=str(tmp_path / "broken"))
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"treernn: torch cannot be imported ({reason}")
    assert err.endswith("): install it again, pip install torch\n")


def test_the_command_line_starts_without_imports():
    script = (
        "import sys, treernn; before = set(sys.modules); import treernn.cli.main;"
        "print(sorted(name for name in set(sys.modules) - before if 'treernn' not in name))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert set(eval(done.stdout)) <= {"signal", "_signal", "enum", "atexit", "types"}
