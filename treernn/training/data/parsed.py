"""Texts as parse trees with targets: in memory, or part by part in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from treernn.corpora.targets import TargetText
from treernn.parsing.parser import Parser
from treernn.scoring.aligned import align
from treernn.training.data import corpus
from treernn.training.data.corpus import (
    Stored,
    blocks,
    stored_part,
    targets_of,
    tree_columns,
    tree_of,
)
from treernn.training.data.distinct import Words, distinct_sentences
from treernn.training.data.provenance import fingerprint
from treernn.training.data.sources import Part
from treernn.types import LABELS, Tree


@dataclass(frozen=True)
class Cache:
    """Where parsed texts are stored, so that they need not fit into memory, and a process that was
    killed does not parse again what it had parsed.

    Attributes:
        folder: gets a file for each thousand texts.
        identity: of the parser, and of all else that trees depend on besides texts.
    """

    folder: Path
    identity: str

    def store(
        self,
        examples: Iterable[Any],
        make: Callable[[Sequence[Any]], Part],
        plain: Callable[[Any], Any] = lambda example: example,
    ) -> Stored[Tree]:
        """Store examples, but those that are there.

        Args:
            examples: read once.
            make: trees with targets, or sentences as trees without branches, of some examples.
            plain: a value that JSON holds, for what identifies an example.
        """

        def columns(block: Sequence[Any]) -> tuple[Mapping[str, Sequence[Any]], int]:
            part = make(block)
            return tree_columns(part.trees, part.targets), part.left_out

        parts = []
        for block in blocks(examples):
            name = fingerprint([self.identity, *map(plain, block)])[:32]
            path = self.folder / f"{name}.arrow"
            parts.append(stored_part(path, "trees", partial(columns, block)))
        return Stored(parts, "trees", tree_of)

    def remove(self) -> None:
        """Remove the folder, when training ended."""
        corpus.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def aligned(texts: Iterable[TargetText], parser: Parser, cache: Cache | None = None) -> Part:
    """Texts as trees with targets; those whose labels are on no phrase of their tree are left
    out."""

    def make(block: Sequence[TargetText]) -> Part:
        found = align(block, parser)
        trees, targets = [each.tree for each in found.trees], [each.targets for each in found.trees]
        return Part(trees, targets, found.parts - found.aligned)

    def plain(text: TargetText) -> list[Any]:
        return [text.text, *((each.start, each.end, each.target) for each in text.targets)]

    return _part(texts, make, plain, cache)


def unlabelled(texts: Iterable[str], parser: Parser, cache: Cache | None = None) -> Part:
    """The different sentences of texts, as trees without targets."""

    def make(block: Sequence[Words]) -> Part:
        trees = parser.parse(block)
        return Part(trees, [np.zeros((tree.num_nodes, len(LABELS)), np.float32) for tree in trees])

    return _part(distinct_sentences(texts), make, lambda words: words, cache)


def sentences(words: Iterable[Words], cache: Cache) -> Sequence[Words]:
    """Sentences that are not parsed."""

    def make(block: Sequence[Words]) -> Part:
        trees = [Tree(each) for each in block]
        return Part(trees, [np.zeros((0, len(LABELS)), np.float32)] * len(trees))

    stored = cache.store(words, make).view(corpus.words_of)
    return [*stored] if len(stored) <= corpus.IN_MEMORY else stored


def _part(
    examples: Iterable[Any],
    make: Callable[[Sequence[Any]], Part],
    plain: Callable[[Any], Any],
    cache: Cache | None,
) -> Part:
    if cache is None:
        return make([*examples])
    trees = cache.store(examples, make, plain)
    targets = trees.view(targets_of)
    left_out = sum(part.left_out for part in trees.parts)
    if len(trees) > corpus.IN_MEMORY:
        return Part(trees, targets, left_out, trees.digest)
    return Part([*trees], [*targets], left_out)
