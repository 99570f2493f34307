"""What comes from outside reaches a terminal escaped: one line, in its order, without colours."""

import json
import os
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.printing import printable, shown, shown_lines

ODD = "\x1b[31m\x9b\x7f\u202e\u200b\u2066\u2028\nX"
HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TREERNN_DATA", f"/{ODD}")
    (tmp_path / "trees.txt").write_text("(3 (2 a\x1b[31m\x9b\u202e) (2 b\x7f\u2066))\n", "utf-8")
    (tmp_path / "odd.csv").write_text("a\x1b[31m\x9b\u202e,te\x1b\u202ext\ngood,bad\n", "utf-8")
    (tmp_path / "films.csv").write_text("text\ngood\n")
    name = json.dumps(ODD)
    (tmp_path / "rows.jsonl").write_text(f'{{{name}: 5}}\n{{{name}: "good"}}\n')
    (tmp_path / ODD.replace("/", "")).mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text(f'{{"format": {name}, "model": {name}}}')


FAILING = [
    ("score", "odd.csv"),
    ("score", "-f", ODD),
    ("score", "--file", f"no{ODD}"),
    ("score", "films.csv", "--column", ODD),
    ("score", "films.csv", "--encoding", ODD),
    ("score", "films.csv", "--delimiter", ODD),
    ("score", "films.csv", "-o", f"x.{ODD}"),
    ("score", "good", "-o", ODD),
    ("score", "films.csv", "--format", ODD),
    ("score", "films.csv", f"--{ODD}"),
    ("score", "good", "--model", f"m{ODD}"),
    ("score", "good", "--model", "model"),
    ("score", "good", "--parser", f"p{ODD}"),
    ("score", "good", "--device", ODD),
    ("score", "good", "--precision", ODD),
    ("score", "good", "--jobs", ODD),
    ("parse", "good", "--parser", f"p{ODD}"),
    ("parse", "--from", f"no{ODD}"),
    ("tag", f"m{ODD}", "good"),
    ("translate", f"m{ODD}", "x"),
    ("caption", f"m{ODD}", ODD),
    ("evaluate", f"m{ODD}"),
    ("evaluate", "small", "--file", f"no{ODD}"),
    ("probe", f"m{ODD}"),
    ("influence", f"m{ODD}"),
    ("compare", "--seeds", ODD),
    ("reproduce", "--rows", ODD),
    ("train", ODD),
    ("bench", ODD),
    ("draw", "-o", ODD),
    ("draw", "--structure", "tree", "--tree", f"(3 {ODD}"),
    (ODD,),
    (f"--{ODD}",),
]


@pytest.mark.parametrize("arguments", FAILING, ids=range(len(FAILING)))
def test_messages(in_process, arguments):
    status, out, err = in_process(*arguments)
    assert (status, out) == (2, "")
    assert not HIDDEN.search(err), err
    if err.startswith("treernn: "):
        assert err.count("\n") == 1


PRINTING = [
    ("parse", "--from", "trees.txt"),
    ("parse", "--from", "trees.txt", "--json"),
    ("parse", "--from", "trees.txt", "--format", "tree"),
    ("parse", f"good{ODD}", "--json", "--parser", "right"),
    ("parse", f"good{ODD}", "--parser", "right"),
    ("score", f"good{ODD}", "--format", "ptb"),
    ("score", f"good{ODD}", "--json"),
    ("score", f"good{ODD}", "--explain"),
    ("draw", "-o", f"{ODD}.svg"),
    ("info",),
]


@pytest.mark.parametrize("arguments", PRINTING, ids=range(len(PRINTING)))
def test_printed_formats(in_process, arguments):
    status, out, err = in_process(*arguments)
    assert (status, err) == (0, "")
    assert out
    assert not HIDDEN.search(out), out


def test_words_of_json_stay_the_same(in_process):
    out = in_process("parse", "--from", "trees.txt", "--json")[1]
    assert json.loads(out)["words"] == ["a\x1b[31m\x9b\u202e", "b\x7f\u2066"]
    assert out.isprintable() or out.strip().isprintable()


def test_errors_of_rows(in_process):
    status, out, err = in_process("score", "rows.jsonl", "--column", ODD, "--format", "ptb")
    assert (status, out.count("\n")) == (1, 2)
    assert err == f"treernn: line 1: {shown(ODD)} is 5, expected a text\n"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("format", ["csv", "jsonl", "ptb"])
def test_tables_are_exact_in_files_and_escaped_on_a_terminal(in_process, monkeypatch, format):
    arguments = ("score", "rows.jsonl", "--column", ODD, "--format", format)
    exact = in_process(*arguments)[1]
    assert (ODD in exact) == (format == "csv")
    ours, theirs = os.openpty()
    with open(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        in_process(*arguments)
        terminal.flush()
        printed = os.read(ours, 1 << 16).decode().replace("\r\n", "\n")
    os.close(ours)
    assert not HIDDEN.search(printed)
    if format == "csv":
        assert printed.startswith(shown_lines(f'"{ODD}",label,'))


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("command", [("score", "--file"), ("summarize",)])
def test_a_terminal_is_told_where_results_are(in_process, monkeypatch, tmp_path, command):
    (tmp_path / "in.csv").write_text("text\ngood\n")
    out = tmp_path / "out.html"
    arguments = (*command, "in.csv", "-o", out)
    assert in_process(*arguments)[2] == ""
    ours, theirs = os.openpty()
    with open(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        in_process(*arguments)
        terminal.flush()
        assert os.read(ours, 1 << 16).decode().endswith(f"treernn: 1 row scored, see {out}\r\n")
    os.close(ours)


@given(st.text())
def test_shown_is_one_line_and_the_same_json(text):
    assert not HIDDEN.search(shown(text))
    assert "\n" not in shown(text)
    assert json.loads(shown(json.dumps(text, ensure_ascii=False))) == text
    assert shown(shown(text)) == shown(text)
    assert printable(text).isprintable()


def test_what_people_write_is_shown_as_it_is():
    for text in ("Zoë’s café", "👨‍👩‍👧 ❤️", "می‌خواهم", "日本 語", "C:\\new\\x1b"):
        assert shown(text) == text
    assert shown("pay\u200dpal") == "pay\\u200dpal"
