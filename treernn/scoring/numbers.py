"""Numbers as JSON writes them; results have many, and ``repr`` of each takes long."""

from __future__ import annotations

from functools import cache

import numpy as np

_PLACES = 10**6
_LEAST, _LARGEST = 100, 10 * _PLACES  # others have an exponent, or more digits


def rounded_texts(values: np.ndarray) -> list[str]:
    """``json.dumps`` of each number of an array, rounded to six digits.

    >>> rounded_texts(np.array([[0.25, -1.0], [0.123456789, 2e-06]]))
    ['0.25', '-1.0', '0.123457', '2e-06']
    """
    millionths = np.rint(values.astype(np.float64).ravel() * _PLACES)
    sizes = np.abs(millionths)
    usual = (sizes >= _LEAST) & (sizes < _LARGEST)
    numbers = np.where(usual, sizes, 0).astype(np.int32)
    first = numbers // 1000
    last = numbers - 1000 * first
    np.invert(first, out=first, where=millionths < 0)  # counts from the end
    heads, tails = _texts()
    texts = [
        heads[head] + tails[tail] for head, tail in zip(first.tolist(), last.tolist(), strict=True)
    ]
    for place in np.flatnonzero(last == 0).tolist():  # zeros at the end, and what is not usual
        texts[place] = repr(float(millionths[place]) / _PLACES)
    return texts


@cache
def _texts() -> tuple[list[str], list[str]]:
    """Three digits after the point with those before it, the negative ones last and from the end,
    and the next three without zeros."""
    heads = [f"{number / 1000:.3f}" for number in range(_LARGEST // 1000)]
    heads += [f"-{head}" for head in reversed(heads)]
    return heads, [f"{number:03d}".rstrip("0") for number in range(1000)]
