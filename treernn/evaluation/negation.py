"""Negation: what becomes of a phrase when it is negated?

Socher et al. (2013, section 5.4), as we read it. Their positive and negative sentences are not
published; here the pairs of a phrase and its negation are of two kinds.

*In trees*: a node of a gold tree with two children of which the first is a negator, alone or as the
second of two words (``not``, ``is not``, ``does n't``); the phrase is the second child, its
negation the node. Set 1 has the phrases whose gold class is positive and whose negation is
negative; set 2 the negative phrases whose negation has a higher class.

*Made*: sentences with an adjective and their negations, by the patterns below, parsed. Set 1 has
the positive adjectives, set 2 the negative ones.

A pair of set 1 is *turned* when the most probable class of the phrase is positive and that of its
negation is negative, the paper's measure on this set; one of set 2, when the first is negative and
the second is not. It *eased* when in set 1 the probability of the two positive classes falls, in
set 2 that of the two negative classes, and *crossed over* when that of the two on the other side
grows. The paper has two measures on set 2: by its text "non-negative activation" grows, which is
eased; by the caption of its Table 2 "positive activation" does, which is crossed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from treernn.evaluation.accuracy import NEUTRAL
from treernn.evaluation.contrast import per_cent
from treernn.parsing.parser import Parser
from treernn.scoring.explain import NEGATORS
from treernn.scoring.scorer import Classifier
from treernn.types import LABELS, Tree

_POSITIVE = """
    amazing astonishing beautiful brilliant captivating charming clever compelling delightful
    engaging enjoyable entertaining excellent exciting fantastic fascinating fresh funny good
    gorgeous great heartwarming hilarious imaginative impressive inspired inventive lovely
    magnificent memorable moving original outstanding perfect powerful refreshing remarkable rich
    satisfying smart solid strong stunning superb terrific thrilling touching wise witty wonderful
"""
_NEGATIVE = """
    annoying awful bad banal bland boring clumsy confusing contrived dismal disappointing dreadful
    dreary dull empty exhausting flat forgettable frustrating hollow horrible incoherent irritating
    lame lazy lifeless mediocre messy mindless monotonous obnoxious offensive painful pathetic
    pointless poor predictable pretentious ridiculous shallow sloppy stale stupid tedious terrible
    tiresome ugly unbearable unfunny weak
"""
POSITIVE, NEGATIVE = tuple(_POSITIVE.split()), tuple(_NEGATIVE.split())
"""Adjectives that leave no doubt when they are said of a film."""

PATTERNS = (
    ("The movie was {} .", "The movie was not {} ."),
    ("The acting is {} .", "The acting is n't {} ."),
    ("It 's {a} {} film .", "It 's not {a} {} film ."),
    ("It has {a} {} ending .", "It does n't have {a} {} ending ."),
    ("I found the story {} .", "I never found the story {} ."),
    ("Everything about it is {} .", "Nothing about it is {} ."),
)
"""A sentence and its negation; ``{}`` is the adjective, ``{a}`` its article."""


@dataclass(frozen=True)
class Negated:
    """One set of pairs; NaN where there are none.

    Attributes:
        cases: how many there are.
        known: per cent whose phrase is on its side, positive or negative, before it is negated.
        turned: per cent that are known and whose class turns.
        eased: per cent whose probability of the phrase's own side falls.
        crossed: per cent whose probability of the other side grows.
        positive: mean change in the probability of the two positive classes.
        negative: mean change in that of the two negative classes.
        value: mean change in the expected class.
    """

    cases: int
    known: float
    turned: float
    eased: float
    crossed: float
    positive: float
    negative: float
    value: float


@dataclass(frozen=True)
class Negations:
    """Both sets of a kind.

    Attributes:
        of_positive: set 1, what is positive is negated.
        of_negative: set 2, what is negative is negated.
    """

    of_positive: Negated
    of_negative: Negated


def in_trees(trees: Sequence[Tree], distributions: Sequence[np.ndarray]) -> Negations:
    """Measure a model on the negations in gold trees.

    Args:
        trees: with labels.
        distributions: for each tree ``[nodes, 5]``.
    """
    positive, negative = [], []
    for tree, rows in zip(trees, distributions, strict=True):
        for phrase, whole in negations(tree) if tree.labels else ():
            gold, negated = tree.labels[phrase], tree.labels[whole]
            if gold > NEUTRAL > negated >= 0:
                positive.append(rows[[phrase, whole]])
            elif 0 <= gold < min(NEUTRAL, negated):
                negative.append(rows[[phrase, whole]])
    return Negations(_negated(positive, 1), _negated(negative, -1))


def negations(tree: Tree) -> Iterator[tuple[int, int]]:
    """The numbers of phrase and negation of the pairs in a tree."""
    spans = tree.spans()
    for node, below in enumerate(tree.children, len(tree.words)):
        if len(below) == 2:
            start, end = spans[below[0]]
            if end - start <= 2 and tree.words[end - 1].lower() in NEGATORS:
                yield below[1], node


def made(model: Classifier, parser: Parser) -> Negations:
    """Measure a model on the made sentences, whose trees ``parser`` finds."""
    adjectives = POSITIVE + NEGATIVE
    sentences = [
        pattern.format(word, a="an" if word[0] in "aeiou" else "a").split()
        for pair in PATTERNS
        for word in adjectives
        for pattern in pair
    ]
    roots = np.stack([rows[-1] for rows in model.distributions(parser.parse(sentences))])
    pairs = roots.reshape(len(PATTERNS), len(adjectives), 2, len(LABELS))
    of_positive, of_negative = np.split(pairs, [len(POSITIVE)], axis=1)
    return Negations(_negated(of_positive, 1), _negated(of_negative, -1))


def _negated(pairs: ArrayLike, side: int) -> Negated:
    """Measure pairs ``[..., 2, 5]``, phrase and negation, whose phrases are positive, ``side`` 1,
    or negative, -1."""
    found = np.array(pairs, dtype=np.float64).reshape(-1, 2, len(LABELS))
    before, after = (np.sign(found.argmax(2) - NEUTRAL) * side).T
    # What is positive must become negative, but what is negative need not become positive.
    turned = (before > 0) & (after < (0 if side > 0 else 1))
    change = found[:, 1] - found[:, 0]
    positive, negative = change[:, NEUTRAL + 1 :].sum(1), change[:, :NEUTRAL].sum(1)
    own, other = (positive, negative) if side > 0 else (negative, positive)
    value = change @ np.arange(len(LABELS))
    means = (
        float(each.mean()) if len(found) else float("nan") for each in (positive, negative, value)
    )
    shares = (per_cent(each) for each in (before > 0, turned, own < 0, other > 0))
    return Negated(len(found), *shares, *means)
