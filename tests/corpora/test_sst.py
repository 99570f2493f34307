"""The official treebank, small treebanks in other places, and errors."""

import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from treernn.corpora import sst
from treernn.corpora.brackets import format_tree
from treernn.errors import DataError, InputError, MissingDataError
from treernn.types import Tree

pytestmark = pytest.mark.usefixtures("cache")

SMALL = {"train": "(3 (2 a) (4 b))\n(1 c)\n", "dev": "(2 d)\n", "test": "(0 e)\n(0 f)\n"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a small treebank, unpacked."""
    folder = tmp_path / "small" / "trees"
    folder.mkdir(parents=True)
    for split, text in SMALL.items():
        (folder / f"{split}.txt").write_text(text, "utf-8")
    return folder.parent


@pytest.fixture
def small_archive(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same packed, and taken for the official archive."""
    path = small / "packed" / "trainDevTestTrees_PTB.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for split, text in SMALL.items():
            archive.writestr(f"trees/{split}.txt", text)
    publish(path, monkeypatch)
    return path


def publish(path: Path, monkeypatch: pytest.MonkeyPatch, url: str | None = None) -> None:
    official = replace(
        sst.DATA,
        sha256=sha256(path.read_bytes()).hexdigest(),
        url=url or sst.DATA.url,
    )
    monkeypatch.setattr(sst, "DATA", official)


def test_counts(sst_train: list[Tree], sst_dev: list[Tree], sst_test: list[Tree]) -> None:
    assert (len(sst_train), len(sst_dev), len(sst_test)) == (8544, 1101, 2210)
    classes = Counter(tree.labels[tree.root] for tree in sst_train)
    assert [classes[label] for label in range(5)] == [1092, 2218, 1624, 2322, 1288]


def test_trees_are_binary_and_fully_labelled(sst_train: list[Tree]) -> None:
    for tree in sst_train:
        assert len(tree.labels) == tree.num_nodes
        assert all(len(below) == 2 for below in tree.children)
        assert len(tree.children) == len(tree.words) - 1


def test_a_no_break_space_is_part_of_a_word(sst_train: list[Tree]) -> None:
    odd = [word for tree in sst_train for word in tree.words if "\xa0" in word]
    assert odd == ["8\xa01/2", "2\xa01/2", "2\xa01/2"]


def test_words_are_unescaped(sst_train: list[Tree]) -> None:
    words = {word for tree in sst_train for word in tree.words}
    assert {"(", ")", "/", "*", "and/or", "24/7"} <= words
    assert not {word for word in words if "\\" in word or "-LRB-" in word or "-RRB-" in word}


@pytest.mark.parametrize("split", sst.SPLITS)
def test_round_trip_of_the_official_files(sst_archive: Path, split: str) -> None:
    with zipfile.ZipFile(sst_archive) as archive:
        official = archive.read(f"trees/{split}.txt")
    written = "".join(format_tree(tree) + "\n" for tree in sst.load(split, sst_archive))
    assert written.encode("utf-8") == official


def test_the_unpacked_treebank(sst_archive: Path, sst_dev: list[Tree], tmp_path: Path) -> None:
    with zipfile.ZipFile(sst_archive) as archive:
        archive.extractall(tmp_path)
    for source in (tmp_path, tmp_path / "trees", tmp_path / "trees" / "train.txt"):
        assert sst.load("dev", source) == sst_dev


def test_the_folder_of_the_archive(sst_archive: Path, sst_dev: list[Tree]) -> None:
    assert sst.load("dev", sst_archive.parent) == sst_dev
    assert sst.find(sst_archive.parent) == sst_archive


def test_a_split_without_trees(small: Path) -> None:
    (small / "trees" / "dev.txt").write_text("\n")
    with pytest.raises(DataError) as error:
        sst.load("dev", small)
    assert str(error.value) == f"{small}/trees/dev.txt: no trees in this file"
    assert len(sst.load("test", small)) == 2


@pytest.mark.parametrize("damage", ["truncated", "changed", "empty", "not an archive"])
def test_a_damaged_archive(sst_archive: Path, tmp_path: Path, damage: str) -> None:
    data = sst_archive.read_bytes()
    path = tmp_path / sst_archive.name
    path.write_bytes(
        {
            "truncated": data[:-1000],
            "changed": data[:5000] + b"x" + data[5001:],
            "empty": b"",
            "not an archive": b"<html>Not found</html>",
        }[damage]
    )
    with pytest.raises(DataError) as raised:
        sst.load("dev", path)
    message = str(raised.value)
    assert message.startswith(f"{path}: not the official archive, or damaged: its sha256 is ")
    assert message.endswith("expected 5c613a4f673f…; get it from " + sst.DATA.url)
    assert "\n" not in message


def test_a_folder_a_file_in_it_and_an_archive(small: Path, small_archive: Path) -> None:
    expected = [Tree(("a", "b"), ((0, 1),), (2, 4, 3)), Tree(("c",), (), (1,))]
    for source in (small, small / "trees", small_archive, small_archive.parent):
        assert sst.load("train", source) == expected
        assert [len(sst.load(split, source)) for split in sst.SPLITS] == [2, 1, 2]


def test_errors_of_malformed_lines(small: Path) -> None:
    path = small / "trees" / "dev.txt"
    path.write_text("(2 d)\n(9 d)\n", "utf-8")
    with pytest.raises(DataError) as raised:
        sst.load("dev", small)
    assert str(raised.value) == f"{path}:2:2: label 9 is out of range, expected 0 to 4"


def test_a_malformed_line_of_an_archive(
    small_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(small_archive, "w") as archive:
        archive.writestr("trees/dev.txt", "(2 d\n")
    publish(small_archive, monkeypatch)
    with pytest.raises(DataError) as raised:
        sst.load("dev", small_archive)
    assert str(raised.value) == f"{small_archive}/trees/dev.txt:1:1: bracket is never closed"


def test_an_unknown_split() -> None:
    with pytest.raises(InputError, match="no split 'validation', expected one of train, dev, test"):
        sst.load("validation")


def test_a_folder_without_one_of_the_files(small: Path) -> None:
    (small / "trees" / "dev.txt").unlink()
    with pytest.raises(MissingDataError, match=r"dev\.txt: no such file$"):
        sst.load("dev", small)


def test_search_order(
    small: Path, small_archive: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sst.find() is None
    cache.mkdir()
    shutil.copy(small_archive, cache)
    assert sst.find() == sst.fetch() == cache / small_archive.name
    monkeypatch.setenv("TREERNN_DATA", str(small))
    assert sst.find() == sst.fetch() == small / "trees"
    assert sst.find(small_archive) == sst.fetch(small_archive) == small_archive
    monkeypatch.setenv("TREERNN_DATA", str(small / "elsewhere"))
    assert sst.find() == cache / small_archive.name  # other data may be meant


def test_a_given_source_is_the_only_place_searched(tmp_path: Path, cache: Path) -> None:
    cache.mkdir()
    (cache / "train.txt").write_text(SMALL["train"])
    empty = tmp_path / "empty"
    empty.mkdir()
    assert sst.find() == cache
    assert sst.find(empty) is None
    url = sst.DATA.url
    for source, problem in (
        (empty, "no trainDevTestTrees_PTB.zip in this folder"),
        (empty / "x.zip", "no such file or folder"),
    ):
        with pytest.raises(MissingDataError) as raised:
            sst.load("dev", source)
        assert str(raised.value) == f"{source}: {problem}; get it from {url}"


def test_the_archive_is_downloaded_once(
    small_archive: Path,
    site: tuple[str, Path],
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, folder = site
    served = Path(shutil.copy(small_archive, folder))
    publish(small_archive, monkeypatch, f"{address}/{small_archive.name}")
    assert len(sst.load("train")) == 2
    assert sst.find() == cache / small_archive.name
    assert [path.name for path in cache.iterdir()] == [small_archive.name]
    served.unlink()
    assert len(sst.load("train")) == 2


def test_a_download_with_another_checksum(
    small_archive: Path, site: tuple[str, Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, folder = site
    (folder / small_archive.name).write_text("<html>please log in</html>")
    url = f"{address}/{small_archive.name}"
    publish(small_archive, monkeypatch, url)
    with pytest.raises(DataError) as raised:
        sst.load("train")
    assert str(raised.value) == (
        f"{url} is not the file that was published: put {small_archive.name} from {url} "
        f"into {cache}, or into a folder that TREERNN_DATA names"
    )
    assert list(cache.iterdir()) == []


def test_the_error_without_network_says_where_to_put_the_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://127.0.0.1:9/trainDevTestTrees_PTB.zip"  # nobody listens there
    monkeypatch.setattr(sst, "DATA", replace(sst.DATA, url=url))
    with pytest.raises(MissingDataError) as raised:
        sst.load("train")
    assert str(raised.value) == (
        "Stanford Sentiment Treebank (0.8 MB) cannot be downloaded (ConnectionError): "
        f"put trainDevTestTrees_PTB.zip from {url} into {cache}, "
        "or into a folder that TREERNN_DATA names"
    )


def test_a_site_without_the_archive(
    site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{site[0]}/trainDevTestTrees_PTB.zip"
    monkeypatch.setattr(sst, "DATA", replace(sst.DATA, url=url))
    with pytest.raises(MissingDataError, match=r"cannot be downloaded \(HTTPError\): put "):
        sst.load("train")
