"""Texts on the command line and on standard input."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def score(treernn, small_model):
    def run(*arguments, **settings):
        return treernn("score", "--model", str(small_model), *arguments, **settings)

    return run


@pytest.fixture
def texts(in_process, small_model, tmp_path, monkeypatch):
    """The texts that a command line scores."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status, out, err = in_process("score", "--model", small_model, "--json", *arguments)
        assert (status, err) == (0, "")
        return [json.loads(line)["text"] for line in out.splitlines()]

    return run


@pytest.mark.parametrize(
    "text",
    [
        "-5 stars",
        "-5",
        "-5/10",
        "-terrible film",
        "--great film--",
        "- a dash",
        "-1.5 good",
        "-o no",
    ],
)
def test_a_text_may_begin_with_a_dash(texts, text):
    assert texts(text) == [text]
    assert texts("first", text, "last") == ["first", text, "last"]
    assert texts(text, "--prefix", "-x y") == [text]
    assert texts("--", text) == [text]


def test_options_stay_options(in_process, texts, tmp_path):
    (tmp_path / "my file.txt").write_text("good\n")
    for arguments in (["-fmy file.txt"], ["--file=my file.txt"], ["-f", "my file.txt"]):
        status, out, _ = in_process("score", *arguments, "--json")
        assert status == 0
        assert [row["text"] for row in json.loads(out)] == ["good"]
    assert texts("--prefix=my own", "good film") == ["good film"]


@pytest.mark.parametrize("argument", ["-meh", "--formt", "-x", "--great"])
def test_unknown_options_say_how_to_pass_a_text(in_process, argument):
    status, _, err = in_process("score", argument)
    assert status == 2
    assert "No such option" in err
    assert "a text that begins with a dash goes after --" in err


@pytest.mark.parametrize("command", [("score", "--format", "ptb"), ("parse",)])
def test_piped_input_needs_no_dash(treernn, command):
    for stdin in (b"A good film", "A good film".encode("utf-16")):
        process = treernn(*command, stdin=stdin)
        assert (process.returncode, process.stderr) == (0, b"")
        assert b" good)" in process.stdout
    process = treernn(*command, stdin=b" \n")
    assert (process.returncode, process.stdout) == (2, b"")
    assert process.stderr.startswith(b"treernn: nothing to ")


def test_piped_rows_need_no_dash(score):
    stdin = b"id;text\n1;good\n"
    for options in (("--input-format", "csv"), ("--delimiter", ";")):
        process = score(*options, "--format", "csv", stdin=stdin)
        assert (process.returncode, process.stderr) == (0, b"")
        assert process.stdout.splitlines()[1].startswith(b"1,good,")
    process = score("--column", "body", stdin=stdin)
    assert process.stderr == (
        b"treernn: --column is for rows; with standard input use --input-format too\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize("command", ["score", "parse"])
def test_a_terminal_is_not_waited_for(command):
    import pty

    terminal, other = pty.openpty()
    try:
        process = subprocess.run(
            [sys.executable, "-m", "treernn", command],
            stdin=other,
            capture_output=True,
            timeout=100,
        )
    finally:
        os.close(terminal)
        os.close(other)
    assert process.returncode == 2
    assert process.stderr.startswith(b"treernn: nothing to ")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no closed standard input")
def test_without_standard_input(small_model):
    command = f"{sys.executable} -m treernn score --model {small_model} <&-"
    process = subprocess.run(["sh", "-c", command], capture_output=True, timeout=100)
    assert process.returncode == 2
    assert process.stderr == b"treernn: standard input is closed, there is nothing to read\n"


@pytest.mark.parametrize(
    ("stdin", "text", "note"),
    [
        (b"It\x92s a caf\xe9", "It’s a café", "2 bytes on 1 line are not UTF-8, read as cp1252"),
        (b"a\nn\xe9e", "a\nnée", "1 byte on 1 line is not UTF-8, read as cp1252"),
        (
            "née ".encode() + b"\xff\n\xfe",
            "née \ufffd\n\ufffd",
            "2 bytes on 2 lines are not UTF-8, replaced by U+FFFD",
        ),
    ],
)
def test_bytes_that_are_not_utf8_are_noted(score, stdin, text, note):
    process = score("--json", stdin=stdin)
    assert process.stderr.decode() == f"treernn: standard input: {note}\n"
    assert json.loads(process.stdout)["text"] == text


def test_the_encoding_of_standard_input(score, treernn):
    process = score("--json", "--encoding", "cp1251", stdin="Один film".encode("cp1251"))
    assert process.stderr == b""
    assert json.loads(process.stdout)["text"] == "Один film"
    process = treernn("parse", "--encoding", "cp1252", stdin=b"caf\xe9")
    assert process.stdout.decode() == "(X café)\n"
    process = score("--encoding", "none", stdin=b"x")
    assert process.stderr.startswith(b"treernn: no encoding is called 'none'")


def test_json_is_the_format_json(in_process, small_model):
    one = in_process("score", "--model", small_model, "--json", "good", "bad")
    assert one == in_process("score", "--model", small_model, "--format", "json", "good", "bad")
    status, _, err = in_process("score", "--json", "--format", "csv", "good")
    assert (status, err) == (2, "treernn: --json is --format json, not csv; give one of them\n")
    assert in_process("parse", "--json", "good film") == (
        in_process("parse", "--format", "json", "good film")
    )


def test_lines_of_a_file_in_another_encoding(in_process, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("A café\n\nbad\n".encode("utf-16"))
    assert in_process("parse", "-f", path) == (0, "(X (X A) (X café))\n(X bad)\n", "")
    path.write_bytes(b"caf\xe9\n")
    assert in_process("parse", "-f", path, "--encoding", "latin-1") == (0, "(X café)\n", "")
    assert in_process("parse", "-f", path) == (
        *(0, "(X caf\ufffd)\n"),
        f"treernn: {path}: line 1: not UTF-8, try --encoding cp1252\n",
    )
