"""Rows of handwritten digits with captions in words: "three seven one".

The digits are those of ``sklearn.datasets.load_digits``: 1,797 images of 8 x 8 grey values, the
test part of Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998,
https://archive.ics.uci.edu/dataset/80, CC BY 4.0), which scikit-learn includes.
"""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path

import numpy as np

from treernn.corpora.arrays import read_array
from treernn.corpora.captions import Captioned
from treernn.errors import InputError
from treernn.optional import require
from treernn.tables.outside import reading
from treernn.tables.source import read_bytes

SIZE, LONGEST = 8, 5
"""Height and width of a digit in pixels; the largest number of digits in a row."""

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

SPLITS = {"train": 0.7, "dev": 0.15, "test": 0.15}
"""Fraction of the handwritten digits in each split; no digit is in two."""

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Formats of pictures; for others, such as EPS, Pillow starts further programs."""

MAX_PIXELS = 1 << 26

_SPLIT_SEED = 1  # independent of the seed of the rows, so that no test digit is trained on


def rows(split: str, count: int, seed: int = 1) -> list[Captioned]:
    """Rows of one to five digits, the five lengths equally often.

    Each handwritten digit of the split occurs equally often, up to a difference of one.

    Args:
        split: ``train``, ``dev`` or ``test``.
        count: number of rows.
        seed: random seed of lengths and digits; the split does not depend on it.

    Returns:
        Images ``[8, 8 n]``, from 0 (paper) to 1 (ink), each with one caption of n words.

    Raises:
        MissingPackageError: scikit-learn is not installed.
        InputError: there is no such split, or ``count`` is less than 1.

    >>> row = rows("test", 3)[0]
    >>> row.image.shape, row.captions
    ((8, 8), ('seven',))
    """
    if count < 1:
        raise InputError(f"{count} rows of digits, expected at least 1")
    images, digits = _digits(split)
    random = np.random.default_rng([seed, list(SPLITS).index(split)])
    lengths = random.permutation(np.arange(count) % LONGEST + 1)
    total = int(lengths.sum())
    rounds = -(-total // len(images))
    order = np.concatenate([random.permutation(len(images)) for _ in range(rounds)])[:total]
    return [
        Captioned(
            name=f"{split}-{number}",
            image=np.concatenate(images[row], axis=1),
            captions=(" ".join(WORDS[digit] for digit in digits[row]),),
        )
        for number, row in enumerate(np.split(order, np.cumsum(lengths)[:-1]), 1)
    ]


def read_row(path: str | PathLike[str]) -> np.ndarray:
    """Read an image of a row of digits.

    Args:
        path: ``.npy``, an image as ``rows`` returns it; or a picture, light ink on dark paper,
            which is scaled to a height of 8 pixels.

    Returns:
        float32 ``[8, width]``, of a picture from 0 to 1; an array is returned as it is.

    Raises:
        MissingDataError: there is no such file.
        MissingPackageError: Pillow, which reads pictures, is not installed.
        DataError: the file is damaged, or neither a picture nor an array of numbers.
    """
    if Path(path).suffix == ".npy":
        return read_array(path)
    content = BytesIO(read_bytes(path))
    pillow = require("PIL.Image", extra="captioning")
    with (
        reading(path, "not a picture, or damaged ({})"),
        pillow.open(content, formats=FORMATS) as picture,
    ):
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels")
        grey = picture.convert("L")
    width = max(1, round(grey.width * SIZE / grey.height))
    grey = grey.resize((width, SIZE), pillow.Resampling.BOX)
    return np.asarray(grey, np.float32) / 255


def _digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images ``[n, 8, 8]`` of a split, from 0 to 1, and their digits ``[n]``."""
    if split not in SPLITS:
        raise InputError(f"no split {split!r}, expected one of {', '.join(SPLITS)}")
    data = require("sklearn.datasets", extra="captioning").load_digits()
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(data.target))
    ends = np.round(np.cumsum(list(SPLITS.values())) * len(order)).astype(int)
    chosen = np.split(order, ends[:-1])[list(SPLITS).index(split)]
    return (data.images[chosen] / data.images.max()).astype(np.float32), data.target[chosen]
