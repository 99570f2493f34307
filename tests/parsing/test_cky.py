"""CKY against enumeration of all binary trees and against the textbook triple loop."""

import itertools
import math
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.parsing.cky import best_trees, inside_outside, log_partition
from treernn.types import Tree


@cache
def all_trees(start: int, end: int) -> list[frozenset[tuple[int, int]]]:
    """All binary trees over some words, each as its spans of two or more words."""
    if end - start == 1:
        return [frozenset()]
    return [
        left | right | {(start, end)}
        for k in range(start + 1, end)
        for left, right in itertools.product(all_trees(start, k), all_trees(k, end))
    ]


def tree_score(scores: torch.Tensor, spans: frozenset[tuple[int, int]]) -> float:
    return sum(float(scores[i, j]) for i, j in spans)


def best_by_loops(scores: np.ndarray, n: int) -> float:
    best = {(i, i + 1): 0.0 for i in range(n)}
    for w in range(2, n + 1):
        for i in range(n - w + 1):
            j = i + w
            best[i, j] = float(scores[i, j]) + max(best[i, k] + best[k, j] for k in range(i + 1, j))
    return best[0, n]


def spans_of(children: tuple[tuple[int, int], ...], n: int) -> frozenset[tuple[int, int]]:
    return frozenset(Tree(("w",) * n, children).spans()[n:])


def random_scores(lengths: list[int], seed: int) -> torch.Tensor:
    """Random scores, with huge values in the padding."""
    size = max(lengths) + 1
    scores = torch.randn(
        len(lengths), size, size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    for row, n in enumerate(lengths):
        scores[row, :, n + 1 :] = 1e6
    return scores


def decode(scores: torch.Tensor, lengths: list[int]) -> list[tuple[tuple[int, int], ...]]:
    return best_trees(scores, np.array(lengths))


@pytest.mark.parametrize("n", range(1, 9))
def test_best_trees_are_the_best_of_all_binary_trees(n):
    scores = random_scores([n] * 5, n)
    for row, children in enumerate(decode(scores, [n] * 5)):
        best = max(all_trees(0, n), key=lambda spans, row=row: tree_score(scores[row], spans))
        assert spans_of(children, n) == best


@given(st.lists(st.integers(1, 20), min_size=1, max_size=8), st.integers(0, 2**31))
def test_best_trees_are_valid_and_score_as_the_triple_loop(lengths, seed):
    scores = random_scores(lengths, seed)
    for row, (n, children) in enumerate(zip(lengths, decode(scores, lengths), strict=True)):
        assert len(children) == n - 1
        spans = Tree(("w",) * n, children).spans()
        assert spans[-1] == (0, n)
        for number, (a, b) in enumerate(children, n):
            assert max(a, b) < number
            assert spans[a][1] == spans[b][0]  # the parts are neighbours, left and right
        score = tree_score(scores[row], frozenset(spans[n:]))
        assert math.isclose(score, best_by_loops(scores[row].numpy(), n), abs_tol=1e-9)


@given(st.lists(st.integers(1, 12), min_size=2, max_size=6), st.integers(0, 2**31))
def test_a_batch_gives_the_same_trees_as_single_sentences(lengths, seed):
    scores = random_scores(lengths, seed)
    alone = [decode(scores[[row], : n + 1, : n + 1], [n])[0] for row, n in enumerate(lengths)]
    assert decode(scores, lengths) == alone


def test_nodes_are_in_post_order():
    scores = torch.zeros(1, 5, 5)
    scores[0, 0, 2] = scores[0, 2, 4] = 1.0
    assert decode(scores, [4]) == [((0, 1), (2, 3), (4, 5))]


@pytest.mark.parametrize("n", range(1, 8))
def test_log_partition_and_marginals_are_those_of_all_binary_trees(n):
    lengths = [n, max(1, n - 2), n]
    scores = random_scores(lengths, n)
    log_sum, marginals = inside_outside(scores, torch.tensor(lengths))
    for row, length in enumerate(lengths):
        trees = all_trees(0, length)
        weights = [math.exp(tree_score(scores[row], spans)) for spans in trees]
        assert math.isclose(float(log_sum[row]), math.log(sum(weights)), abs_tol=1e-9)
        shares = torch.zeros_like(scores[row])
        for weight, spans in zip(weights, trees, strict=True):
            for i, j in spans:
                shares[i, j] += weight / sum(weights)
        torch.testing.assert_close(marginals[row], shares, rtol=0, atol=1e-9)


def test_log_partition_gradient():
    lengths = [6, 4, 1]
    scores = torch.randn(3, 7, 7, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s: log_partition(s, torch.tensor(lengths)), (scores,))
