"""Where data sets are found."""

from pathlib import Path

import pytest

from treernn.corpora import locations
from treernn.errors import MissingDataError


def test_where(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sst, glove = "Stanford Sentiment Treebank", "GloVe 6B word vectors"
    reviews, pairs = "Movie reviews, polarity 2.0", "English-Chinese sentence pairs"
    corrected = "Corrected Stanford Sentiment Treebank"
    others = ("MAMS restaurant sentences", "Product reviews", "Pros and cons", "SemEval tweets")
    none = dict.fromkeys((sst, corrected, glove, reviews, pairs, *others, "VADER lexicon"))
    assert locations.where() == none
    cache.mkdir()
    (cache / "glove.6B.zip").touch()
    assert locations.where() == none | {glove: cache / "glove.6B.zip"}
    folder = tmp_path / "data"
    (folder / "trees").mkdir(parents=True)
    (folder / "trees" / "train.txt").touch()
    monkeypatch.setenv("TREERNN_DATA", str(folder))
    assert locations.where() == none | {
        sst: folder / "trees" / "train.txt",
        glove: cache / "glove.6B.zip",
    }
    for name in (
        "trainDevTestTrees_PTB.zip",
        "glove.6B.100d.txt",
        "review_polarity.tar.gz",
        "cmn.txt",
    ):
        (folder / name).touch()
    (folder / "sentiment-treebank" / "fiveclass").mkdir(parents=True)
    (folder / "sentiment-treebank" / "fiveclass" / "train.txt").touch()
    assert locations.where() == none | {
        corrected: folder / "sentiment-treebank" / "fiveclass" / "train.txt",
        sst: folder / "trainDevTestTrees_PTB.zip",
        glove: folder / "glove.6B.100d.txt",
        reviews: folder / "review_polarity.tar.gz",
        pairs: folder / "cmn.txt",
    }


def test_cache_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert locations.cache_folder().name == "treernn"
    assert locations.cache_folder().is_absolute()


@pytest.mark.usefixtures("cache")
def test_errors_name_the_folder_of_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = locations.DataSet("Pairs", "https://example.org/pairs.zip", ("pairs.txt",))
    with pytest.raises(MissingDataError, match=r"into a folder that TREERNN_DATA names$"):
        locations.fetch(data)
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match=f"into {tmp_path}, which TREERNN_DATA names$"):
        locations.fetch(data)
    for name, problem in (("none", "does not exist"), ("file", "is a file")):
        (tmp_path / "file").touch()
        monkeypatch.setenv("TREERNN_DATA", str(tmp_path / name))
        with pytest.raises(MissingDataError) as raised:
            locations.fetch(data)
        assert str(raised.value) == (
            f"{tmp_path / name}: TREERNN_DATA names this folder, but it {problem}"
        )


@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", "small"),
        ("train", "sentiment", "--out", "model"),
        ("train", "translation", "--out", "model"),
        ("bench", "documents"),
    ],
)
@pytest.mark.usefixtures("cache")
def test_commands_name_it_too(in_process, tmp_path, monkeypatch, command) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TREERNN_DATA", "/no/such folder")
    status, _, err = in_process(*command)
    assert status == 2
    assert err == (
        "treernn: /no/such folder: TREERNN_DATA names this folder, but it does not exist\n"
    )
