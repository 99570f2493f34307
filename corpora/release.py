"""The Stanford Sentiment Treebank as it was first released: ``stanfordSentimentTreebank.zip``.

- ``SOStr.txt``: the words of each sentence, separated by ``|``;
- ``STree.txt``: its tree, the number of each node's parent, 0 for the root; words come first;
- ``datasetSplit.txt``: the part of each sentence, 1 train, 2 test, 3 dev;
- ``dictionary.txt``: phrases and their numbers; ``sentiment_labels.txt``: the value of each number,
  0 to 1, here cut into five classes at 0.2, 0.4, 0.6 and 0.8, as its README says.

The files differ in how they write brackets, and some have UTF-8 that was decoded as Latin-1
(``clichÃ©s``); both are undone.
"""

from __future__ import annotations

import math
import re
import warnings
from os import PathLike
from pathlib import Path

from treernn.corpora.archives import has_file, open_unpacked
from treernn.corpora.brackets import unescape
from treernn.errors import DataError, DataWarning
from treernn.tables.encoding import decode
from treernn.tables.outside import read_whole
from treernn.types import UNLABELLED, Tree

FILES = (
    *("SOStr.txt", "STree.txt", "datasetSplit.txt"),
    *("dictionary.txt", "sentiment_labels.txt"),
)
PARTS = {"train": "1", "test": "2", "dev": "3"}

_LARGEST = 1_000_000  # words of all phrases of a sentence together
_MOJIBAKE = re.compile("[\xc2-\xf4][\x80-\xbf\u0152-\u2122]")


def find(source: str | PathLike[str]) -> Path | None:
    """The folder with the files: ``source``, or one of the release's name in it; or in the archive
    ``source``."""
    path = Path(source)
    folders = (path / "stanfordSentimentTreebank", path)
    return next((folder for folder in folders if has_file(folder / "STree.txt")), None)


def load(split: str, folder: Path) -> list[Tree]:
    """The trees of a part, in file order. A phrase that is not in the dictionary has no label.

    Args:
        split: a name of ``PARTS``.
        folder: where the files are.

    Raises:
        MissingDataError: one of ``FILES`` is missing.
        DataError: a line is not what it should be; or the files do not belong together.
    """
    sentences, parents, parts = (_lines(folder / name) for name in FILES[:3])
    if parts and not parts[0][:1].isdigit():  # the names of the columns
        parts = parts[1:]
    for name, lines in zip(FILES[1:3], (parents, parts), strict=True):
        if len(lines) != len(sentences):
            raise DataError(
                f"{len(lines)} sentences, but {FILES[0]} has {len(sentences)}", f"{folder / name}"
            )
    part_of = dict(line.strip().split(",", 1) for line in parts if "," in line)
    class_of = _classes(folder)
    trees = []
    missing = 0
    for number, (sentence, line) in enumerate(zip(sentences, parents, strict=True), 1):
        if part_of.get(str(number)) != PARTS[split]:
            continue
        words = tuple(plain(word) for word in sentence.split("|"))
        tree = _tree(words, line, f"{folder / FILES[1]}", number)
        spans = tree.spans()
        if sum(end - start for start, end in spans) > _LARGEST:
            raise DataError("a tree too deep for a sentence", folder / FILES[1], number)
        phrases = (" ".join(words[start:end]) for start, end in spans)
        labels = tuple(class_of.get(phrase, UNLABELLED) for phrase in phrases)
        missing += labels.count(UNLABELLED)
        trees.append(tree.with_labels(labels))
    if not trees:
        raise DataError(f"no {split} sentences", f"{folder / FILES[2]}")
    if missing:
        warnings.warn(
            f"{folder}: {missing} phrases of {split} are not in {FILES[3]} and have no labels",
            DataWarning,
            stacklevel=2,
        )
    return trees


def plain(text: str) -> str:
    r"""A word or phrase with its brackets and accents as they are meant.

    >>> plain("-LRB- the clichÃ©s and\\/or"), plain("naïve")
    ('( the clichés and/or', 'naïve')
    """
    if _MOJIBAKE.search(text):
        for encoding in ("latin-1", "cp1252"):
            try:
                text = text.encode(encoding).decode("utf-8")
                break
            except UnicodeError:
                continue
    return unescape(text) if "\\" in text or "B-" in text else text


def class_of_value(value: float) -> int:
    """The class of a value from 0, very negative, to 1.

    >>> [class_of_value(value) for value in (0, 0.2, 0.21, 0.4, 0.5, 0.6, 0.8, 0.81, 1)]
    [0, 0, 1, 1, 2, 2, 3, 4, 4]
    """
    return max(0, math.ceil(round(value * 5, 6)) - 1)


def _classes(folder: Path) -> dict[str, int]:
    """The class of each phrase."""
    values: dict[str, int] = {}
    path = folder / FILES[4]
    for number, line in enumerate(_lines(path), 1):
        index, _, value = line.partition("|")
        try:
            if not 0 <= float(value) <= 1:
                raise ValueError
        except ValueError:
            if number == 1:  # the names of the columns
                continue
            problem = f"expected a number, | and a value 0 to 1, found {line[:40]!r}"
            raise DataError(problem, str(path), number) from None
        values[index.strip()] = class_of_value(float(value))
    classes: dict[str, int] = {}
    path = folder / FILES[3]
    for number, line in enumerate(_lines(path), 1):
        phrase, _, index = line.rpartition("|")
        if index.strip() in values:
            classes.setdefault(plain(phrase), values[index.strip()])
        elif number > 1:
            raise DataError(f"phrase number {index[:20]!r} has no value", str(path), number)
    return classes


def _tree(words: tuple[str, ...], line: str, path: str, number: int) -> Tree:
    """The tree of a line of ``STree.txt``, inner nodes in the order of closing brackets."""
    problem = DataError(f"not a tree over the {len(words)} words of {FILES[0]}", path, number)
    try:
        parents = [int(parent) - 1 for parent in line.split("|")]
    except ValueError:
        raise DataError("expected numbers separated by |", path, number) from None
    n, size = len(words), len(parents)
    children: list[list[int]] = [[] for _ in parents]
    for node, parent in enumerate(parents):
        if not -1 <= parent < size or 0 <= parent < n:
            raise problem
        if parent >= 0:
            children[parent].append(node)
    pending = [node for node, parent in enumerate(parents) if parent < 0]
    if len(pending) != 1:
        raise problem
    order: list[int] = []  # parents first
    while pending:
        order.append(pending.pop())
        pending += children[order[-1]]
    if len(order) != size or any(not below for below in children[n:]):
        raise problem
    first = [*range(n)] + [n] * (size - n)  # word of each node
    for node in reversed(order[1:]):
        first[parents[node]] = min(first[parents[node]], first[node])
    # Parents first and right to left; the reverse is the order of closing brackets.
    pending, order = [order[0]], []
    while pending:
        order.append(pending.pop())
        pending += sorted(children[order[-1]], key=first.__getitem__)
    order.reverse()
    if [node for node in order if node < n] != [*range(n)]:
        raise problem
    inner = [node for node in order if node >= n]
    new = {node: n + k for k, node in enumerate(inner)} | {word: word for word in range(n)}
    below = (sorted(children[node], key=first.__getitem__) for node in inner)
    return Tree(words, tuple(tuple(new[child] for child in nodes) for nodes in below))


def _lines(path: Path) -> list[str]:
    """Lines end with a line feed only: some words have other line separators in them."""
    with open_unpacked(path) as file:
        text = decode(read_whole(file, path), path)
    return [line.removesuffix("\r") for line in text.rstrip("\r\n").split("\n")]
