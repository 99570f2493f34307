"""Time and memory are linear in a file. Where time was quadratic, these sizes took minutes."""

import bz2
import gzip
import os
import resource
import threading

import numpy as np
import pytest

from treernn.corpora import glove, release
from treernn.corpora.archives import open_unpacked
from treernn.corpora.arrays import read_array
from treernn.corpora.binary import binary_tree, labelled_phrases
from treernn.corpora.brackets import parse_brackets
from treernn.corpora.corenlp import sentiment_trees
from treernn.corpora.penn import parse_penn
from treernn.errors import DataError
from treernn.tables import outside
from treernn.tables.source import read_bytes
from treernn.types import UNLABELLED, Tree

MANY = 200_000


def test_blanks_and_byte_order_marks_at_the_end():
    for blanks in ("\ufeff " * MANY, " " * MANY + "\ufeff \ufeff", "\u3000\ufeff\n" * MANY):
        assert len(parse_penn("(S (A b))" + blanks)) == 1
        assert len(parse_penn(blanks + "(S (A b))" + blanks)) == 1


def test_brackets_around_a_tree():
    [tree] = parse_brackets("(ROOT " * MANY + "(3 x)" + ")" * MANY)
    assert tree == Tree(("x",), (), (3,))


def test_a_word_without_an_end():
    text = "word\n(2 " + "a" * MANY
    assert sentiment_trees(text) == text


def test_nodes_without_labels_between_labelled_ones():
    wide = Tree(("a",) * MANY, (tuple(range(MANY)),), (2,) * (MANY + 1))
    assert labelled_phrases(binary_tree(wide)) == wide


def test_nodes_without_labels_in_any_shape():
    left = Tree(("a", "b", "c", "d"), ((0, 1), (4, 2), (5, 3)), (2, 2, 2, 2, UNLABELLED, 3, 4))
    assert labelled_phrases(left).children == ((0, 1, 2), (4, 3))


def test_a_deep_tree_of_the_release(tmp_path):
    n = 20_000
    inner = [str(n + k + 1) for k in range(1, n - 1)]
    parents = [str(n + 1), str(n + 1), *inner, *inner, "0"]
    (tmp_path / "SOStr.txt").write_text("|".join(["a"] * n))
    (tmp_path / "STree.txt").write_text("|".join(parents))
    (tmp_path / "datasetSplit.txt").write_text("1,1\n")
    (tmp_path / "dictionary.txt").write_text("a|0\n")
    (tmp_path / "sentiment_labels.txt").write_text("0|0.5\n")
    with pytest.raises(DataError, match=r"STree\.txt:1: a tree too deep for a sentence$"):
        release.load("train", tmp_path)


def test_a_long_line_of_word_vectors(tmp_path):
    path = tmp_path / "v.txt"
    with path.open("wb") as file:
        file.write(b"so 1\n")
        for _ in range(100):
            file.write(b"1 " * 500_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError, match=r"v\.txt:2: longer than 1,048,576 bytes, expected a word"):
        glove.read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KB


@pytest.mark.parametrize("dimension", ["9" * 17, "9" * 5000, "100000"])
def test_dimensions_that_no_word_has(tmp_path, dimension):
    path = tmp_path / "v.txt"
    path.write_text(f"1 {dimension}\nso 1\n")
    with pytest.raises(DataError):
        glove.read(path)


@pytest.mark.parametrize(
    "shape", ["(True, 2)", "(10**30, 1)", "(1" + "0" * 30 + ",)", "(-1, 2)", "(2,", "(2, 3)", "2"]
)
def test_shapes_of_arrays_are_not_believed(tmp_path, shape):
    path = tmp_path / "a.npy"
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(8))
    with pytest.raises(DataError, match=r"not a \.npy file of numbers, or damaged \(") as caught:
        read_array(path)
    assert len(str(caught.value).splitlines()) == 1


def test_arrays_are_read_as_numpy_reads_them(tmp_path):
    path = tmp_path / "a.npy"
    for array in (np.arange(6.0).reshape(2, 3), np.arange(6).reshape(2, 3).T, np.float32(3)):
        for kind in ("<f4", ">f8", "i2", "?", "f2"):
            np.save(path, array.astype(kind))
            found = read_array(path)
            np.testing.assert_array_equal(found, np.load(path).astype(np.float32))
            assert found.flags.writeable


def test_a_bomb_is_noticed_before_it_is_large(tmp_path, monkeypatch):
    monkeypatch.setattr(outside, "FREE", 1 << 20)
    path = tmp_path / "a.bz2"
    path.write_bytes(bz2.compress(bytes(1 << 24)))
    count = 0

    def read():
        nonlocal count
        with open_unpacked(path) as file:
            while block := file.read(1 << 18):
                count += len(block)

    with pytest.raises(
        DataError,
        match=r"a\.bz2: becomes more than 100 times larger when decompressed, .* first$",
    ):
        read()
    assert count <= 1 << 21


def test_what_is_compressed_well_is_read(tmp_path):
    path = tmp_path / "a.gz"
    text = b"".join(b"%d\tgood\n" % number for number in range(10_000))
    path.write_bytes(gzip.compress(text * 20))
    assert read_bytes(path) == text * 20


def test_a_file_too_large_to_be_held(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(bytes(2 << 20))
    monkeypatch.setattr(outside, "MAX_WHOLE", 1 << 20)
    with pytest.raises(DataError, match=r"a: more than 1 MB, too large to be read at once$"):
        read_bytes(path)


def test_a_named_pipe_with_a_writer(tmp_path, monkeypatch):
    monkeypatch.setattr(outside, "PATIENCE", 5)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"x" * 200_000,))
    writer.start()
    assert read_bytes(path) == b"x" * 200_000
    writer.join()


def test_a_named_pipe_whose_writer_is_silent_at_first(tmp_path, monkeypatch):
    monkeypatch.setattr(outside, "PATIENCE", 0.2)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    silent = threading.Event()

    def write():
        with path.open("wb") as file:
            silent.wait()
            file.write(b"late")

    writer, later = threading.Thread(target=write), threading.Timer(0.5, silent.set)
    writer.start()
    later.start()
    assert read_bytes(path) == b"late"
    writer.join()
