"""Numbers as JSON writes them; results have many, and ``repr`` of each takes long."""

from __future__ import annotations

from functools import cache

import numpy as np

_PLACES = 10**6
_LARGEST = 10 * _PLACES  # others have more digits
_SMALL = 100  # below, they have an exponent


def rounded_texts(values: np.ndarray) -> list[str]:
    """``json.dumps`` of each number of an array, rounded to six digits.

    >>> rounded_texts(np.array([[0.25, -1.0], [0.123456789, 2e-06]]))
    ['0.25', '-1.0', '0.123457', '2e-06']
    """
    millionths = np.rint(values.astype(np.float64).ravel() * _PLACES)
    sizes = np.abs(millionths)
    unusual = ~(sizes < _LARGEST)
    numbers = np.where(unusual, 0, sizes).astype(np.int32)
    first = numbers // 1000
    last = numbers - 1000 * first
    heads, tails = _texts()
    first[last == 0] += _LARGEST // 1000
    small = (numbers > 0) & (numbers < _SMALL)
    first[small] = len(heads) // 2 - 1
    last[small] += 1000
    np.invert(first, out=first, where=np.signbit(millionths))  # counts from the end
    texts = [
        heads[head] + tails[tail] for head, tail in zip(first.tolist(), last.tolist(), strict=True)
    ]
    for place in np.flatnonzero(unusual).tolist():
        texts[place] = repr(float(millionths[place]) / _PLACES)
    return texts


@cache
def _texts() -> tuple[list[str], list[str]]:
    """The beginnings and the ends of numbers.

    Beginnings: what is up to the third digit after the point; the same if only zeros follow; and
    nothing. Then all with a sign, from the end. Ends: the next three digits without zeros, and
    whole small numbers.
    """
    thousandths = range(_LARGEST // 1000)
    heads = [f"{number / 1000:.3f}" for number in thousandths]
    heads += [repr(number / 1000) for number in thousandths]
    heads.append("")
    heads += [f"-{head}" for head in reversed(heads)]
    tails = [f"{number:03d}".rstrip("0") for number in range(1000)]
    return heads, tails + [repr(number / _PLACES) for number in range(_SMALL)]
