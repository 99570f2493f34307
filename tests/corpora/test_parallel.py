"""Sentence pairs: an error for every kind of faulty line, and splits without common sentences."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.parallel import Pair, find, read_pairs, split
from treernn.errors import DataError, InputError, MissingDataError

LINES = "Hi.\t嗨。\tCC-BY 2.0\r\n\nI'm\u2028Tom. \t 我是汤姆。\n"
PAIRS = [Pair("Hi.", "嗨。", "CC-BY 2.0"), Pair("I'm\u2028Tom.", "我是汤姆。")]


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "pairs.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_plain_and_gzip(tmp_path: Path) -> None:
    assert read_pairs(write(tmp_path, LINES)) == PAIRS
    assert read_pairs(write(tmp_path, gzip.compress(LINES.encode()))) == PAIRS


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r\0")).map(str.strip)


@given(st.lists(st.tuples(WORDS.filter(bool), WORDS.filter(bool), WORDS), min_size=1))
def test_any_pairs_are_read(tmp_path_factory, rows) -> None:
    path = tmp_path_factory.mktemp("pairs") / "pairs.txt"
    path.write_bytes("".join("\t".join(row) + "\n" for row in rows).encode())
    assert read_pairs(path) == [Pair(*row) for row in rows]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", ": no sentence pairs in it"),
        (
            "Hi.\t嗨。\n\nHi. 嗨。\n",
            ":3: expected English, Chinese and maybe attribution, found 1 columns",
        ),
        (
            "a\tb\tc\td\n",
            ":1: expected English, Chinese and maybe attribution, found 4 columns",
        ),
        ("Hi.\t嗨。\n \t嗨。\n", ":2: the English sentence is empty"),
        ("Hi.\t\tCC\n", ":1: the Chinese sentence is empty"),
        (b"Hi.\t\xff\n", ":1:5: byte 0xff is not UTF-8, save the file as UTF-8"),
        (
            gzip.compress(LINES.encode(), mtime=0)[:-12],
            ": truncated or damaged (Compressed file ended before the end-of-stream marker was "
            "reached), get it again",
        ),
    ],
)
def test_faulty_files(tmp_path: Path, content: str | bytes, problem: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DataError) as raised:
        read_pairs(path)
    assert str(raised.value) == f"{path}{problem}"


@pytest.mark.usefixtures("cache")
def test_find(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(
        MissingDataError,
        match=r"^English-Chinese sentence pairs cannot be found: put cmn\.txt from https://www",
    ):
        find()
    with pytest.raises(MissingDataError, match=r"no cmn\.txt in this folder; get it from https://"):
        find(tmp_path)
    (tmp_path / "cmn.txt").touch()
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path))
    assert find() == find(tmp_path) == tmp_path / "cmn.txt"
    own = tmp_path / "own.tsv"
    with pytest.raises(MissingDataError, match=r"own\.tsv: no such file"):
        find(own)
    with pytest.raises(MissingDataError, match=r"own\.tsv: no such file"):
        read_pairs(own)
    own.touch()
    assert find(own) == own


def letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum()) or text


FEW = st.text("ab.B !", min_size=1, max_size=3)


@given(
    st.lists(st.builds(Pair, FEW, FEW), max_size=30),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 5),
)
def test_splits_share_no_sentence_and_are_complete(pairs, dev, test, seed) -> None:
    try:
        parts = split(pairs, dev, test, seed)
    except InputError:  # too few pairs that can be taken apart
        return
    assert (len(parts.dev), len(parts.test)) == (dev, test)
    assert parts.train
    assert sorted(parts.train + parts.dev + parts.test) == sorted(pairs)
    assert parts == split(pairs, dev, test, seed)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        for side in (0, 1):
            assert {letters(pair[side]) for pair in parts[one]}.isdisjoint(
                letters(pair[side]) for pair in parts[other]
            )


def test_too_few_pairs() -> None:
    with pytest.raises(InputError, match="3 sentence pairs in 2 groups without a common sentence"):
        split([Pair("a", "b"), Pair("c", "b"), Pair("d", "e")], 1, 1)


def test_default_sizes() -> None:
    parts = split([Pair(f"a{n}", f"b{n}") for n in range(40)])
    assert [len(part) for part in parts] == [32, 4, 4]


def test_published_pairs(data_file) -> None:
    pairs = read_pairs(data_file("cmn-eng.txt.gz"))
    assert len(pairs) == 26388
    assert all(pair.attribution.startswith("CC-BY 2.") for pair in pairs)
    parts = split(pairs)
    assert [len(part) for part in parts] == [24388, 1000, 1000]
    for side in (0, 1):
        known = {letters(pair[side]) for pair in parts.train + parts.dev}
        assert known.isdisjoint(letters(pair[side]) for pair in parts.test)
    assert split(pairs, seed=2).test != parts.test
