"""Exact matches and BLEU of captions."""

import sys

import numpy as np
import pytest

from treernn.corpora.captions import Captioned
from treernn.errors import InputError, MissingPackageError
from treernn.evaluation.captioning import caption_metrics

pytest.importorskip("sacrebleu")

CAPTIONS = (
    ("A dog runs.", "the dog runs"),
    ("A cat sleeps!",),
    ("A man rides a horse.", "a man on a horse", "rider"),
    ("Two birds",),
)
IMAGES = [Captioned(f"{n}.jpg", np.zeros(1), captions) for n, captions in enumerate(CAPTIONS)]


def test_exact_is_any_of_the_captions():
    metrics = caption_metrics(["the dog runs", "a cat", "rider", "two birds"], IMAGES)
    assert (metrics.exact, metrics.images) == (75, 4)


def test_bleu_by_hand():
    """Papineni et al. (2002), section 2.3."""
    image = Captioned("", np.zeros(1), ("The cat is on the mat.", "there is a cat on the mat"))
    longer = Captioned("", np.zeros(1), ("a b c d e f g h",))
    metrics = caption_metrics(["the cat the cat on the mat", "a b c d e f"], [image, longer])
    # Of the first, found in one of its captions: 5 of 7 words, no word more often than there; 4 of
    # 6 pairs, 2 of 5 triples, 1 of 4 fours. The second stands in its caption whole. 13 words
    # against 7, the nearest length, and 8.
    precisions = (11 / 13, 9 / 11, 6 / 9, 4 / 7)
    expected = 100 * np.exp(1 - 15 / 13) * np.prod(precisions) ** 0.25
    assert metrics.bleu == pytest.approx(expected)


def test_perfect_captions_have_full_bleu():
    pytest.importorskip("sklearn")
    from treernn.corpora.digits import rows

    gold = rows("test", 50)
    metrics = caption_metrics([row.captions[0] for row in gold], gold)
    assert (metrics.exact, metrics.bleu) == (100, pytest.approx(100))


def test_errors(monkeypatch):
    with pytest.raises(InputError, match=r"^1 captions of 4 images, expected one of each$"):
        caption_metrics(["a"], IMAGES)
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'treernn\[captioning\]'$"):
        caption_metrics([""] * 4, IMAGES)
