"""Random trees, and a small untrained classifier."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.types import Tree

WORDS = tuple("abcdefgh")


@pytest.fixture(scope="session")
def random_trees() -> Callable[..., list[Tree]]:
    """Binary trees of 1 to ``longest`` words, every node labelled."""

    def trees(number: int, longest: int = 12, seed: int = 1) -> list[Tree]:
        random = np.random.default_rng(seed)
        return [_tree(int(random.integers(1, longest + 1)), random) for _ in range(number)]

    return trees


def _tree(n: int, random: np.random.Generator) -> Tree:
    words = tuple(random.choice([*WORDS, "never-seen"], n).tolist())
    open_nodes, children = list(range(n)), []
    while len(open_nodes) > 1:
        at = int(random.integers(len(open_nodes) - 1))
        children.append((open_nodes[at], open_nodes[at + 1]))
        open_nodes[at : at + 2] = [n + len(children) - 1]
    labels = random.integers(0, 5, n + len(children)).tolist()
    return Tree(words, tuple(children), tuple(labels))


@pytest.fixture(scope="session")
def new_model() -> Callable[..., TreeClassifier]:
    """A classifier with random weights, ready to score."""

    def model(cell: str = "lstm", seed: int = 1) -> TreeClassifier:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            config = TreeConfig(embedding_size=6, hidden_size=7, cell=cell)
            return TreeClassifier(config, ("<unk>", *WORDS)).eval()

    return model


@pytest.fixture
def model(new_model: Callable[..., TreeClassifier]) -> TreeClassifier:
    return new_model()
