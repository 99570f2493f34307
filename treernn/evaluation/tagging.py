"""Quality of tags, and two baselines to compare a tagger with."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple


class TaggingMetrics(NamedTuple):
    """How well tags match the gold tags.

    Attributes:
        sequences: number of sequences.
        steps: number of words or frames.
        accuracy: see ``accuracy``.
        f1: F1 of each gold tag, see ``f1``.
    """

    sequences: int
    steps: int
    accuracy: float
    f1: dict[str, float]


def tagging_metrics(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> TaggingMetrics:
    """All metrics of predicted tags.

    Args:
        gold: the tags of each sequence.
        predicted: the same number of tags.
    """
    by_tag = {tag: f1(gold, predicted, tag) for tag in sorted({t for tags in gold for t in tags})}
    steps = sum(map(len, gold))
    return TaggingMetrics(len(gold), steps, accuracy(gold, predicted), by_tag)


def accuracy(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> float:
    """Steps with the right tag, in %; NaN if there are no steps.

    >>> accuracy([("DT", "NN")], [("DT", "VB")])
    50.0
    """
    right = [g == p for g, p in _steps(gold, predicted)]
    return 100 * sum(right) / len(right) if right else float("nan")


def f1(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], tag: str) -> float:
    """F1 of one tag, in %; NaN if the tag occurs nowhere.

    >>> f1([("none", "serve", "none")], [("serve", "serve", "none")], "serve")
    66.66666666666667
    """
    counts = Counter((g == tag, p == tag) for g, p in _steps(gold, predicted))
    wrong = counts[True, False] + counts[False, True]
    total = 2 * counts[True, True] + wrong
    return 100 * 2 * counts[True, True] / total if total else float("nan")


def _steps(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> list[tuple[str, str]]:
    pairs = zip(gold, predicted, strict=True)
    return [step for tags in pairs for step in zip(*tags, strict=True)]


class MostFrequentTag:
    """Baseline: the most frequent tag of each word, and of all words for an unknown one.

    Args:
        train: sentences as words and tags.
    """

    def __init__(self, train: Sequence[tuple[Any, Sequence[str]]]) -> None:
        pairs = Counter(pair for words, tags in train for pair in zip(words, tags, strict=True))
        self.tags: dict[Any, str] = {}
        for (word, tag), _ in pairs.most_common():
            self.tags.setdefault(word, tag)
        self.default = Counter(tag for _, tags in train for tag in tags).most_common(1)[0][0]

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """The tags of ``sentences``."""
        return [tuple(self.tags.get(word, self.default) for word in each) for each in sentences]


class Perceptron:
    """Baseline: NLTK's averaged perceptron (Collins 2002), trained for five epochs.

    Args:
        train: sentences as words and tags.
        seed: of the order of the sentences.
    """

    def __init__(self, train: Sequence[tuple[Any, Sequence[str]]], seed: int = 1) -> None:
        state = random.getstate()  # NLTK shuffles with the global generator
        from nltk.tag.perceptron import PerceptronTagger

        self.tagger = PerceptronTagger(load=False)
        random.seed(seed)
        self.tagger.train([list(zip(words, tags, strict=True)) for words, tags in train], nr_iter=5)
        random.setstate(state)

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """The tags of ``sentences``."""
        return [tuple(tag for _, tag in self.tagger.tag(list(each))) for each in sentences]
