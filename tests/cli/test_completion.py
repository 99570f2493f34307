"""Completion of commands and options in bash, as a user gets it."""

import shutil
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """What bash offers for a line that ends here."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "treernn"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m treernn "$@"\n')
    program.chmod(0o755)

    def run(line):
        words = line.split(" ")
        script = (
            f'export PATH="{folder}:$PATH"; eval "$(treernn --show-completion bash)"\n'
            f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}\n"
            "_treernn_completion treernn\n"
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        done = subprocess.run([bash, "-c", script], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split()

    return run


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("treernn sc", ["score"]),
        ("treernn train sen", ["sentiment"]),
        ("treernn score --enc", ["--encoding"]),
        ("treernn score --format json", ["json", "jsonl"]),
        ("treernn score --level s", ["sentence"]),
    ],
)
def test_bash_completes(complete, line, words):
    assert complete(line) == words
