"""English-Chinese sentence pairs of Tatoeba: English, Chinese and attribution, separated by tabs.

This is the format of the bilingual files of manythings.org. The file may be compressed with gzip.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from treernn.corpora import locations
from treernn.corpora.archives import open_unpacked
from treernn.errors import DataError, InputError
from treernn.tables.encoding import decode
from treernn.tables.outside import read_whole
from treernn.types import Splits

DATA = locations.DataSet(
    "English-Chinese sentence pairs",
    "https://www.manythings.org/anki/cmn-eng.zip",
    ("cmn-eng.txt.gz", "cmn.txt"),
)


class Pair(NamedTuple):
    """A sentence in both languages.

    Attributes:
        english: the English text.
        chinese: the Chinese text.
        attribution: authors and licence.
    """

    english: str
    chinese: str
    attribution: str = ""


def find(source: str | PathLike[str] | None = None) -> Path:
    """The file of pairs.

    Args:
        source: a file, or a folder to search; default: see ``treernn.corpora.locations``.

    Raises:
        MissingDataError: there is none.
    """
    return locations.fetch(DATA, source)


def read_pairs(path: str | PathLike[str]) -> list[Pair]:
    """Read a file of pairs.

    Args:
        path: the file; the third column, the attribution, is optional.

    Raises:
        MissingDataError: there is no such file.
        DataError: a line has too few or too many columns, an empty sentence, or is not UTF-8 (with
            its number); or the file is damaged, or has no pairs.
    """
    with open_unpacked(path) as file:
        content = read_whole(file, path)
    # Not splitlines: it also splits at characters that sentences may contain.
    lines = decode(content, path).replace("\r\n", "\n").removesuffix("\n").split("\n")
    pairs = [_pair(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not pairs:
        raise DataError("no sentence pairs in it", path)
    return pairs


def _pair(line: str, path: str | PathLike[str], number: int) -> Pair:
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) not in (2, 3):
        problem = f"expected English, Chinese and maybe attribution, found {len(columns)} columns"
        raise DataError(problem, path, number)
    for name, column in zip(("English", "Chinese"), columns, strict=False):
        if not column:
            raise DataError(f"the {name} sentence is empty", path, number)
    return Pair(*columns)


def split(
    pairs: Sequence[Pair], dev: int | None = None, test: int | None = None, seed: int = 1
) -> Splits[Pair]:
    """Split pairs at random such that no sentence, English or Chinese, occurs in two parts.

    Sentences are compared by their letters and digits only, ignoring case. Pairs with a common
    sentence, directly or through other pairs, stay together.

    Args:
        pairs: the pairs; each part keeps their order.
        dev: number of dev pairs; default: a tenth, at least 1 and at most 1,000.
        test: number of test pairs; same default.
        seed: random seed.

    Raises:
        InputError: there are too few pairs, or too few groups of pairs.

    >>> pairs = [Pair("Hi.", "嗨。"), Pair("hi!", "你好。"), Pair("Run.", "跑!"), Pair("No.", "不")]
    >>> [pair.english for pair in split(pairs, dev=1, test=1).train]
    ['Hi.', 'hi!']
    """
    tenth = max(1, min(1000, len(pairs) // 10))
    dev, test = (tenth if count is None else count for count in (dev, test))
    groups = _groups(pairs)
    random.Random(seed).shuffle(groups)  # noqa: S311, for the same split in each run, no secret
    part = [0] * len(pairs)
    room = [len(pairs), dev, test]
    for group in groups:
        number = next(number for number in (2, 1, 0) if len(group) <= room[number])
        if number:
            room[number] -= len(group)
        for index in group:
            part[index] = number
    splits = Splits(*([pairs[i] for i in range(len(pairs)) if part[i] == k] for k in range(3)))
    if any(room[1:]) or not splits.train:
        raise InputError(
            f"{len(pairs)} sentence pairs in {len(groups)} groups without a common sentence are "
            f"too few for {dev} dev pairs, {test} test pairs and some training pairs"
        )
    return splits


def _groups(pairs: Sequence[Pair]) -> list[list[int]]:
    """Indices of pairs that are linked by common sentences, group by group (union-find)."""
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def root(sentence: tuple[str, str]) -> tuple[str, str]:
        while (parent := parents.setdefault(sentence, sentence)) != sentence:
            parents[sentence] = parents[parent]
            sentence = parent
        return sentence

    for pair in pairs:
        parents[root(("english", _key(pair.english)))] = root(("chinese", _key(pair.chinese)))
    groups: dict[tuple[str, str], list[int]] = {}
    for index, pair in enumerate(pairs):
        groups.setdefault(root(("english", _key(pair.english))), []).append(index)
    return list(groups.values())


def _key(sentence: str) -> str:
    """Letters and digits in lower case; the sentence itself where it has none."""
    return "".join(filter(str.isalnum, sentence.casefold())) or sentence
