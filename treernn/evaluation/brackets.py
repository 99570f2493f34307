"""Bracket F1: how many spans two sets of trees share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from treernn.errors import InputError
from treernn.types import Tree


@dataclass(frozen=True)
class BracketScore:
    """Brackets counted over sentences: spans of two or more words, the whole sentence left out.

    Attributes:
        common: brackets in both trees of a sentence.
        found: brackets of the parser.
        gold: brackets of the treebank.
    """

    common: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of the parser's brackets that are right, 0..1; 1 where it has none."""
        return self.common / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the treebank's brackets that were found, 0..1; 1 where it has none."""
        return self.common / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1; 1 where there is no bracket at all."""
        total = self.found + self.gold
        return 2 * self.common / total if total else 1.0


def brackets(tree: Tree) -> set[tuple[int, int]]:
    """The spans of two or more words of a tree, without the whole sentence."""
    n = len(tree.words)
    return {span for span in tree.spans()[n:] if span[1] - span[0] > 1} - {(0, n)}


def bracket_score(found: Iterable[Tree], gold: Iterable[Tree]) -> BracketScore:
    """Compare trees over the same sentences, pooled over all of them.

    Raises:
        InputError: a pair of trees stands over different numbers of words, or one side has more
            trees.
    """
    common = in_found = in_gold = 0
    found, gold = list(found), list(gold)
    if len(found) != len(gold):
        raise InputError(f"{len(found)} trees cannot be compared with {len(gold)}")
    for number, (ours, theirs) in enumerate(zip(found, gold, strict=True)):
        if len(ours.words) != len(theirs.words):
            raise InputError(
                f"tree {number} has {len(ours.words)} words, its counterpart {len(theirs.words)}"
            )
        a, b = brackets(ours), brackets(theirs)
        common += len(a & b)
        in_found += len(a)
        in_gold += len(b)
    return BracketScore(common, in_found, in_gold)
