"""Sentence pairs from Tatoeba, a pair a line: English, Chinese, attribution, with tabs between.

The format of the bilingual files of manythings.org, plain or compressed by gzip.
"""

from __future__ import annotations

import gzip
import os
import random
import zlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from treernn.corpora.locations import VARIABLE
from treernn.errors import DataError, InputError, MissingDataError
from treernn.tables.encoding import decode, read_bytes
from treernn.types import Splits

NAMES = ("cmn-eng.txt.gz", "cmn.txt")
_URL = "https://www.manythings.org/anki/cmn-eng.zip"


class Pair(NamedTuple):
    """A sentence in both languages.

    Attributes:
        english: as it is written.
        chinese: as it is written.
        attribution: whose sentences they are, and under which licence.
    """

    english: str
    chinese: str
    attribution: str = ""


def find(source: str | PathLike[str] | None = None) -> Path:
    """The file of pairs.

    Args:
        source: a file, or a folder to look in; without it the folder that ``TREERNN_DATA`` names.

    Raises:
        MissingDataError: it is not there.
    """
    place = source if source is not None else os.environ.get(VARIABLE)
    if place is None:
        raise MissingDataError(
            f"no sentence pairs: give a file, or put {NAMES[1]} of {_URL} into a folder that "
            f"{VARIABLE} names"
        )
    if not Path(place).is_dir():
        return Path(place)
    for name in NAMES:
        if (Path(place) / name).is_file():
            return Path(place) / name
    raise MissingDataError(f"{place}: no {' or '.join(NAMES)} in this folder; get it from {_URL}")


def read_pairs(path: str | PathLike[str]) -> list[Pair]:
    """Read a file of pairs.

    Args:
        path: the file; the third column, the attribution, may be left out.

    Raises:
        MissingDataError: there is no such file.
        DataError: with the line, where there are too few or too many columns, a sentence is empty,
            or a byte is not UTF-8; or the file is damaged, or holds no pairs.
    """
    content = read_bytes(path)
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"damaged, not gzip ({error})", path) from None
    # Not splitlines: that also splits at characters that sentences may hold.
    lines = decode(content, path).replace("\r\n", "\n").removesuffix("\n").split("\n")
    pairs = [_pair(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not pairs:
        raise DataError("no sentence pairs in it", path)
    return pairs


def _pair(line: str, path: str | PathLike[str], number: int) -> Pair:
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) not in (2, 3):
        raise DataError(
            f"expected 2 or 3 columns with tabs between (English, Chinese, attribution), found "
            f"{len(columns)}",
            path,
            number,
        )
    for name, column in zip(("English", "Chinese"), columns, strict=False):
        if not column:
            raise DataError(f"the {name} sentence is empty", path, number)
    return Pair(*columns)


def split(
    pairs: Sequence[Pair], dev: int | None = None, test: int | None = None, seed: int = 1
) -> Splits[Pair]:
    """Split pairs at random so that no sentence, English or Chinese, stands in two parts.

    Sentences are compared by their letters and digits alone, whatever their case. Pairs that share
    a sentence, directly or through others, stay together.

    Args:
        pairs: what to split; keeps its order in each part.
        dev: how many pairs to choose by; a tenth, at most 1,000, at least one.
        test: how many pairs to measure with; likewise.
        seed: another seed, another split.

    Raises:
        InputError: too few pairs that can be taken apart.

    >>> pairs = [Pair("Hi.", "嗨。"), Pair("hi!", "你好。"), Pair("Run.", "跑!"), Pair("No.", "不")]
    >>> [pair.english for pair in split(pairs, dev=1, test=1).train]
    ['Hi.', 'hi!']
    """
    tenth = max(1, min(1000, len(pairs) // 10))
    dev, test = (tenth if count is None else count for count in (dev, test))
    groups = _groups(pairs)
    random.Random(seed).shuffle(groups)
    part = dict.fromkeys(range(len(pairs)), 0)
    wanted = [len(pairs), dev, test]
    for group in groups:
        for number in (2, 1):
            if len(group) <= wanted[number]:
                wanted[number] -= len(group)
                part.update(dict.fromkeys(group, number))
                break
    found = Splits(*([pair for i, pair in enumerate(pairs) if part[i] == k] for k in range(3)))
    if any(wanted[1:]) or not found.train:
        raise InputError(
            f"{len(pairs)} sentence pairs in {len(groups)} groups without a common sentence are "
            f"too few for {dev} dev and {test} test pairs, and some to learn from"
        )
    return found


def _groups(pairs: Sequence[Pair]) -> list[list[int]]:
    """The numbers of pairs that are linked by common sentences (a union-find)."""
    above: dict[tuple[str, str], tuple[str, str]] = {}

    def top(sentence: tuple[str, str]) -> tuple[str, str]:
        while (found := above.setdefault(sentence, sentence)) != sentence:
            above[sentence] = above[found]
            sentence = found
        return sentence

    for pair in pairs:
        above[top(("english", _letters(pair.english)))] = top(("chinese", _letters(pair.chinese)))
    groups: dict[tuple[str, str], list[int]] = {}
    for number, pair in enumerate(pairs):
        groups.setdefault(top(("english", _letters(pair.english))), []).append(number)
    return list(groups.values())


def _letters(sentence: str) -> str:
    return "".join(filter(str.isalnum, sentence.casefold())) or sentence
