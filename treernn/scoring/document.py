"""The sentiment of a text from that of its sentences.

Each sentence is evidence: the square of its mean class, with the sign of that, so that strong
opinions count more. With e the evidence of the sentences, the text takes the sign of its sum, and
its mean class is that of the strongest sentence with this sign, a little reinforced by the others
of this sign, times what all sentences agree on::

    agreement  A = |sum e| / sum |e|
    number     n = (sum |e| / max |e|) ^ 0.75    of sentences with an opinion
    side       S = strongest + 0.05 (2 - strongest) (1 - max |e| / sum |e|)    with this sign
    mean class   = S sqrt(A^2 n / (1 + A^2 (n - 1)))

The last factor is 1 where all agree, and grows with the number of sentences that have the same
majority. So more evidence for one side never moves a text to the other side, and a balance of
opinions is neutral. The distribution is the one with this mean class that is nearest to the
weighted geometric mean of those of the sentences.

Accuracy on movie reviews of 32 sentences on average (polarity 2.0, Pang and Lee 2004), positive if
p(positive) + p(very positive) > p(negative) + p(very negative): see docs/documents.md, measured by
``treernn bench documents``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from treernn.scoring.discourse import Discourse, opinions
from treernn.types import LABELS, Token

DEPENDENCE = 0.75
"""Exponent of the number of sentences, which one author wrote and so are not independent. Chosen by
the likelihood of 600 reviews (folds 0 to 2) from 0.5, 0.75 and 1."""

REINFORCEMENT = 0.05
"""How far agreeing sentences move the mean class to the extreme, so that one more always counts;
of 0, 0.05, 0.1, 0.2 and 0.3 the largest that costs no likelihood of the reviews."""

UNITY = 1.0
"""How far the probabilities of sentences that disagree move towards the mean class: enough for 108
pairs of praise and blame to be no extreme (see the tests), not chosen by the reviews."""

_CLASSES = np.arange(len(LABELS)) - LABELS.index("neutral")
_MIN_EVIDENCE = 1e-6
_MIN_CHANGE = 1e-6  # of a mean class by the context
_MIN_PROBABILITY = 1e-6
_MAX_TILT = 40.0


def combine(
    distributions: Sequence[np.ndarray],
    sentences: Sequence[Sequence[Token]] = (),
    words: Sequence[np.ndarray] = (),
) -> np.ndarray:
    """The distribution of a text.

    Args:
        distributions: ``(5,)`` for each sentence, at least one.
        sentences: the tokens of each, which tell questions from answers and so on, see
            ``treernn.scoring.discourse``; without them no sentence depends on another.
        words: for each sentence ``(tokens, 5)``, the distributions of its words, which tell what
            is asked; may be left out.

    Returns:
        ``(5,)`` float64; that of a single sentence is its own, unless its heading or a denial at
        its end decides.
    """
    rows = np.array(distributions, np.float64)
    means, weights, _ = discourse(rows, sentences, words)
    if len(rows) == 1:
        changed = abs(means[0] - rows[0] @ _CLASSES) > _MIN_CHANGE
        return with_mean(rows[0], means[0]) if changed else rows[0]
    evidence = _evidence(means, weights)
    sizes, total = np.abs(evidence), evidence.sum()
    winning = np.sign(evidence) == np.sign(total)
    strongest = np.abs(means[winning]).max(initial=0.0)
    others = 1 - sizes[winning].max(initial=0.0) / (sizes[winning].sum() or 1.0)
    side = strongest + REINFORCEMENT * (_CLASSES[-1] - strongest) * others
    agreement = total / (sizes.sum() or 1.0)
    number = (sizes.sum() / (sizes.max() or 1.0)) ** DEPENDENCE
    mean = side * agreement * np.sqrt(number / (1 + agreement**2 * (number - 1)))
    logs = _normalized(evidence) @ np.log(np.maximum(rows, _MIN_PROBABILITY))
    # Few sentences that contradict each other are no extreme opinion, whatever each of them is.
    disagreement = (1 - agreement**2) * min(sizes.max(), 1.0)
    logs -= UNITY * disagreement / max(number, 1.0) * (_CLASSES - mean) ** 2
    return _with_mean(logs, float(mean))


def weights(
    distributions: Sequence[np.ndarray],
    sentences: Sequence[Sequence[Token]] = (),
    words: Sequence[np.ndarray] = (),
) -> np.ndarray:
    """The weight of each sentence in its text: its part of the evidence.

    Args:
        distributions, sentences, words: as of ``combine``.

    Returns:
        ``(sentences,)`` float64, with sum one.
    """
    rows = np.array(distributions, np.float64)
    means, factors, _ = discourse(rows, sentences, words)
    return _normalized(_evidence(means, factors))


def discourse(
    rows: np.ndarray, sentences: Sequence[Sequence[Token]], words: Sequence[np.ndarray]
) -> Discourse:
    """How the sentences depend on each other.

    Args:
        rows: ``(sentences, 5)`` distributions.
        sentences, words: as of ``combine``.
    """
    return opinions(rows @ _CLASSES, sentences, [(each @ _CLASSES).tolist() for each in words])


def _evidence(means: np.ndarray, factors: np.ndarray) -> np.ndarray:
    return factors * means * np.abs(means)


def _normalized(evidence: np.ndarray) -> np.ndarray:
    sizes = np.abs(evidence) + _MIN_EVIDENCE
    return sizes / sizes.sum()


def with_mean(distribution: np.ndarray, mean: float) -> np.ndarray:
    """The distribution of this mean class that is nearest to this one, both ``(5,)``."""
    return _with_mean(np.log(np.maximum(distribution, _MIN_PROBABILITY)), mean)


def _with_mean(logs: np.ndarray, mean: float) -> np.ndarray:
    """The distribution of this mean class that is nearest, by Kullback-Leibler divergence, to the
    one with these unnormalized log-probabilities: an exponential tilt, ``p_k exp(t k)`` (Csiszár
    1975), found by bisection."""
    low, high = -_MAX_TILT, _MAX_TILT
    for _ in range(50):
        tilt = (low + high) / 2
        tilted = np.exp(logs + tilt * _CLASSES - (logs + tilt * _CLASSES).max())
        tilted /= tilted.sum()
        low, high = (tilt, high) if tilted @ _CLASSES < mean else (low, tilt)
    return tilted
