"""``treernn distil vectors``, and training with the file that it writes."""

import json

import numpy as np
import pytest

from treernn.corpora import glove
from treernn.models.sentiment import load_sentiment
from treernn.types import Tree

pytest.importorskip("transformers")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A treebank and word vectors of the published names, in ``TREERNN_DATA``."""
    folder = tmp_path / "data"
    monkeypatch.setenv("TREERNN_DATA", str(folder))
    folder.mkdir()
    trees = "(3 (2 The) (3 (3 good) (2 film)))\n(1 (1 (2 not) (1 bad)) (2 .))\n"
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text(trees * 3)
    (folder / "glove.6B.100d.txt").write_text(
        "".join(f"{word} {' '.join(['0.5'] * 100)}\n" for word in ("the", "good", "is"))
    )


@pytest.mark.usefixtures("data")
def test_vectors_for_training(in_process, tiny_encoder, tmp_path):
    reviews, out, model = (tmp_path / name for name in ("r.csv", "v.txt.gz", "model"))
    reviews.write_text("id,review\n1,Surprising films!\n2,\n")
    status, printed, err = in_process(
        *("distil", "vectors", tiny_encoder(), "--out", out, "--dimension", "4"),
        *("--corpus", reviews, "--column", "review", "--words", "3"),
    )
    assert (status, printed) == (0, f"{out}: 10 words, 3 word pieces, dimension 104\n"), err
    found = glove.read(out)
    assert found.words == (
        *(".", "bad", "film", "good", "not", "the", "!", "films", "surprising", "is"),
        *("##ly", "##s", "##prising"),
    )
    assert (found.vectors[found.words.index("good"), :100] == 0.5).all()
    assert (found.vectors[found.words.index("bad"), :100] == 0).all()
    status, _, err = in_process(
        *("train", "sentiment", "--out", model, "--vectors", out, "--words", "2", "--epochs", "1")
    )
    assert status == 0, err
    words = (model / "vocabulary.txt").read_text().split()
    assert words[-3:] == ["##ly", "##s", "##prising"]
    classifier = load_sentiment(model)
    known, unknown = (classifier.distributions([Tree((word,))])[0] for word in ("xyz", "films"))
    assert not np.allclose(known, unknown)
    assert json.loads((model / "config.json").read_text())["model"]["embedding_size"] == 104


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--dimension", "7", "--vectors", "none"), "dimension is 7, expected 1 to 5: the encode"),
        (("--dimension", "2", "--corpus", "gone.csv"), "gone.csv: no such file or folder"),
        (("--dimension", "2", "--vectors", "gone.txt"), "gone.txt: no such file"),
    ],
)
@pytest.mark.usefixtures("data")
def test_errors_are_one_line(in_process, tiny_encoder, tmp_path, arguments, message):
    out = tmp_path / "v.txt"
    command = ("distil", "vectors", tiny_encoder(), "--out", out)
    status, printed, err = in_process(*command, *arguments)
    assert (status, printed) == (2, "")
    assert err.splitlines()[-1].startswith(f"treernn: {message}")
    assert not out.exists()
