"""Dynamic programs over binary trees whose score is the sum of the scores of their spans.

One inside pass (Cocke, Kasami and Younger) serves the best tree and the sum over all trees: they
differ in the semiring (Goodman 1999, "Semiring Parsing"), as in pytorch-struct. All functions work
on a batch. A pass goes through the chart by width: all cells of one width, in all sentences and
with all their splits, are one tensor operation. Scoring spans alone is that of Stern, Andreas and
Klein (2017), "A Minimal Span-Based Neural Constituency Parser".

Spans of fewer than two words have no score. Sentences of different lengths are padded: a sentence
of fewer than ``n`` words uses the corner ``[:length + 1, :length + 1]`` of its scores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from treernn.parsing.long_sentences import Children

Semiring = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Sums the scores ``(..., splits)`` of the splits of spans; returns the sum ``(...)`` and what the
backward pass needs."""


def max_semiring(splits: Tensor) -> tuple[Tensor, Tensor]:
    """Maximum over the splits and its index, the first one if several are equal."""
    total, index = splits.max(-1)
    return total, index


def log_semiring(splits: Tensor) -> tuple[Tensor, Tensor]:
    """Log-sum-exp over the splits and the probability of each. Overwrites ``splits``."""
    total = splits.logsumexp(-1)
    return total, splits.sub_(total.unsqueeze(-1)).exp_()


def inside(scores: Tensor, semiring: Semiring) -> tuple[Tensor, list[Tensor]]:
    """Sum the scores of all trees over each span.

    The chart is stored twice, so that both parts of all splits are slices: ``left[b, i, w]`` is
    the span of ``w`` words that starts at word ``i``, ``right[b, j, n - w]`` the span of ``w``
    words that ends before word ``j``.

    Args:
        scores: ``(batch, n + 1, n + 1)``; ``scores[b, i, j]`` is the score of the words ``i..j-1``.
        semiring: what a sum is.

    Returns:
        ``left``, ``(batch, n, n + 1)``, and for each width from 2 to ``n`` the second result of
        ``semiring``.
    """
    batch, n = scores.shape[0], scores.shape[1] - 1
    left = scores.new_zeros(batch, n, n + 1)
    right = scores.new_zeros(batch, n + 1, n + 1)
    backward: list[Tensor] = []
    for w in range(2, n + 1):
        total, saved = semiring(left[:, : n - w + 1, 1:w] + right[:, w:, n - w + 1 : n])
        total += scores.diagonal(w, 1, 2)
        left[:, : n - w + 1, w] = right[:, w:, n - w] = total
        backward.append(saved)
    return left, backward


def best_trees(scores: Tensor, lengths: np.ndarray) -> list[Children]:
    """Find the highest-scoring binary tree of each sentence.

    Args:
        scores: ``(batch, n + 1, n + 1)``, see ``inside``.
        lengths: ``(batch,)``, number of words of each sentence, at least one.

    Returns:
        The children of the inner nodes of each tree. Among equal trees, left parts are shortest.
    """
    batch, n = scores.shape[0], scores.shape[1] - 1
    splits = torch.zeros(batch, n, n + 1, dtype=torch.int64, device=scores.device)
    for w, index in enumerate(inside(scores, max_semiring)[1], 2):
        splits[:, : n - w + 1, w] = index
    table = memoryview(splits.cpu().numpy())  # type: ignore[arg-type]  # one number of it is quicker than of an array
    return [_children(table, sentence, n) for sentence, n in enumerate(lengths.tolist())]


def _children(splits: memoryview, sentence: int, num_words: int) -> Children:
    """The children of the inner nodes of a tree.

    Args:
        splits: ``[sentence, start, width]`` number of words in the left part of each span, less
            one.
        sentence, num_words: of the tree.
    """
    children = [(0, 0)] * (num_words - 1)
    # Spans still to split, from the root down. In post-order the right part, of r words, comes
    # directly before its parent and the left part r - 1 nodes before that.
    pending = [(0, num_words, num_words - 2)] if num_words > 1 else []
    while pending:
        start, width, node = pending.pop()
        left = splits[sentence, start, width] + 1
        right = width - left
        children[node] = (
            start if left == 1 else num_words + node - right,
            start + left if right == 1 else num_words + node - 1,
        )
        if left > 1:
            pending.append((start, left, node - right))
        if right > 1:
            pending.append((start + left, right, node - 1))
    return tuple(children)


def inside_outside(scores: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Log-partition function over all binary trees, and the marginal probability of each span.

    The outside pass is the gradient of the inside pass: the probability of a span is passed on to
    its parts in proportion to the probabilities of its splits. Needs memory for about ``n**3 / 6``
    floats per sentence.

    Args:
        scores: ``(batch, n + 1, n + 1)``, see ``inside``.
        lengths: ``(batch,)``, int64, number of words of each sentence.

    Returns:
        ``(batch,)``, the log of the sum of ``exp(score)`` over all trees, and
        ``(batch, n + 1, n + 1)``, the marginals, zero for spans of fewer than two words.
    """
    n = scores.shape[1] - 1
    chart, split_probabilities = inside(scores, log_semiring)
    roots = torch.arange(len(scores), device=scores.device), 0, lengths
    left, right = torch.zeros_like(chart), torch.zeros_like(scores)
    left[roots] = 1.0
    marginals = torch.zeros_like(scores)
    for w in range(n, 1, -1):
        probability = left[:, : n - w + 1, w] + right[:, w:, n - w]
        marginals.diagonal(w, 1, 2).copy_(probability)
        parts = split_probabilities.pop() * probability.unsqueeze(-1)
        left[:, : n - w + 1, 1:w] += parts
        right[:, w:, n - w + 1 : n] += parts
    return chart[roots], marginals


class _LogPartition(torch.autograd.Function):
    """The log-partition function; its gradient are the marginals."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, lengths: Tensor) -> Tensor:
        log_partition, marginals = inside_outside(scores, lengths)
        ctx.save_for_backward(marginals)
        return log_partition

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (marginals,) = ctx.saved_tensors
        return marginals * gradient[:, None, None], None


def log_partition(scores: Tensor, lengths: Tensor) -> Tensor:
    """The log-partition function of ``inside_outside``, ``(batch,)``; differentiable once."""
    result: Tensor = _LogPartition.apply(scores, lengths)
    return result
