"""Small treebanks whose classes are functions of the words, which models can learn."""

from collections.abc import Callable, Sequence

import numpy as np

from treernn.types import Tree

VALUES = {"awful": -2, "bad": -1, "film": 0, "the": 0, "good": 1, "great": 2, "not": 0}


def negated_sum(words: Sequence[str]) -> int:
    """The sum of the words' values; an odd number of ``not`` changes its sign."""
    value = max(-2, min(2, sum(VALUES[word] for word in words)))
    return 2 + (-value if list(words).count("not") % 2 else value)


def mean(words: Sequence[str]) -> int:
    """The mean of the words' values."""
    return round(np.mean([2 + VALUES[word] for word in words]))


def left_branching(
    count: int,
    seed: int,
    label: Callable[[Sequence[str]], int] = negated_sum,
    words: Sequence[str] = tuple(VALUES),
) -> list[Tree]:
    """Random sentences of one to six words; each phrase has the label of its words."""
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(count):
        drawn = random.choice(list(words), int(random.integers(1, 7))).tolist()
        n = len(drawn)
        children = tuple((n + k - 1 if k else 0, k + 1) for k in range(n - 1))
        spans = Tree(tuple(drawn), children).spans()
        labels = tuple(label(drawn[start:end]) for start, end in spans)
        trees.append(Tree(tuple(drawn), children, labels))
    return trees
