"""Word vectors: every kind of file against a naive reader, an error for every kind of fault."""

import gzip
import io
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora import glove
from treernn.errors import DataError, InputError, MissingDataError

pytestmark = pytest.mark.usefixtures("cache")

SMALL = "the 0.5 -1.25 3\nof 1e-3 .5 2.\n8\xa01/2 0.1 0.2 0.3\n\x85 4 5 6\n. . 7 8 9\n1 2 3 4\n"
WORDS = ("the", "of", "8\xa01/2", "\x85", ". .", "1")


def naive(text: str) -> dict[str, list[float]]:
    """Reference for files without header: a word and three numbers."""
    fields = [line.rsplit(" ", 3) for line in text.split("\n")[:-1]]
    return {word: [float(number) for number in numbers] for word, *numbers in fields}


def pack_plain(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def pack_gzip(path: Path, data: bytes) -> Path:
    path = path.with_name(path.name + ".gz")
    path.write_bytes(gzip.compress(data, 1))
    return path


def pack_zip(path: Path, data: bytes) -> Path:
    archived = path.with_name(path.name + ".zip")
    with zipfile.ZipFile(archived, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(path.name, data)
    return archived


def pack_zip_of_several(path: Path, data: bytes) -> Path:
    archived = path.with_name("several.zip")
    with zipfile.ZipFile(archived, "w") as archive:
        archive.writestr("other.txt", b"x 1\n")
        archive.writestr("folder/" + path.name, data)
    return archived / "folder" / path.name


Pack = Callable[[Path, bytes], Path]
containers = pytest.mark.parametrize("pack", [pack_plain, pack_gzip, pack_zip, pack_zip_of_several])


@containers
@pytest.mark.parametrize("block", [1, 7, 1 << 22])
def test_every_kind_of_file(
    tmp_path: Path, pack: Pack, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glove, "_BLOCK", block)
    table = glove.read(pack(tmp_path / "small.txt", SMALL.encode()))
    assert table.words == WORDS == tuple(naive(SMALL))
    assert table.vectors.dtype == np.float32
    assert table.vectors.flags.c_contiguous
    assert (len(table), table.dimension) == (6, 3)
    expected = np.array(list(naive(SMALL).values()), np.float32)
    np.testing.assert_array_equal(table.vectors, expected)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters=" \n"), min_size=1, max_size=5),
        st.tuples(*[st.floats(width=32, allow_nan=False, allow_infinity=False)] * 3),
        min_size=1,
    ),
    st.sampled_from(["\n", " \n", "\r\n"]),
    st.booleans(),
)
def test_round_trip_of_any_words_and_numbers(
    tmp_path_factory: pytest.TempPathFactory,
    table: dict[str, tuple[float, float, float]],
    end: str,
    header: bool,
) -> None:
    text = "".join(f"{word} {' '.join(map(repr, row))}{end}" for word, row in table.items())
    if header:
        text = f"{len(table)} 3{end}" + text
    path = tmp_path_factory.getbasetemp() / "random.txt"
    path.write_bytes(text.encode())
    read = glove.read(path)
    assert read.words == tuple(table)
    np.testing.assert_array_equal(read.vectors, np.array(list(table.values()), np.float32))


@pytest.mark.parametrize(
    "text", ["2 2\na 1 2\nb 3 4", "2 2\na 1 2 \nb 3 4 \n", "a 1 2\r\nb 3 4\r\n"]
)
def test_word2vec(tmp_path: Path, text: str) -> None:
    table = glove.read(pack_plain(tmp_path / "v.txt", text.encode()))
    assert table.words == ("a", "b")
    assert table.vectors.tolist() == [[1, 2], [3, 4]]


def test_keep_and_limit(tmp_path: Path) -> None:
    path = pack_plain(tmp_path / "small.txt", SMALL.encode())
    kept = glove.read(path, keep={"1", ". .", "of", "absent"})
    assert kept.words == ("of", ". .", "1")
    np.testing.assert_array_equal(
        kept.vectors, np.array([[1e-3, 0.5, 2], [7, 8, 9], [2, 3, 4]], np.float32)
    )
    assert glove.read(path, limit=2).words == ("the", "of")
    assert glove.read(path, keep={"1", ". .", "of"}, limit=2).words == ("of", ". .")
    assert glove.read(path, limit=99).words == WORDS
    assert glove.read(path, keep={"1", "of"}, first=1).words == ("the", "of", "1")
    assert glove.read(path, keep=(), first=3).words == WORDS[:3]
    for nothing in (glove.read(path, keep=()), glove.read(path, limit=0)):
        assert nothing.words == ()
        assert nothing.vectors.shape == (0, 3)
    with pytest.raises(InputError, match="limit -1 of word vectors"):
        glove.read(path, limit=-1)


