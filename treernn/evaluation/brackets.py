"""Bracket precision, recall and F1: how many spans two sets of trees have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from treernn.errors import InputError
from treernn.types import Tree


@dataclass(frozen=True)
class BracketScore:
    """Counts of brackets, summed over sentences.

    Attributes:
        matched: brackets in both the predicted and the gold tree of a sentence.
        predicted: brackets in the predicted trees.
        gold: brackets in the gold trees.
    """

    matched: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Fraction of the predicted brackets that are correct; 1 if there are none."""
        return self.matched / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        """Fraction of the gold brackets that are predicted; 1 if there are none."""
        return self.matched / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there are no brackets."""
        total = self.predicted + self.gold
        return 2 * self.matched / total if total else 1.0


def brackets(tree: Tree) -> set[tuple[int, int]]:
    """The spans of two or more words of a tree, without the span of the whole sentence."""
    n = len(tree.words)
    return {(start, end) for start, end in tree.spans() if 1 < end - start < n}


def bracket_score(predicted: Iterable[Tree], gold: Iterable[Tree]) -> BracketScore:
    """Compare predicted with gold trees over the same sentences.

    Raises:
        InputError: the two have different numbers of trees, or two trees have different numbers of
            words.
    """
    predicted, gold = list(predicted), list(gold)
    if len(predicted) != len(gold):
        raise InputError(f"{len(predicted)} predicted trees, but {len(gold)} gold trees")
    for number, (ours, theirs) in enumerate(zip(predicted, gold, strict=True)):
        if len(ours.words) != len(theirs.words):
            raise InputError(
                f"predicted tree {number} has {len(ours.words)} words, the gold tree "
                f"{len(theirs.words)}"
            )
    pairs = [(brackets(a), brackets(b)) for a, b in zip(predicted, gold, strict=True)]
    return BracketScore(
        matched=sum(len(a & b) for a, b in pairs),
        predicted=sum(len(a) for a, _ in pairs),
        gold=sum(len(b) for _, b in pairs),
    )
