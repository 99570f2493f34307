"""Contrastive conjunction: clauses ``X but Y`` whose parts differ in sentiment.

Socher et al. (2013), section 5.3. A clause ``X but Y`` is a node of a gold tree that consists of a
phrase X, the word ``but`` and a phrase Y. X starts where the clause starts, Y ends where it ends,
both are nodes, and only punctuation may stand between them and ``but`` or after Y. The treebank has
``((X but) Y)`` and ``(X (but Y))``; both count. A clause is a sentence if only punctuation stands
outside of it.

A case is a clause whose X and Y differ in gold polarity (negative, neutral, positive). The test
part of the SST has 131 such sentences, as many as the paper. The model is correct if the polarity
of X, of Y and of the lowest node over both ``but`` and Y is correct; that node is the clause in
``((X but) Y)`` and ``but Y`` in ``(X (but Y))``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from treernn.evaluation.accuracy import percentage, polarity
from treernn.types import LABELS, Tree

_BUT = "but"


class Clause(NamedTuple):
    """Nodes of a clause ``X but Y``.

    Attributes:
        x, y: the parts.
        joint: the lowest node over ``but`` and Y.
        clause: the clause.
        is_sentence: whether only punctuation stands outside of the clause.
    """

    x: int
    y: int
    joint: int
    clause: int
    is_sentence: bool


@dataclass(frozen=True)
class Relation:
    """How the sentiment of clauses depends on that of their parts.

    Attributes:
        same_as_x, same_as_y: clauses with the polarity of X (of Y), in %.
        weight_x, weight_y: coefficients of the least squares fit
            ``class of the clause = weight_x class of X + weight_y class of Y + constant``.
    """

    same_as_x: float
    same_as_y: float
    weight_x: float
    weight_y: float


@dataclass(frozen=True)
class Contrast:
    """Results on clauses ``X but Y``; accuracies in % of cases; NaN without cases.

    Attributes:
        cases: number of clauses.
        correct: polarity of X, Y and the joint node correct.
        correct_five: their five-way classes correct.
        x, y, joint: polarity of each alone correct.
        gold: relation of the gold classes.
        model: relation of the most probable classes; weights from the expected classes.
    """

    cases: int
    correct: float
    correct_five: float
    x: float
    y: float
    joint: float
    gold: Relation
    model: Relation


def but_clauses(tree: Tree) -> Iterator[Clause]:
    """The clauses ``X but Y`` of a tree, in the order of their ``but``."""
    if _BUT not in map(str.lower, tree.words):
        return
    spans = tree.spans()
    node_over = {span: node for node, span in enumerate(spans)}  # of unary chains the top node
    is_word = [any(map(str.isalnum, text)) for text in tree.words]

    def first_node(starts: Sequence[int], ends: Sequence[int]) -> int | None:
        candidates = ((start, end) for start in starts for end in ends)
        return next((node_over[span] for span in candidates if span in node_over), None)

    def lowest_over(start: int, end: int) -> int:
        # Children precede their parents, so the first node is the lowest.
        return next(node for node, (a, b) in enumerate(spans) if a <= start and end <= b)

    for but, text in enumerate(tree.words):
        if text.lower() != _BUT or not any(is_word[:but]) or not any(is_word[but + 1 :]):
            continue
        x_last = max(i for i in range(but) if is_word[i])
        y_first = min(i for i in range(but + 1, len(is_word)) if is_word[i])
        clause = lowest_over(x_last, y_first + 1)
        start, end = spans[clause]
        y_last = max(i for i in range(end) if is_word[i])
        x = first_node([start], range(x_last + 1, but + 1))
        y = first_node(range(but + 1, y_first + 1), range(end, y_last, -1))
        if x is not None and y is not None:
            is_sentence = not any(is_word[:start]) and not any(is_word[end:])
            yield Clause(x, y, lowest_over(but, spans[y][1]), clause, is_sentence)


def contrast(
    trees: Sequence[Tree], distributions: Sequence[np.ndarray], sentences_only: bool = True
) -> Contrast:
    """Evaluate a model on the clauses ``X but Y`` of gold trees.

    Args:
        trees: gold trees; those without labels are skipped.
        distributions: for each tree probabilities ``[nodes, 5]``.
        sentences_only: only clauses that are sentences, as in the paper.
    """
    gold_rows, probability_rows = [], []
    for tree, rows in zip(trees, distributions, strict=True):
        for *nodes, is_sentence in but_clauses(tree) if tree.labels else ():
            labels = [tree.labels[node] for node in nodes]
            x, y = polarity(np.array(labels[:2]))
            if (is_sentence or not sentences_only) and min(labels) >= 0 and x != y:
                gold_rows.append(labels)
                probability_rows.append(rows[nodes])
    gold = np.array(gold_rows, np.int64).reshape(-1, 4)
    probabilities = np.array(probability_rows, np.float64).reshape(-1, 4, len(LABELS))
    classes = probabilities.argmax(2)
    correct = (polarity(classes) == polarity(gold))[:, :3]
    return Contrast(
        cases=len(gold),
        correct=percentage(correct.all(1)),
        correct_five=percentage((classes == gold)[:, :3].all(1)),
        x=percentage(correct[:, 0]),
        y=percentage(correct[:, 1]),
        joint=percentage(correct[:, 2]),
        gold=_relation(gold, gold),
        model=_relation(classes, probabilities @ np.arange(len(LABELS))),
    )


def _relation(classes: np.ndarray, values: np.ndarray) -> Relation:
    """Relation of the polarity of ``classes`` and of ``values``; both ``[cases, 4]``: X, Y, joint
    node, clause."""
    x, y, _, clause = polarity(classes).T
    weights = [float("nan")] * 2
    if len(values) > 2:
        parts = np.column_stack((values[:, :2], np.ones(len(values))))
        weights = np.linalg.lstsq(parts, values[:, 3], rcond=None)[0][:2].tolist()
    return Relation(percentage(clause == x), percentage(clause == y), *weights)
