"""Training data: treebanks, and the user's own trees, sentences, tags or videos."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from treernn.checks import brief
from treernn.corpora import labelled
from treernn.corpora.frames import read_videos
from treernn.corpora.tagged import SUFFIX, read_tagged, read_treebank, split_documents
from treernn.errors import DataError, DataWarning, InputError
from treernn.models.tagger import Steps
from treernn.parsing.parser import Parser
from treernn.text import tokenize
from treernn.training.data.own_trees import read_own_trees
from treernn.types import UNLABELLED, AnyTree, Splits, Tree

Example = TypeVar("Example")
PathLike = str | os.PathLike[str]

Tagged = tuple[Steps, Sequence[str]]
"""A sequence and the tag of each of its steps, such as ``TaggedSentence`` and ``TaggedFrames``."""

DEV_FRACTION = 0.1


def load_trees(train: PathLike, dev: PathLike | None = None, seed: int = 1) -> Splits[Tree]:
    """The user's own trees.

    Args:
        train: file of trees or of labelled phrases; see ``treernn.training.data.own_trees``.
        dev: the same; see ``_load``.
        seed: see ``_load``.

    Raises:
        MissingDataError, DataError: see ``treernn.training.data.own_trees.read_own_trees``; or
            there are too few trees.
    """
    return _load(read_own_trees, train, dev, seed)


def load_sentences(
    parser: Parser,
    train: PathLike,
    dev: PathLike | None = None,
    text_column: str = "text",
    label_column: str = "label",
    seed: int = 1,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Splits[Tree]:
    """The user's own labelled sentences, as trees with a label at their roots only.

    Rows without a text, a label or a word are left out, with a ``DataWarning``.

    Args:
        parser: parses the sentences.
        train: a table, see ``treernn.corpora.labelled``.
        dev: the same; see ``_load``.
        text_column: column of the sentence.
        label_column: column of its class, on one scale for both tables.
        seed: see ``_load``.
        encoding, delimiter: of the tables, as for ``treernn.tables.open_table``.

    Raises:
        MissingDataError, DataError: a file is missing or faulty, or there are too few sentences.
    """
    columns = (text_column, label_column)
    return sentences_and_scale(parser, train, dev, *columns, seed, encoding, delimiter)[0]


def sentences_and_scale(
    parser: Parser,
    train: PathLike,
    dev: PathLike | None,
    text_column: str,
    label_column: str,
    seed: int,
    encoding: str | None,
    delimiter: str | None,
) -> tuple[Splits[Tree], labelled.Scale]:
    """What ``load_sentences`` returns, and the scale of the labels. Each table is read once."""
    paths = [path for path in (train, dev) if path is not None]
    columns = (text_column, label_column)
    scale, tables = labelled.read_labelled_tables(paths, *columns, encoding, delimiter)
    trees = {path: _parsed(parser, rows, path) for path, rows in zip(paths, tables, strict=True)}
    return _load(trees.__getitem__, train, dev, seed), scale


def _parsed(parser: Parser, rows: Iterable[tuple[str, int]], path: PathLike) -> list[Tree]:
    """Trees of the texts that have words."""
    found = [(text, words_of(text), label) for text, label in rows]
    if empty := [text for text, words, _ in found if not words]:
        has = (
            "1 text has no word and is"
            if len(empty) == 1
            else f"{len(empty):,} texts have no word and are"
        )
        warnings.warn(
            f"{path}: {has} left out, such as {brief(empty[0])}", DataWarning, stacklevel=2
        )
    full = [(words, label) for _, words, label in found if words]
    return parse_labelled(parser, [words for words, _ in full], [label for _, label in full])


def load_tagged(
    train: Path, dev: Path | None = None, column: str = "tag", seed: int = 1
) -> Splits[Tagged]:
    """Data of a tagger.

    Args:
        train: a treebank (folder or archive with files ``*.mrg``), which is split by documents; a
            folder of videos, see ``treernn.corpora.frames``; or a file of words and tags, see
            ``treernn.corpora.tagged``.
        dev: the same, but no treebank; see ``_load``.
        column: tags of the videos.
        seed: see ``_load``.

    Raises:
        MissingDataError, DataError: a file is missing or faulty, or has too few examples.
        InputError: ``dev`` is given for a treebank.
    """
    if not _is_treebank(train):
        return _load(lambda path: _read_tagged(Path(path), column), train, dev, seed)
    if dev is not None:
        raise InputError(f"{train}: a treebank has its own dev sentences, no dev data are needed")
    splits = split_documents(read_treebank(train))
    return Splits([*splits.train], [*splits.dev], [*splits.test])


def load_gold_tags(path: Path, column: str = "tag") -> list[Tagged]:
    """Data to evaluate a tagger on, see ``load_tagged``; of a treebank the test part.

    Raises:
        MissingDataError, DataError: a file is missing or faulty.
    """
    if _is_treebank(path):
        return list(split_documents(read_treebank(path)).test)
    return _read_tagged(path, column)


def words_of(text: str) -> list[str]:
    """All words of a text, as one sentence."""
    return [token.text for sentence in tokenize(text) for token in sentence]


def parse_labelled(
    parser: Parser, sentences: Sequence[Sequence[str]], labels: Sequence[int]
) -> list[Tree]:
    """Parse sentences and label their roots."""
    return [
        tree.with_labels([UNLABELLED] * tree.root + [label])
        for tree, label in zip(parser.parse(sentences), labels, strict=True)
    ]


def frequent_words(
    trees: Iterable[AnyTree], texts: Iterable[str] = (), extra: Iterable[str] = ()
) -> list[str]:
    """The different words of trees and texts, in lower case, and then ``extra``.

    They are sorted by descending frequency, equally frequent ones alphabetically.
    """
    counts = Counter(word.lower() for tree in trees for word in tree.words)
    for text in texts:
        counts.update(token.text.lower() for tokens in tokenize(text) for token in tokens)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in dict.fromkeys((*ordered, *extra)) if word.strip()]


def _is_treebank(path: Path) -> bool:
    return path.suffix == ".zip" or (os.path.isdir(path) and any(path.rglob(f"*{SUFFIX}")))


def _read_tagged(path: Path, column: str) -> list[Tagged]:
    return list(read_videos(path, column)) if os.path.isdir(path) else list(read_tagged(path))


def _load(
    read: Callable[[PathLike], list[Example]], train: PathLike, dev: PathLike | None, seed: int
) -> Splits[Example]:
    """Read both files; without ``dev`` hold out a random tenth of ``train``, drawn by ``seed``."""
    examples = _not_empty(read(train), train)
    if dev is not None:
        return Splits(examples, _not_empty(read(dev), dev))
    if len(examples) < 2:
        raise DataError("only one example, at least two are needed to hold one out", train)
    return held_out(examples, seed)


def held_out(examples: Sequence[Example], seed: int) -> Splits[Example]:
    """Hold out a random tenth as dev data, drawn by ``seed``; both in their order."""
    count = max(1, round(DEV_FRACTION * len(examples)))
    order = np.random.default_rng(seed).permutation(len(examples)).tolist()
    train_rows, dev_rows = sorted(order[count:]), sorted(order[:count])
    return Splits([examples[i] for i in train_rows], [examples[i] for i in dev_rows])


def _not_empty(examples: list[Example], path: PathLike) -> list[Example]:
    if not examples:
        raise DataError("holds no examples", path)
    return examples