def test_nothing_is_read_after_the_limit(tmp_path: Path) -> None:
    path = pack_plain(tmp_path / "v.txt", b"a 1 2\nb 3 4\nc broken\n")
    assert glove.read(path, limit=1).words == ("a",)


def test_duplicate_words(tmp_path: Path) -> None:
    table = glove.read(pack_plain(tmp_path / "v.txt", b"a 1 2\nb 3 4\na 5 6\n"))
    assert table.words == ("a", "b")
    assert table.vectors.tolist() == [[1, 2], [3, 4]]


def test_several_blocks(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(30_000, 20)).round(5)
    lines = [f"w{i} " + " ".join(map(str, row)) + "\n" for i, row in enumerate(rows.tolist())]
    data = "".join(lines).encode()
    assert len(data) > 1 << 22
    table = glove.read(pack_gzip(tmp_path / "v.txt", data))
    np.testing.assert_array_equal(table.vectors, rows.astype(np.float32))
    lines[29_000] = "w29000 1 2\n"
    with pytest.raises(DataError, match=r"v\.txt\.gz:29001: 2 numbers, expected 20$"):
        glove.read(pack_gzip(tmp_path / "v.txt", "".join(lines).encode()))


@containers
@pytest.mark.parametrize(
    ("data", "where", "problem"),
    [
        (b"", "", "the file is empty, expected word vectors"),
        (b"a 1 2\nb 3\n", ":2", "1 numbers, expected 2"),
        (b"a 1 2\nb 3", ":2", "1 numbers, expected 2"),
        (b"a 1 2\nb\n", ":2", "0 numbers, expected 2"),
        (b"a 1 2\n\nb 3 4\n", ":2", "0 numbers, expected 2"),
        (b"a 1 2\nb 3 4 5\n", ":2", "3 numbers, expected 2"),
        (b"2 3\na 1 2 3\nb 1 2\n", ":3", "2 numbers, expected 3"),
        (b"3 2\na 1 2\nb 1 2\n", "", "2 words, expected 3 as in the first line"),
        (b"1 2\na 1 2\nb 1 2\n", "", "2 words, expected 1 as in the first line"),
        (b"a\nb\n", ":1", "no numbers, expected a word and its vector"),
        (b"<html> <body>\n", ":1", "no numbers, expected a word and its vector"),
        (b"a 1 2\nb x 4\n", ":2", "'x' is not a finite float32 number"),
        (b"a 1 2\nb 3 1_0\n", ":2", "'1_0' is not a finite float32 number"),
        (b"a 1 2\nb 3 nan\n", ":2", "'nan' is not a finite float32 number"),
        (b"a 1 2\nb inf 1\n", ":2", "'inf' is not a finite float32 number"),
        (b"a 1 2\nb 1e999 1\n", ":2", "'1e999' is not a finite float32 number"),
        (b"a 1 2\nb 1e39 1\n", ":2", "'1e39' is not a finite float32 number"),
        (b"a 1 2\nb 1- 1\n", ":2", "'1-' is not a finite float32 number"),
        (b"a 1 2\nb e 1\n", ":2", "'e' is not a finite float32 number"),
        (b"a 1 2\nb  1\n", ":2", "'' is not a finite float32 number"),
        (b"a 1 2\nb 1\t2 3\n", ":2", "'1\\t2' is not a finite float32 number"),
        (b"a 1 2\nb\xe9 1 2\n", ":2", "the word is not UTF-8"),
        (b"a 1 2\n 3 4\n", ":2", "no word before the numbers"),
    ],
)
def test_faulty_files(tmp_path: Path, pack: Pack, data: bytes, where: str, problem: str) -> None:
    path = pack(tmp_path / "v.txt", data)
    with pytest.raises(DataError) as raised:
        glove.read(path)
    assert str(raised.value) == f"{path}{where}: {problem}"


@pytest.mark.parametrize("pack", [pack_gzip, pack_zip])
@pytest.mark.parametrize("left", [0.5, 0.97])
def test_truncated_file(tmp_path: Path, pack: Pack, left: float) -> None:
    rows = np.random.default_rng(1).normal(size=(500, 20)).round(5)
    data = "".join(f"w{i} " + " ".join(map(str, row)) + "\n" for i, row in enumerate(rows.tolist()))
    path = pack(tmp_path / "v.txt", data.encode())
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * left)])
    with pytest.raises(DataError, match=r"v\.txt\.\w+: truncated or damaged \(.*\), get it again"):
        glove.read(path)


@pytest.mark.parametrize("pack", [pack_gzip, pack_zip])
def test_corrupted_file(tmp_path: Path, pack: Pack) -> None:
    rows = np.random.default_rng(1).normal(size=(500, 20)).round(5)
    data = "".join(f"w{i} " + " ".join(map(str, row)) + "\n" for i, row in enumerate(rows.tolist()))
    path = pack(tmp_path / "v.txt", data.encode())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"v\.txt"):
        glove.read(path)


