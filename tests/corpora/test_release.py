"""The treebank's first release, from real lines of its files."""

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.any_trees import trees
from treernn.corpora import release, sst
from treernn.corpora.brackets import escape
from treernn.corpora.release import plain
from treernn.errors import DataError, DataWarning, MissingDataError
from treernn.types import Tree

# Lines of SOStr.txt and STree.txt.
REAL = (
    ("Effective|but|too-tepid|biopic", "6|6|5|5|7|7|0"),
    ("But|he|somehow|pulls|it|off|.", "13|12|11|8|8|9|10|9|10|11|12|13|0"),
    ("A|masterpiece|four|years|in|the|making|.", "12|12|11|11|10|9|9|15|10|14|13|13|14|15|0"),
    ("I|loved|it|!", "7|5|5|6|6|7|0"),
    (
        "(|Wendigo|is|)|why|we|go|to|the|cinema|:|to|be|fed|through|the|eye|,|the|heart|,|the|mind"
        "|.",
        "47|46|43|43|42|41|40|39|36|36|37|35|34|33|32|29|29|30|26|26|27|25|25|45|28|27|28|31|30|31|"
        "32|33|34|35|38|37|38|39|40|41|42|44|44|45|46|47|0",
    ),
    (
        "But|in|Imax|3-D|,|the|clichés|disappear|into|the|vertiginous|perspectives|opened|up|by|the"
        "|photography|.",
        "",
    ),
)


def classic(trees: list[Tree], sentence: str) -> Tree:
    words = tuple(plain(word) for word in sentence.split("|"))
    [tree] = {tree for tree in trees if tree.words == words}
    return tree


def write(folder: Path, trees: list[Tree], lines: list[tuple[str, str]], splits: list[int]) -> None:
    """The files of a release with these sentences; phrases get the middle of their class."""
    values = {
        " ".join(tree.words[start:end]): label / 5 + 0.1
        for tree in trees
        for (start, end), label in zip(tree.spans(), tree.labels, strict=True)
    }
    folder.mkdir()
    (folder / "SOStr.txt").write_text("".join(f"{words}\n" for words, _ in lines), "utf-8")
    (folder / "STree.txt").write_text("".join(f"{parents}\n" for _, parents in lines))
    rows = "".join(f"{number},{split}\n" for number, split in enumerate(splits, 1))
    (folder / "datasetSplit.txt").write_text("sentence_index,splitset_label\n" + rows)
    # The dictionary has brackets as they are; other words are escaped.
    phrases = (re.sub(r"\\(?=/)|", "", phrase) for phrase in values)
    (folder / "dictionary.txt").write_text(
        "".join(f"{phrase}|{number}\n" for number, phrase in enumerate(phrases)), "utf-8"
    )
    rows = "".join(f"{number}|{value:.5f}\n" for number, value in enumerate(values.values()))
    (folder / "sentiment_labels.txt").write_text("phrase ids|sentiment values\n" + rows)


def parents_of(tree: Tree, numbers: list[int] | None = None) -> str:
    """The line of a tree, its inner nodes in the order ``numbers``."""
    n = len(tree.words)
    place = [*range(n), *(n + k for k in numbers or range(len(tree.children)))]
    parents = [0] * tree.num_nodes
    for node, below in enumerate(tree.children, n):
        for child in below:
            parents[place[child]] = place[node] + 1
    return "|".join(map(str, parents))


@given(trees(st.sampled_from("abc")), st.data())
def test_any_tree_with_its_nodes_in_any_order(tree: Tree, data: st.DataObject) -> None:
    numbers = data.draw(st.permutations(range(len(tree.children))))
    read = release._tree(tree.words, parents_of(tree, numbers), "STree.txt", 1)
    assert read == tree.with_labels(())


def test_a_deep_tree() -> None:
    size = 30_000
    children = tuple((size + k - 1 if k else 0, k + 1) for k in range(size - 1))
    tree = Tree(("a",) * size, children)
    assert release._tree(tree.words, parents_of(tree), "STree.txt", 1) == tree


@pytest.fixture
def every(sst_train: list[Tree], sst_dev: list[Tree], sst_test: list[Tree]) -> list[Tree]:
    return [*sst_train, *sst_dev, *sst_test]


@pytest.fixture
def folder(every: list[Tree], tmp_path: Path) -> Path:
    trees = [classic(every, words) for words, _ in REAL]
    lines = [(words, line or parents_of(t)) for (words, line), t in zip(REAL, trees, strict=True)]
    write(tmp_path / "stanfordSentimentTreebank", trees, lines, [1, 1, 1, 2, 1, 3])
    return tmp_path / "stanfordSentimentTreebank"


