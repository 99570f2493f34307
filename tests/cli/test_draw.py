from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")


def test_in_a_process(treernn, tmp_path):
    path = tmp_path / "new" / "net.svg"
    done = treernn("draw", "--structure", "encoder-decoder", "--steps", "2", "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}\n".encode(), b"")
    assert path.read_text().rstrip().endswith("</svg>")


@pytest.fixture
def draw(in_process, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return partial(in_process, "draw")


def test_default_file_name_and_own_tree(draw):
    assert draw("--structure", "tree") == (0, "tree.svg\n", "")
    assert draw("--structure", "chain", "--folded") == (0, "chain-folded.svg\n", "")
    options = ("--structure", "tree", "--tree", "(3 (2 so) (3 good))", "-o", "own.png")
    assert draw(*options) == (0, "own.png\n", "")
    assert Path("own.png").read_bytes() != Path("tree.svg").read_bytes()


def test_errors_are_one_line(draw, monkeypatch):
    for arguments, message in (
        (("--steps", "0"), "0 steps, expected 1 to 40"),
        (("-o", "a.gif"), "a.gif: expected a file name that ends in .svg or .png"),
        (("--structure", "tree", "--layers", "2"), "--layers does not apply to --structure tree"),
        (("--output-steps", "2"), "--output-steps does not apply to --structure chain"),
        (("--tree", "(3 so)"), "--tree does not apply to --structure chain"),
        (("--structure", "tree", "--tree", "(3 so"), "--tree:1:1: bracket is never closed"),
    ):
        assert draw(*arguments) == (2, "", f"treernn: {message}\n")
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    code, out, err = draw("-o", "a.svg")
    assert (code, out) == (2, "")
    assert err == "treernn: matplotlib is not installed: pip install 'treernn[plots]'\n"
    assert not list(Path().iterdir())
