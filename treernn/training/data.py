"""What a classifier is trained on: the SST, one's own trees, or one's own labelled sentences."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from treernn.corpora import brackets, labelled, sst
from treernn.errors import DataError
from treernn.parsing.parser import Parser
from treernn.scoring import tokenizer
from treernn.training.trainer import fingerprint
from treernn.types import UNLABELLED, AnyTree, Tree

DEV_SHARE = 0.1  # of the training data, where there are no dev data


class Data(NamedTuple):
    """Labelled trees to learn from and to choose by."""

    train: list[Tree]
    dev: list[Tree]


def sst_data(source: str | os.PathLike[str] | None = None) -> Data:
    """The Stanford Sentiment Treebank; see ``treernn.corpora.sst.load``."""
    return Data(sst.load("train", source), sst.load("dev", source))


def tree_data(
    train: str | os.PathLike[str], dev: str | os.PathLike[str] | None = None, seed: int = 1
) -> Data:
    """One's own trees, in the brackets of the SST.

    Args:
        train: file of trees, one a line.
        dev: the same; without it a tenth of ``train``, drawn by ``seed``, is held out.
        seed: see above.

    Raises:
        MissingDataError, DataError: as ``treernn.corpora.brackets.read_brackets``; or there is no
            tree, or but one to train on and to hold out.
    """
    return _read(brackets.read_brackets, train, dev, seed)


def sentence_data(
    parser: Parser,
    train: str | os.PathLike[str],
    dev: str | os.PathLike[str] | None = None,
    text: str = "text",
    label: str = "label",
    seed: int = 1,
) -> Data:
    """One's own labelled sentences: ``parser`` puts the trees, whose roots alone have labels.

    Args:
        parser: gives the trees.
        train: CSV file, see ``treernn.corpora.labelled.read_labelled``.
        dev: the same; without it a tenth of ``train``, drawn by ``seed``, is held out.
        text: name of the column with the sentence.
        label: name of the column with its class.
        seed: see above.

    Raises:
        MissingDataError, DataError: a file is missing or faulty, a text has no words, or there is
            no sentence, or but one to train on and to hold out.
    """

    def read(path: str | os.PathLike[str]) -> list[Tree]:
        rows = labelled.read_labelled(path, text, label)
        return rooted(parser, [tokenize(row, path) for row, _ in rows], [to for _, to in rows])

    return _read(read, train, dev, seed)


def tokenize(text: str, path: str | os.PathLike[str] | None = None) -> list[str]:
    """All words of a text, as one sentence."""
    words = [token.text for sentence in tokenizer.tokenize(text) for token in sentence]
    if not words:
        raise DataError(f"no words in {text[:40]!r}, a labelled text needs some", path)
    return words


def rooted(parser: Parser, sentences: Sequence[Sequence[str]], labels: Sequence[int]) -> list[Tree]:
    """Parsed sentences with a label at their roots alone."""
    return [
        tree.with_labels([UNLABELLED] * tree.root + [label])
        for tree, label in zip(parser.parse(sentences), labels, strict=True)
    ]


def different_sentences(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The words of all sentences of texts, each sentence once."""
    words = (
        tuple(token.text for token in each) for text in texts for each in tokenizer.tokenize(text)
    )
    return list(dict.fromkeys(words))


def unlabelled(parser: Parser, texts: Iterable[str]) -> list[Tree]:
    """The trees of all sentences of texts, each sentence once; without labels."""
    return parser.parse(different_sentences(texts))


def summary(trees: Sequence[AnyTree]) -> dict[str, Any]:
    """What tells these trees, at least one, from others."""
    names = [field.name for field in fields(trees[0])]
    return {
        "trees": len(trees),
        "nodes": sum(tree.num_nodes for tree in trees),
        "sha256": fingerprint([getattr(tree, name) for name in names] for tree in trees),
    }


def _read(
    read: Callable[[str | os.PathLike[str]], list[Tree]],
    train: str | os.PathLike[str],
    dev: str | os.PathLike[str] | None,
    seed: int,
) -> Data:
    """Read both files, or one and hold out a part of it."""
    trees = _some(read(train), train)
    if dev is not None:
        return Data(trees, _some(read(dev), dev))
    if len(trees) < 2:
        raise DataError("one example only, at least two are needed to hold one out", train)
    held_out = max(1, round(DEV_SHARE * len(trees)))
    order = np.random.default_rng(seed).permutation(len(trees)).tolist()
    return Data(
        [trees[i] for i in sorted(order[held_out:])], [trees[i] for i in sorted(order[:held_out])]
    )


def _some(trees: list[Tree], path: str | os.PathLike[str]) -> list[Tree]:
    if not trees:
        raise DataError("holds no examples", path)
    return trees
