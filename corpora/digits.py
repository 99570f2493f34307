"""Rows of handwritten digits, captioned in words: "three seven one".

The digits are those of ``sklearn.datasets.load_digits``, 1,797 images of 8 x 8 grey values, the
test part of the Optical Recognition of Handwritten Digits data set (Alpaydin and Kaynak 1998,
https://archive.ics.uci.edu/dataset/80), CC BY 4.0; they are part of scikit-learn.
"""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path

import numpy as np

from treernn.corpora.captions import Captioned, read_array
from treernn.errors import DataError, InputError
from treernn.optional import require
from treernn.tables.encoding import read_bytes

SIZE, LONGEST = 8, 5
"""Pixels of a digit's side; most digits in a row."""

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

SHARES = {"train": 0.7, "dev": 0.15, "test": 0.15}
"""Parts of the handwritten digits; the parts have no image in common."""

_SHUFFLED = 1  # the parts are the same whatever the seed of the rows: no seed moves a test digit


def rows(split: str, count: int, seed: int = 1) -> list[Captioned]:
    """Rows of one to five digits, all lengths as often as each other.

    Each handwritten digit of the split stands in the rows as often as any other, give or take one.

    Args:
        split: ``train``, ``dev`` or ``test``.
        count: how many rows.
        seed: of lengths and digits; the split's handwritten digits do not depend on it.

    Returns:
        Images ``[8, 8 n]``, 0 paper and 1 ink, each with one caption of n words.

    Raises:
        MissingDataError: scikit-learn is not installed.
        InputError: no such split, or fewer rows than one.

    >>> row = rows("test", 3)[0]
    >>> row.image.shape, row.captions
    ((8, 8), ('seven',))
    """
    if count < 1:
        raise InputError(f"{count} rows of digits, expected at least 1")
    images, digits = _split(split)
    random = np.random.default_rng([seed, list(SHARES).index(split)])
    lengths = random.permutation(np.arange(count) % LONGEST + 1)
    total = int(lengths.sum())
    rounds = -(-total // len(images))
    order = np.concatenate([random.permutation(len(images)) for _ in range(rounds)])[:total]
    return [
        Captioned(
            name=f"{split}-{number}",
            image=np.concatenate(images[chosen], axis=1),
            captions=(" ".join(WORDS[digit] for digit in digits[chosen]),),
        )
        for number, chosen in enumerate(np.split(order, np.cumsum(lengths)[:-1]), 1)
    ]


def read_row(path: str | PathLike[str]) -> np.ndarray:
    """A row of digits from a file.

    Args:
        path: ``.npy``, as ``rows`` gives images; or a picture, light ink on dark paper, which is
            brought to a height of 8 pixels.

    Returns:
        float32 ``[8, width]``, of a picture from 0 to 1; of an array whatever it holds.

    Raises:
        MissingDataError: there is no such file.
        MissingPackageError: Pillow, which reads pictures, is not installed.
        DataError: the file is damaged, or neither a picture nor an array of numbers.
    """
    if Path(path).suffix == ".npy":
        return read_array(path)
    content = read_bytes(path)
    pillow = require("PIL.Image", extra="captioning")
    try:
        with pillow.open(BytesIO(content)) as picture:
            grey = picture.convert("L")
    except (OSError, SyntaxError, ValueError, pillow.DecompressionBombError) as error:
        raise DataError(f"not a picture, or damaged ({error})", path) from None
    width = max(1, round(grey.width * SIZE / grey.height))
    grey = grey.resize((width, SIZE), pillow.Resampling.BOX)
    return np.asarray(grey, np.float32) / 255


def _split(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Images ``[n, 8, 8]`` from 0 to 1 and their digits ``[n]``."""
    if name not in SHARES:
        raise InputError(f"no split {name!r}, expected one of {', '.join(SHARES)}")
    data = require("sklearn.datasets", extra="captioning").load_digits()
    order = np.random.default_rng(_SHUFFLED).permutation(len(data.target))
    ends = np.round(np.cumsum(list(SHARES.values())) * len(order)).astype(int)
    chosen = np.split(order, ends[:-1])[list(SHARES).index(name)]
    return (data.images[chosen] / data.images.max()).astype(np.float32), data.target[chosen]