def test_real_trees_are_those_of_the_classic_treebank(folder: Path, every: list[Tree]) -> None:
    for source in (folder, folder.parent):
        loaded = {split: sst.load(split, source) for split in sst.SPLITS}
        assert [len(loaded[split]) for split in ("train", "test", "dev")] == [4, 1, 1]
        for tree in (*loaded["train"], *loaded["test"], *loaded["dev"]):
            assert tree == classic(every, "|".join(map(escape, tree.words)))
    assert "clichés" in sst.load("dev", folder)[0].words


def test_the_whole_classic_treebank_written_so_and_read_back(
    sst_dev: list[Tree], tmp_path: Path
) -> None:
    lines = [("|".join(tree.words).replace("/", r"\/"), parents_of(tree)) for tree in sst_dev]
    write(tmp_path / "sst", sst_dev, lines, [3] * len(lines))
    # In the classic treebank, too, a phrase has the same label wherever it occurs.
    assert sst.load("dev", tmp_path / "sst") == sst_dev


def test_mojibake_and_escapes_are_undone(folder: Path) -> None:
    expected = sst.load("dev", folder)
    for name in ("SOStr.txt", "dictionary.txt"):
        path = folder / name
        path.write_text(path.read_text("utf-8").replace("é", "Ã©").replace("(", "-LRB-"), "utf-8")
        assert sst.load("dev", folder) == expected
    assert [tree.words[0] for tree in sst.load("train", folder)][-1] == "("
    assert plain("naïve Ã") == "naïve Ã"
    assert plain("itâ€™s") == "it’s"


def test_phrases_without_a_value_have_no_label(folder: Path) -> None:
    path = folder / "dictionary.txt"
    path.write_text("".join(path.read_text("utf-8").splitlines(True)[:-1]), "utf-8")
    with pytest.warns(DataWarning, match=r"1 phrases of dev are not in dictionary.txt and have no"):
        [tree] = sst.load("dev", folder)
    assert tree.labels[-1] == -1
    assert -1 not in tree.labels[:-1]


def test_a_line_feed_alone_ends_a_line(folder: Path) -> None:
    for name in release.FILES:
        path = folder / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    sos = folder / "SOStr.txt"
    sos.write_text(sos.read_text("utf-8").replace("loved", "lo\x85ved"), "utf-8")
    with pytest.warns(DataWarning):
        assert sst.load("test", folder)[0].words == ("I", "lo\x85ved", "it", "!")


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("STree.txt", "7|5|5|6|6|7|0\n", "", "STree.txt: 5 sentences, but SOStr.txt has 6"),
        ("STree.txt", "7|5|5|6|6|7|0", "7|5|x|6|6|7|0", "STree.txt:4: expected numbers separated"),
        ("STree.txt", "7|5|5|6|6|7|0", "7|5|5|6|6|7|7", "STree.txt:4: not a tree over the 4 words"),
        ("STree.txt", "7|5|5|6|6|7|0", "7|5|5|6|6|0|0", "STree.txt:4: not a tree over the 4 words"),
        ("STree.txt", "7|5|5|6|6|7|0", "5|7|5|6|6|7|0", "STree.txt:4: not a tree over the 4 words"),
        ("STree.txt", "7|5|5|6|6|7|0", "2|5|5|6|6|7|0", "STree.txt:4: not a tree over the 4 words"),
        ("STree.txt", "7|5|5|6|6|7|0", "7|5|5|6|6|9|0", "STree.txt:4: not a tree over the 4 words"),
        (
            "sentiment_labels.txt",
            "\n3|",
            "\n3|7",
            "sentiment_labels.txt:5: expected a number, | an",
        ),
        ("dictionary.txt", "|3\n", "|x\n", "dictionary.txt:4: phrase number 'x' has no value"),
        ("datasetSplit.txt", "4,2", "4,1", "datasetSplit.txt: no test sentences"),
    ],
)
def test_errors(folder: Path, name: str, old: str, new: str, problem: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError) as raised:
        sst.load("test", folder)
    assert str(raised.value).startswith(f"{folder}/{problem}")


def test_a_file_is_missing(folder: Path) -> None:
    (folder / "dictionary.txt").unlink()
    with pytest.raises(MissingDataError, match=r"dictionary\.txt: no such file$"):
        sst.load("test", folder)


def test_the_classic_archive_comes_first(
    folder: Path, sst_archive: Path, sst_dev: list[Tree]
) -> None:
    with zipfile.ZipFile(sst_archive) as archive:
        archive.extractall(folder.parent)
    assert sst.load("dev", folder.parent) == sst_dev


def test_the_archive_of_the_release(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "stanfordSentimentTreebank.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/stanfordSentimentTreebank/._STree.txt", b"\0")
        for name in release.FILES:
            archive.write(folder / name, f"stanfordSentimentTreebank/{name}")
    for split in sst.SPLITS:
        assert sst.load(split, path) == sst.load(split, folder)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / "STree.txt", "STree.txt")
    with pytest.raises(MissingDataError, match=r"Treebank\.zip: no SOStr\.txt in this archive"):
        sst.load("dev", path)
