"""What the documents show is run, in the order in which they show it."""

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from treernn.cli.main import main
from treernn.models.shipped import PARSER, SENTIMENT

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def small_data(tmp_path, monkeypatch):
    """A treebank and word vectors of the published names, small enough to train on here."""
    folder = tmp_path / "data"
    folder.mkdir()
    trees = "(3 (2 It) (3 (2 is) (3 good)))\n(1 (1 (2 not) (3 good)) (2 .))\n"
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text(trees * 3)
    words = ("it", "is", ".")
    rows = np.random.default_rng(1).normal(size=(3, 100)).round(3)
    vectors = (f"{word} {' '.join(map(str, row))}\n" for word, row in zip(words, rows, strict=True))
    (folder / "glove.6B.100d.txt").write_text("".join(vectors))
    monkeypatch.setenv("TREERNN_DATA", str(folder))


@pytest.mark.usefixtures("small_data")
@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_documents_show_what_works(name, tmp_path, monkeypatch, capfd):
    text = (DOCUMENTS / f"{name}.md").read_text("utf-8")
    blocks = BLOCK.findall(text)
    assert len(blocks) >= text.count("```") / 2 > 2
    if " embedded" in text and not SENTIMENT.is_dir():
        pytest.skip("no sentiment model is shipped with this copy")
    assert PARSER.is_dir()
    monkeypatch.chdir(tmp_path)
    trees = BLOCK.findall((DOCUMENTS / "train.md").read_text("utf-8"))
    for _, file, content in (*trees, *blocks):
        if file:
            (tmp_path / file).write_text(content)
    for language, _, content in blocks:
        if language != "sh":
            continue
        for line in content.splitlines():
            command = shlex.split(line)
            assert command[0] == "treernn"
            monkeypatch.setattr(sys, "argv", command)
            with pytest.raises(SystemExit) as ended:
                main()
            out, err = capfd.readouterr()
            assert not ended.value.code, (line, err)
            assert out


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_the_options_that_documents_name_are_there(name):
    text = (DOCUMENTS / f"{name}.md").read_text("utf-8")
    from treernn.cli import evaluate, score, train

    helps = "".join(Path(module.__file__).read_text("utf-8") for module in (evaluate, score, train))
    for option in set(re.findall(r"(?<!-)--[a-z][a-z-]*", text)):
        plain = option.removeprefix("--").replace("-", "_")
        assert f"    {plain}: " in helps or f'"{option}"' in helps, option


def test_the_table_of_settings_is_complete():
    from dataclasses import fields

    from treernn.training.sentiment import Settings

    text = (DOCUMENTS / "train.md").read_text("utf-8")
    rows = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    named = [name for row in rows for name in re.findall("`(.*?)`", row)]
    assert named == [field.name for field in fields(Settings)]
