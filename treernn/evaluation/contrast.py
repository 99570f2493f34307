"""Contrastive conjunction, ``X but Y``: does the whole follow from two parts that disagree?

Socher et al. (2013, section 5.3). A *clause* is a node of a gold tree that consists of a phrase X,
the word ``but`` and a phrase Y: X begins where the clause begins, Y ends where it ends, each is a
node, and only punctuation may lie between them and ``but`` or after Y. The treebank joins the
words as ``((X but) Y)`` or as ``(X (but Y))``; both count. A clause is a *sentence* when nothing
but punctuation is outside it.

It is a *case* where X and Y are by gold on different sides, of three: negative, neutral and
positive. Of the sentences in the SST's test part that are 131, as many as the paper has. A case is
right when X, Y and what joins them all are on the right side. What joins them is the lowest node
over both ``but`` and Y: the clause in ``((X but) Y)``, ``but Y`` in ``(X (but Y))``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from treernn.evaluation.accuracy import NEUTRAL
from treernn.types import LABELS, Tree

WORD = "but"


class Clause(NamedTuple):
    """Four nodes of a tree, and whether the clause is the sentence.

    Attributes:
        x, y: the parts.
        joint: the lowest node over ``but`` and Y.
        whole: the clause.
        sentence: whether nothing but punctuation is outside it.
    """

    x: int
    y: int
    joint: int
    whole: int
    sentence: bool


@dataclass(frozen=True)
class Relation:
    """How the whole stands to its parts.

    Attributes:
        like_x: per cent of wholes on the side of X: negative, neutral or positive.
        like_y: the same of Y.
        weight_x: what a class more of X adds to the whole, in classes; by least squares of the
            whole on X, Y and a constant.
        weight_y: the same of Y.
    """

    like_x: float
    like_y: float
    weight_x: float
    weight_y: float


@dataclass(frozen=True)
class Contrast:
    """What ``contrast`` measures; per cent, and NaN, where there are no cases.

    Attributes:
        cases: how many there are.
        right: X, Y and what joins them on the right side.
        right_five: the three of the right class of five.
        x: X on the right side.
        y: Y on the right side.
        joint: what joins them on the right side.
        gold: how the gold classes of whole and parts are related.
        model: the same of the model: sides of the most probable classes, weights of the expected
            ones.
    """

    cases: int
    right: float
    right_five: float
    x: float
    y: float
    joint: float
    gold: Relation
    model: Relation


def clauses(tree: Tree) -> Iterator[Clause]:
    """The clauses ``X but Y`` of a tree, in the order of their ``but``."""
    if WORD not in map(str.lower, tree.words):
        return
    spans = tree.spans()
    # Of nodes over the same words the upper one: the sentence rather than its only child.
    at = {span: node for node, span in enumerate(spans)}
    word = [any(map(str.isalnum, text)) for text in tree.words]

    def node(starts: Sequence[int], ends: Sequence[int]) -> int | None:
        spanned = ((start, end) for start in starts for end in ends)
        return next((at[span] for span in spanned if span in at), None)

    for but, text in enumerate(tree.words):
        if text.lower() != WORD or not any(word[:but]) or not any(word[but + 1 :]):
            continue
        last = max(i for i in range(but) if word[i])  # of X
        first = min(i for i in range(but + 1, len(word)) if word[i])  # of Y
        over = (n for n, (start, end) in enumerate(spans) if start <= last and first < end)
        whole = next(over)  # children come first: the lowest
        start, end = spans[whole]
        stop = max(i for i in range(end) if word[i]) + 1
        x = node([start], range(last + 1, but + 1))
        y = node(range(but + 1, first + 1), range(end, stop - 1, -1))
        if x is not None and y is not None:
            stop = spans[y][1]
            joint = next(n for n, (a, b) in enumerate(spans) if a <= but and stop <= b)
            yield Clause(x, y, joint, whole, not any(word[:start]) and not any(word[end:]))


def contrast(
    trees: Sequence[Tree], distributions: Sequence[np.ndarray], sentences: bool = True
) -> Contrast:
    """Measure a model on the clauses ``X but Y`` of gold trees.

    Args:
        trees: with labels.
        distributions: for each tree ``[nodes, 5]``.
        sentences: only clauses that are sentences, as in the paper; else all.
    """
    gold_rows, found_rows = [], []
    for tree, rows in zip(trees, distributions, strict=True):
        for *nodes, sentence in clauses(tree) if tree.labels else ():
            labels = [tree.labels[node] for node in nodes]
            x, y = (np.sign(label - NEUTRAL) for label in labels[:2])
            if (sentence or not sentences) and min(labels) >= 0 and x != y:
                gold_rows.append(labels)
                found_rows.append(rows[nodes])
    gold = np.array(gold_rows, dtype=np.int64).reshape(-1, 4)
    found = np.array(found_rows, dtype=np.float64).reshape(-1, 4, len(LABELS))
    classes = found.argmax(2)
    right = (np.sign(classes - NEUTRAL) == np.sign(gold - NEUTRAL))[:, :3]
    return Contrast(
        cases=len(gold),
        right=per_cent(right.all(1)),
        right_five=per_cent((classes == gold)[:, :3].all(1)),
        x=per_cent(right[:, 0]),
        y=per_cent(right[:, 1]),
        joint=per_cent(right[:, 2]),
        gold=_relation(gold, gold),
        model=_relation(classes, found @ np.arange(len(LABELS))),
    )


def _relation(classes: np.ndarray, values: np.ndarray) -> Relation:
    """Of cases ``[n, 4]``: X, Y, what joins them, the whole."""
    side = np.sign(classes - NEUTRAL)
    weights = [float("nan")] * 2
    if len(values) > 2:
        parts = np.column_stack((values[:, :2], np.ones(len(values))))
        weights = np.linalg.lstsq(parts, values[:, 3], rcond=None)[0][:2].tolist()
    return Relation(
        per_cent(side[:, 3] == side[:, 0]), per_cent(side[:, 3] == side[:, 1]), *weights
    )


def per_cent(right: np.ndarray) -> float:
    """The share of true values, in per cent; NaN where there are none."""
    return 100.0 * float(right.mean()) if len(right) else float("nan")
