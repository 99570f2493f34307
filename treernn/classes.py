"""Classes of sentiment: the five of the treebank, or three or two that join them; and one number.

Models compute five probabilities. Three classes are their sums: negative, neutral, positive. Two
are those of the treebank's binary task: what is neutral is left out, and the rest makes up one. The
joined classes have the names, numbers and colours of the moderate ones of the five, so that trees
of three classes are trees of the treebank too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from treernn.checks import brief
from treernn.errors import InputError
from treernn.types import LABELS

if TYPE_CHECKING:
    import numpy as np

Number = TypeVar("Number", float, "np.ndarray")

_NEGATIVE, _NEUTRAL, _POSITIVE = 1, 2, 3

PLACES = {
    5: tuple(range(len(LABELS))),
    3: (_NEGATIVE, _NEUTRAL, _POSITIVE),
    2: (_NEGATIVE, _POSITIVE),
}
"""By how many classes there are, the place of each in ``LABELS``."""


def check_classes(classes: Any) -> int:
    """A number of classes.

    Raises:
        InputError: it is none of ``PLACES``.
    """
    if type(classes) is not int or classes not in PLACES:
        raise InputError(f"classes is {brief(classes)}, expected 5, 3 or 2")
    return int(classes)


def names(classes: int) -> tuple[str, ...]:
    """The names of so many classes, from negative to positive.

    >>> names(3)
    ('negative', 'neutral', 'positive')
    """
    return tuple(LABELS[place] for place in PLACES[classes])


def sums(rows: np.ndarray, classes: int) -> np.ndarray:
    """Sums of five columns, which do not add up to one for two classes.

    Args:
        rows: ``[..., 5]``.
        classes: how many.

    Returns:
        ``[..., classes]``; float64, if they are joined.

    >>> import numpy as np
    >>> sums(np.array([[0.25, 0.125, 0.5, 0.125, 0.0]]), 3).tolist()
    [[0.375, 0.5, 0.125]]
    """
    import numpy as np

    if classes == len(LABELS):
        return rows
    rows = rows.astype(np.float64)  # so that the largest sum is that of the largest probability
    joined = {
        _NEGATIVE: rows[..., 0] + rows[..., 1],
        _NEUTRAL: rows[..., 2],
        _POSITIVE: rows[..., 3] + rows[..., 4],
    }
    return np.stack([joined[place] for place in PLACES[classes]], axis=-1)


def probabilities(rows: np.ndarray, classes: int) -> np.ndarray:
    """The probabilities of so many classes.

    Args:
        rows: ``[..., 5]`` distributions.
        classes: how many. Of two, each is 0.5 where all is neutral.

    Returns:
        ``[..., classes]``; float64, if they are joined.
    """
    import numpy as np

    if classes == len(LABELS):
        return rows
    found = sums(rows, classes)
    if _NEUTRAL in PLACES[classes]:
        return found
    total = found.sum(axis=-1, keepdims=True)
    return np.divide(found, total, out=np.full_like(found, 0.5), where=total > 0)


def label_places(rows: np.ndarray, classes: int) -> np.ndarray:
    """The most probable class of each row, as its place in ``LABELS``.

    Where two are equally probable it is the more negative one: with two classes that is what counts
    in the binary task of the treebank.

    Args:
        rows: ``[..., 5]`` distributions.
        classes: how many.

    Returns:
        ``[...]`` integers.
    """
    import numpy as np

    return np.array(PLACES[classes])[sums(rows, classes).argmax(axis=-1)]


def scores(rows: np.ndarray) -> np.ndarray:
    """The expected class of each row, from -1 (very negative) to 1 (very positive).

    Args:
        rows: ``[..., 5]`` distributions.

    Returns:
        ``[...]`` float64.

    >>> import numpy as np
    >>> scores(np.array([[0.0, 0.0, 0.25, 0.5, 0.25]])).tolist()
    [0.5]
    """
    import numpy as np

    # Of float32 the sum may be a little more than one.
    values = rows.astype(np.float64) @ (-1.0, -0.5, 0.0, 0.5, 1.0)
    return np.minimum(np.maximum(values, -1), 1)


def stars_of(score: Number) -> Number:
    """The same on the scale of reviews, from 1 to 5.

    >>> stars_of(-1.0), stars_of(0.25)
    (1.0, 3.5)
    """
    return 3 + 2 * score
