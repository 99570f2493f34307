"""From the sentences of a review to the review."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def combine(distributions: Sequence[np.ndarray], lengths: Sequence[int]) -> np.ndarray:
    """The distribution of a text: the mean of its sentences', each weighted by its length.

    Args:
        distributions: one ``(5,)`` array a sentence, at least one.
        lengths: words in each sentence.
    """
    return np.average(np.stack(distributions), axis=0, weights=np.asarray(lengths, dtype=float))
