"""A scorer whose classifier is a word list: small enough to know what it must say."""

from collections.abc import Sequence

import numpy as np
import pytest

from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.scorer import Scorer
from treernn.types import Tree

SENTIMENT = {"awful": 0, "bad": 1, "good": 3, "great": 4}


class WordList:
    """Knows a few words; a phrase is the mean of its parts. ``words`` is what it was asked."""

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        self.words = [tree.words for tree in trees]
        found = []
        for tree in trees:
            rows = [0.1 + 0.5 * np.eye(5)[SENTIMENT.get(word.lower(), 2)] for word in tree.words]
            for below in tree.children:
                rows.append(np.mean([rows[child] for child in below], axis=0))
            found.append(np.array(rows, dtype=np.float32))
        return found


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(ShapeParser(balanced), WordList())
