"""Corrected trees that the server keeps."""

import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import serving
from treebanks import left_branching

from treernn.corpora import read_brackets
from treernn.corpora.brackets import format_tree
from treernn.server.corrections import append_lines, lines_of
from treernn.server.problems import RefusedError
from treernn.training.data.own_trees import read_own_trees

TREES = ["(4 (2 so) (3 good))", "(1 (2 (2 not) (3 good)) (2 .))"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("corrections") / "trees.txt"
    path.write_text("(0 bad)")  # no end of the line
    return path


@pytest.fixture(scope="module")
def keeping(file):
    with serving("--corrections", file) as running:
        yield running


def test_trees_are_appended_and_can_be_trained_with(keeping, file):
    assert keeping.client.get("/api/models").json()["corrections"] is True
    answer = keeping.post("/api/corrections", {"trees": TREES})
    assert (answer.status_code, answer.json()) == (200, {"stored": 2})
    assert file.read_text() == "(0 bad)\n" + "".join(f"{tree}\n" for tree in TREES)
    assert read_own_trees(file) == read_brackets(file)


def test_requests_at_the_same_time_do_not_mix(keeping, file):
    before = len(read_brackets(file))
    trees = [format_tree(tree) for tree in left_branching(30, 1)]
    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(keeping.post, "/api/corrections", {"trees": trees[i : i + 3]})
            for i in range(0, 30, 3)
        ]
        assert {each.result().status_code for each in sent} == {200}
    found = [format_tree(tree) for tree in read_brackets(file)[before:]]
    assert sorted(found) == sorted(trees)
    for i in range(0, 30, 3):
        start = found.index(trees[i])
        assert found[start : start + 3] == trees[i : i + 3]


WRONG = [
    ({}, "the body has to be "),
    ({"trees": []}, "the body has to be "),
    ({"trees": "(2 a)"}, "the body has to be "),
    ({"trees": ["(2 a)"], "file": "x"}, "the body has to be "),
    ({"trees": [3]}, "tree 1 is 3, expected a tree in brackets"),
    ({"trees": ["(2 a)", "(2 b"]}, "tree 2, column "),
    ({"trees": ["(2 a) (2 b)"]}, "tree 1, column 7: text after the tree"),
    ({"trees": ["(-1 a)"]}, "tree 1: it has no classes"),
    ({"trees": ["(X (X a) (X b))"]}, "tree 1, column 2: label 'X'"),
    ({"trees": ["(5 a)"]}, "tree 1, column 2: "),
    ({"trees": [""]}, "tree 1, column 1: no tree"),
    ({"trees": ["(2 a\ud800)"]}, ""),
    (
        {"trees": ["(2 a)", "(3 (2 b) (2 a\x00b))"]},
        "tree 2: word 2 'a\\x00b' has a control character",
    ),
    ({"trees": ["(2 \x1b[31mred)"]}, "tree 1: word 1 '\\x1b[31mred' has a control character"),
    ({"trees": ["(2 a\u2028b)"]}, "tree 1: word 1 'a\\u2028b' has a control character"),
]


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_all_or_none(keeping, file, place):
    before = file.read_bytes()
    values, problem = WRONG[place]
    answer = keeping.post("/api/corrections", values)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(problem)
    assert file.read_bytes() == before


def test_no_control_character_is_kept():
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in ("Cc", "Zl", "Zp"):
            with pytest.raises(RefusedError, match=r"^tree 1") as raised:
                lines_of({"trees": [f"(3 (2 a{chr(code)}b) (2 c))"]}, 1)
            assert str(raised.value).isprintable()
    word = "\U0001f469\u200d\U0001f467\u200fé"  # joiners and directions belong to words
    assert lines_of({"trees": [f"(2 {word})"]}, 1) == [f"(2 {word})"]


def test_too_many(keeping):
    answer = keeping.post("/api/corrections", {"trees": ["(2 a)"] * 1001})
    assert (answer.status_code, answer.json()) == (
        413,
        {"error": "1,001 trees, the limit is 1,000"},
    )


def test_a_server_without_a_file_keeps_none(server):
    answer = server.post("/api/corrections", {"trees": TREES})
    assert answer.status_code == 404
    assert answer.json()["error"].endswith("start it with --corrections FILE")
    assert server.client.get("/api/models").json()["corrections"] is False


@given(st.lists(st.sampled_from(left_branching(20, 4)), min_size=1))
def test_what_is_sent_is_what_is_kept(trees):
    lines = [format_tree(tree) for tree in trees]
    assert lines_of({"trees": [f" {line}\n" for line in lines]}, 1000) == lines


def test_a_deep_tree():
    depth = 20_000
    tree = "(3 " * depth + "(2 a)" + "(2 b))" * depth
    assert lines_of({"trees": [tree]}, 1) == [tree.replace(")(", ") (")]
    with pytest.raises(RefusedError, match="tree 1, column "):
        lines_of({"trees": ["(" * depth]}, 1)


@pytest.mark.skipif(os.name != "posix", reason="a full device is one of Linux")
def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "trees.txt"
    append_lines(path, TREES)
    before = path.read_bytes()

    def full(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        append_lines(path, TREES)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_written(in_process, tmp_path):
    status, _, err = in_process("serve", "--corrections", tmp_path / "no" / "trees.txt")
    assert (status, err.count("\n")) == (2, 1)
    assert "trees.txt: cannot be written (No such file or directory)" in err


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX")
def test_a_pipe_is_no_file_to_append_to(in_process, tmp_path):
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for a reader
    status, _, err = in_process("serve", "--corrections", tmp_path / "pipe")
    assert (status, err) == (2, f"treernn: {tmp_path / 'pipe'}: not a regular file\n")