def test_missing_file_or_member(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"none\.txt: no such file$"):
        glove.read(tmp_path / "none.txt")
    with pytest.raises(DataError, match="cannot be read"):
        glove.read(tmp_path)
    archive = pack_zip(tmp_path / "v.txt", SMALL.encode())
    with pytest.raises(MissingDataError, match=r"v\.txt\.zip: no w\.txt in this archive$"):
        glove.read(archive / "w.txt")
    plain = pack_plain(tmp_path / "plain.txt", SMALL.encode())
    with pytest.raises(MissingDataError, match=r"w\.txt: no such file, plain\.txt is no zip"):
        glove.read(plain / "w.txt")


def test_archive_with_several_files(tmp_path: Path) -> None:
    archive = pack_zip_of_several(tmp_path / "v.txt", SMALL.encode()).parents[1]
    with pytest.raises(InputError) as raised:
        glove.read(archive)
    assert str(raised.value) == (
        f"{archive}: contains 2 files, name one of them: "
        "several.zip/other.txt, several.zip/folder/v.txt"
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@containers
def test_progress_is_shown_on_terminals_only(
    tmp_path: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(tmp_path / "small.txt", SMALL.encode())
    for stream, progress, shown in (
        (Terminal(), True, True),
        (Terminal(), False, False),
        (io.StringIO(), True, False),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        assert glove.read(path, progress=progress).words == WORDS
        bar = stream.getvalue()
        assert (path.name in bar and "B/s" in bar) == shown
        assert bool(bar) == shown


def test_search_order(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert glove.find() is None
    cache.mkdir()
    archive = cache / "glove.6B.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("glove.6B.50d.txt", "x 1\n")
        opened.writestr("glove.6B.100d.txt", SMALL)
    assert glove.find() == glove.fetch() == archive / "glove.6B.100d.txt"
    assert glove.read(glove.fetch()).words == WORDS
    assert glove.find(archive / "glove.6B.50d.txt") == archive / "glove.6B.50d.txt"
    folder = tmp_path / "data"
    folder.mkdir()
    plain = pack_plain(folder / "glove.6B.100d.txt", SMALL.encode())
    monkeypatch.setenv("TREERNN_DATA", str(folder))
    assert glove.find() == glove.find(folder) == glove.fetch(folder) == plain
    other = pack_plain(tmp_path / "mine.vec", SMALL.encode())
    assert glove.find(other) == glove.fetch(other) == other
    with pytest.raises(MissingDataError, match=r"no glove\.6B\.zip in this folder; get it from "):
        glove.fetch(tmp_path)


def test_message_without_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "http://127.0.0.1:9/glove.6B.zip"  # nobody listens there
    monkeypatch.setattr(glove, "DATA", replace(glove.DATA, url=url))
    with pytest.raises(MissingDataError) as raised:
        glove.fetch()
    assert str(raised.value) == (
        "GloVe 6B word vectors (862 MB) cannot be downloaded (ConnectionError): "
        f"put glove.6B.zip from {url} into {cache}, or into a folder that TREERNN_DATA names"
    )


def test_published_file_against_naive_reader(glove_file: Path) -> None:
    words, rows = [], []
    with gzip.open(glove_file, "rt", encoding="utf-8", newline="\n") as lines:
        for line, _ in zip(lines, range(3000), strict=False):
            word, *numbers = line.rstrip("\n").rsplit(" ", 100)
            words.append(word)
            rows.append([float(number) for number in numbers])
    table = glove.read(glove_file, limit=3000)
    assert list(table.words) == words
    np.testing.assert_array_equal(table.vectors, np.array(rows, np.float32))


def test_published_file(glove_file: Path) -> None:
    keep = {"film", "terrible", "zzzz-no-such-word"}
    table = glove.read(glove_file, keep)
    assert set(table.words) == {"film", "terrible"}
    assert table.vectors.shape == (2, 100)
    assert glove.find(glove_file.parent) == glove_file


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.gz"])
def test_write_and_read(tmp_path, name):
    words = ("good", "##ing", "é", "New York", ".", "1")
    rows = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    rows[0] = [0, 1e-9, -1e9, 0.5]
    glove.write(tmp_path / name, glove.WordVectors(words, rows))
    found = glove.read(tmp_path / name)
    assert found.words == words
    np.testing.assert_allclose(found.vectors, rows, rtol=1e-4)
    before = (tmp_path / name).read_bytes()
    glove.write(tmp_path / name, glove.WordVectors(words, rows))
    assert (tmp_path / name).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("word", ["", "a\nb", "a ", " ", "a\r"])
def test_invalid_words_are_not_written(tmp_path, word):
    with pytest.raises(InputError, match=r"cannot be written to this format$"):
        glove.write(tmp_path / "v.txt", glove.WordVectors((word,), np.ones((1, 2), np.float32)))
    assert not list(tmp_path.iterdir())
