"""The corrected treebank, with trees of its repository."""

from pathlib import Path

import pytest

from treernn.corpora import corrected, sst
from treernn.corpora.brackets import format_tree
from treernn.corpora.corrected import warn_of_overlap
from treernn.errors import DataError, DataWarning, InputError, MissingDataError
from treernn.types import Tree

# A tree of extra-train.txt as it stands there, then a wide one.
EXTRA = """(3
  (3
    (2 (2 The) (2 S10))
    (3 (2 is)
       (3
         (3 (2 the)
            (3
              (3 (2 most) (3 complete))
              (2 (2 Galaxy) (2 phone))))
         (2 (2 in) (2 years)))))
  (2 .))

(3 (2 a) (2 ,) (2 b) (2 ,)
   (2 c))

"""
DEV = "(3 (2 It) (4 (4 (2 's) (4 (3 (2 a) (4 (3 lovely) (2 film))) (2 here))) (2 .)))\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "sentiment-treebank" / "fiveclass"
    folder.mkdir(parents=True)
    (folder / "train.txt").write_text(DEV * 2 + EXTRA)
    for split in ("dev", "test"):
        (folder / f"{split}.txt").write_text(DEV)
    for split in corrected.EXTRA:
        (folder / f"{split}.txt").write_text(EXTRA)
    return folder.parent


@pytest.fixture
def sources(repository: Path) -> list[Path]:
    folder = repository / "fiveclass"
    return [repository, folder, folder / "train.txt", repository.parent]


def test_all_ways_to_name_it(repository: Path, sources: list[Path]) -> None:
    for source in sources:
        assert corrected.find(source) == repository / "fiveclass"
        assert [tree.words[0] for tree in sst.load("dev", source)] == ["It"]
        assert sst.name("dev", source) == "corrected SST dev"
    assert sst.name("dev") == "SST dev"


def test_trees_on_several_lines_are_made_binary(repository: Path) -> None:
    with pytest.warns(
        DataWarning, match=r"extra-train\.txt: of 2 trees 1 had nodes with more than"
    ):
        first, wide = corrected.load("extra-train", repository)
    assert format_tree(first) == " ".join(EXTRA.partition("\n\n")[0].split()).replace("( ", "(")
    assert wide.labels == (2, 2, 2, 2, 2, -1, -1, -1, 3)


def test_further_sentences_are_not_in_the_train_split(repository: Path) -> None:
    with pytest.warns(DataWarning):
        assert len(sst.load_splits(repository).train) == 4


@pytest.mark.usefixtures("cache")
def test_it_is_never_used_for_the_classic_one(
    repository: Path, sst_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREERNN_DATA", str(repository.parent))
    assert sst.find() is None
    assert corrected.find() == repository / "fiveclass"
    (repository.parent / sst_archive.name).symlink_to(sst_archive)
    assert len(sst.load("dev")) == len(sst.load("dev", repository.parent)) == 1101
    assert len(corrected.load("dev")) == 1
    # The folder itself is asked for by name, and is told.
    monkeypatch.setenv("TREERNN_DATA", str(repository / "fiveclass"))
    with pytest.warns(DataWarning, match="fiveclass: this is the corrected SST"):
        assert len(sst.load("dev")) == 1


def test_sentences_of_the_classic_test_split_are_told(
    repository: Path, sst_archive: Path, sst_test: list[Tree], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREERNN_DATA", str(sst_archive.parent))
    train = repository / "fiveclass" / "train.txt"
    train.write_text(format_tree(sst_test[0]) + "\n" + DEV)
    with pytest.warns(DataWarning) as caught:
        sst.load_splits(repository)
    assert [str(warning.message) for warning in caught] == [
        "1 of the 2 train sentences are also in the classic SST's test split: leave that out, or "
        "do not compare results on it with others"
    ]


def test_no_overlap(recwarn: pytest.WarningsRecorder) -> None:
    warn_of_overlap([Tree(("a",), (), (1,))], [Tree(("b",), (), (1,))], "test")
    assert not recwarn


@pytest.mark.usefixtures("cache")
def test_errors(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="no split 'x', expected one of train, dev, test, extra-tr"
    ):
        corrected.load("x", repository)
    with pytest.raises(MissingDataError, match=r"cannot be found: put .*sentiment-treebank"):
        corrected.load("train")
    with pytest.raises(MissingDataError, match=r"get it from https://github\.com/stanfordnlp"):
        corrected.load("train", tmp_path)
    (repository / "fiveclass" / "dev.txt").write_text("\n")
    with pytest.raises(DataError, match=r"dev\.txt: no trees in this file$"):
        sst.load("dev", repository)
