"""Negation: how the prediction for a phrase changes when the phrase is negated.

Socher et al. (2013), section 5.4. Their sentences are not published; the pairs of a phrase and its
negation come from two sources here.

*Treebank*: a node of a gold tree with two children. The first is a negator, alone or as the second
of two words (``not``, ``is not``, ``does n't``); the second is the phrase; the node is its
negation. Set "negated positive": the gold class of the phrase is positive, that of the negation
negative. Set "negated negative": the phrase is negative and its negation has a higher gold class.

*Templates*: parsed sentences made from ``TEMPLATES``, with positive adjectives for the first set
and negative ones for the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from treernn.evaluation.accuracy import NEUTRAL, percentage, polarity
from treernn.parsing.parser import Parser
from treernn.scoring.scorer import Classifier
from treernn.scoring.wording import NEGATORS
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
"""Adjectives that are clearly positive or negative about a film."""

TEMPLATES = (
    ("The movie was {} .", "The movie was not {} ."),
    ("The acting is {} .", "The acting is n't {} ."),
    ("It 's {a} {} film .", "It 's not {a} {} film ."),
    ("It has {a} {} ending .", "It does n't have {a} {} ending ."),
    ("I found the story {} .", "I never found the story {} ."),
    ("Everything about it is {} .", "Nothing about it is {} ."),
)
"""Sentences and their negations; ``{}`` is the adjective, ``{a}`` its article."""


@dataclass(frozen=True)
class NegationScores:
    """Results for one set of pairs; NaN without pairs.

    Attributes:
        cases: number of pairs.
        phrase_correct: the phrase has the predicted polarity of the set, in % of pairs.
        flipped: the phrase has it and the negation does not (negated positives: the negation is
            predicted to be negative), in % of pairs.
        own_falls: the negation has a lower probability of the phrase's own polarity, in % of pairs.
        opposite_rises: it has a higher probability of the opposite polarity, in % of pairs.
        delta_positive, delta_negative: mean change of p3 + p4 and of p0 + p1 by the negation.
        delta_class: mean change of the expected class.
    """

    cases: int
    phrase_correct: float
    flipped: float
    own_falls: float
    opposite_rises: float
    delta_positive: float
    delta_negative: float
    delta_class: float


@dataclass(frozen=True)
class Negation:
    """Results for the two sets of the paper.

    Its Table 2 has ``flipped`` for negated positives. For negated negatives the text says that
    "non-negative activation" increases, which is ``own_falls``; the caption of the table says
    "positive activation", which is ``opposite_rises``.
    """

    negated_positive: NegationScores
    negated_negative: NegationScores


def treebank_negation(trees: Sequence[Tree], distributions: Sequence[np.ndarray]) -> Negation:
    """Evaluate a model on the negations in gold trees.

    Args:
        trees: gold trees; those without labels are skipped.
        distributions: for each tree probabilities ``[nodes, 5]``.
    """
    positive, negative = [], []
    for tree, rows in zip(trees, distributions, strict=True):
        for pair in negation_pairs(tree) if tree.labels else ():
            phrase, negated = (tree.labels[node] for node in pair)
            if phrase > NEUTRAL > negated >= 0:
                positive.append(rows[[*pair]])
            elif 0 <= phrase < min(NEUTRAL, negated):
                negative.append(rows[[*pair]])
    return Negation(_scores(positive, 1), _scores(negative, -1))


def negation_pairs(tree: Tree) -> Iterator[tuple[int, int]]:
    """The pairs of a tree: the node of the phrase and the node of its negation."""
    spans = tree.spans()
    for node, children in enumerate(tree.children, len(tree.words)):
        if len(children) == 2:
            start, end = spans[children[0]]
            if end - start <= 2 and tree.words[end - 1].lower() in NEGATORS:
                yield children[1], node


def template_negation(model: Classifier, parser: Parser) -> Negation:
    """Evaluate a model on the sentences of ``TEMPLATES``, parsed by ``parser``."""
    adjectives = POSITIVE + NEGATIVE
    sentences = [
        sentence.format(adjective, a="an" if adjective[0] in "aeiou" else "a").split()
        for pair in TEMPLATES
        for adjective in adjectives
        for sentence in pair
    ]
    roots = np.stack([rows[-1] for rows in model.distributions(parser.parse(sentences))])
    pairs = roots.reshape(len(TEMPLATES), len(adjectives), 2, len(LABELS))
    positive, negative = np.split(pairs, [len(POSITIVE)], axis=1)
    return Negation(_scores(positive, 1), _scores(negative, -1))


def _scores(pairs: ArrayLike, sign: int) -> NegationScores:
    """Results for the probabilities ``[..., 2, 5]`` of phrases with polarity ``sign`` (1 or -1) and
    of their negations."""
    probabilities = np.array(pairs, np.float64).reshape(-1, 2, len(LABELS))
    before, after = sign * polarity(probabilities.argmax(2)).T
    # A negated positive has to become negative, but a negated negative need not become positive.
    flipped = (before > 0) & (after < (0 if sign > 0 else 1))
    change = probabilities[:, 1] - probabilities[:, 0]
    positive, negative = change[:, NEUTRAL + 1 :].sum(1), change[:, :NEUTRAL].sum(1)
    own, opposite = (positive, negative) if sign > 0 else (negative, positive)
    deltas = (positive, negative, change @ np.arange(len(LABELS)))
    return NegationScores(
        len(change),
        *(percentage(true) for true in (before > 0, flipped, own < 0, opposite > 0)),
        *(float(delta.mean()) if len(delta) else float("nan") for delta in deltas),
    )
