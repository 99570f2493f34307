"""Rows of handwritten digits: captions match the images, and splits share no digit."""

import sys
from collections import Counter

import numpy as np
import pytest

from treernn.corpora.digits import LONGEST, SIZE, SPLITS, WORDS, rows
from treernn.errors import InputError, MissingPackageError

datasets = pytest.importorskip("sklearn.datasets")


def cells(split, count=1500, seed=1):
    """The digits in the rows of a split: bytes of the image, and word."""
    return [
        (cell.tobytes(), word)
        for row in rows(split, count, seed)
        for cell, word in zip(
            np.split(row.image, row.image.shape[1] // SIZE, axis=1),
            row.captions[0].split(),
            strict=True,
        )
    ]


@pytest.fixture(scope="module")
def written():
    """The word of each image, according to scikit-learn."""
    data = datasets.load_digits()
    images = (data.images / 16).astype(np.float32)
    return {image.tobytes(): WORDS[digit] for image, digit in zip(images, data.target, strict=True)}


def test_captions_match_images(written):
    for split in SPLITS:
        assert all(written[image] == word for image, word in cells(split))


def test_splits_are_disjoint_and_complete_for_any_seed(written):
    train, dev, test = (
        {image for seed in (1, 2) for image, _ in cells(split, seed=seed)} for split in SPLITS
    )
    assert not train & dev
    assert not train & test
    assert not dev & test
    assert train | dev | test == set(written)


def test_digits_and_lengths_are_equally_frequent():
    found = rows("test", 1002)
    lengths = Counter(len(row.captions[0].split()) for row in found)
    assert set(lengths) == set(range(1, LONGEST + 1))
    assert max(lengths.values()) - min(lengths.values()) <= 1
    times = Counter(image for image, _ in cells("test", 1002))
    assert max(times.values()) - min(times.values()) <= 1


def test_images():
    for row in rows("dev", 20):
        assert row.image.dtype == np.float32
        assert row.image.shape == (SIZE, SIZE * len(row.captions[0].split()))
        assert row.image.min() >= 0
        assert 0.5 < row.image.max() <= 1


def test_rows_depend_on_the_seed():
    def plain(**options):
        return [(row.image.tobytes(), row.captions) for row in rows("dev", 30, **options)]

    assert plain() == plain(seed=1)
    assert plain() != plain(seed=2)


def test_invalid_arguments():
    with pytest.raises(InputError, match=r"^no split 'valid', expected one of train, dev, test$"):
        rows("valid", 3)
    with pytest.raises(InputError, match=r"^0 rows of digits, expected at least 1$"):
        rows("dev", 0)


def test_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'treernn\[captioning\]'$"):
        rows("dev", 3)
