"""Best trees and expected brackets under a score for each span.

The score of a binary tree is the sum of the scores of its spans of two or more words. All
functions work on a batch at once and go up (or down) the chart by width: the cells of one width
of all sentences, with all their splits, are one operation. After Cocke, Kasami and Younger; the
scoring by spans alone is that of Stern, Andreas and Klein (2017), "A Minimal Span-Based Neural
Constituency Parser".

Charts are kept twice, so that both parts of every split are plain slices: ``left[b, i, w]`` is
the span of ``w`` words that starts at word ``i``, ``right[b, j, n - w]`` the one that ends
before word ``j``.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch
from torch import Tensor


def best_splits(scores: Tensor) -> Tensor:
    """The best tree over every span.

    Args:
        scores: ``(batch, n + 1, n + 1)``; ``scores[b, i, j]`` is the score of the span of the
            words ``i..j-1``. Only ``j - i >= 2`` is read. A sentence shorter than ``n`` fills
            the corner of its square, and the spans beyond it change nothing within.

    Returns:
        ``(batch, n, n + 1)``, int64; entry ``[b, i, w]`` is the number of words in the left part
        of the best tree over the ``w`` words from ``i``, the first such number among equals.
        Zero where there is nothing to split.
    """
    batch, n = scores.shape[0], scores.shape[1] - 1
    left = scores.new_zeros(batch, n, n + 1)
    right = scores.new_zeros(batch, n + 1, n + 1)
    splits = torch.zeros(batch, n, n + 1, dtype=torch.int64, device=scores.device)
    for w in range(2, n + 1):
        value, split = (left[:, : n - w + 1, 1:w] + right[:, w:, n - w + 1 : n]).max(-1)
        value += scores.diagonal(w, 1, 2)
        left[:, : n - w + 1, w] = value
        right[:, w:, n - w] = value
        splits[:, : n - w + 1, w] = split + 1
    return splits


def children_of(splits: Tensor, lengths: np.ndarray) -> list[tuple[tuple[int, int], ...]]:
    """The trees that ``best_splits`` found, as the children of their inner nodes.

    Args:
        splits: ``(batch, n, n + 1)`` from ``best_splits``.
        lengths: ``(batch,)``, the number of words of each sentence, at least one.

    Returns:
        For each sentence the children of its inner nodes in post-order, numbered as in ``Tree``.
    """
    table = splits.cpu().numpy()
    inner = lengths - 1  # inner nodes per sentence
    offsets = np.concatenate(([0], np.cumsum(inner)))
    children = np.empty((offsets[-1], 2), dtype=np.int64)
    # One frontier of spans for the whole batch, from the roots down. In post-order the right
    # part, of r words, stands just before its parent and the left part r - 1 places before that.
    sentence = np.flatnonzero(inner)
    start, width, place = np.zeros_like(sentence), lengths[sentence], inner[sentence] - 1
    while len(sentence):
        k = table[sentence, start, width]
        r = width - k
        n = lengths[sentence]
        left_place, right_place = place - r, place - 1
        row = offsets[sentence] + place
        children[row, 0] = np.where(k == 1, start, n + left_place)
        children[row, 1] = np.where(r == 1, start + k, n + right_place)
        go_left, go_right = np.flatnonzero(k > 1), np.flatnonzero(r > 1)
        sentence, start, width, place = (
            np.concatenate((sentence[go_left], sentence[go_right])),
            np.concatenate((start[go_left], (start + k)[go_right])),
            np.concatenate((k[go_left], r[go_right])),
            np.concatenate((left_place[go_left], right_place[go_right])),
        )
    pairs = list(zip(children[:, 0].tolist(), children[:, 1].tolist(), strict=True))
    ends = offsets.tolist()
    return [tuple(pairs[a:b]) for a, b in itertools.pairwise(ends)]


def inside_outside(scores: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Log of the sum over all binary trees, and how probable each span is among them.

    The outside pass is the inside pass differentiated by hand: the share of a span goes to its
    parts as the splits share it. Memory is ``n**3 / 6`` numbers a sentence.

    Args:
        scores: ``(batch, n + 1, n + 1)``, see ``best_splits``.
        lengths: ``(batch,)``, int64, the number of words of each sentence.

    Returns:
        ``(batch,)``, the log of the sum of ``exp(score of the tree)``, and
        ``(batch, n + 1, n + 1)``, the probability that a tree has the span, zero for spans of
        fewer than two words.
    """
    batch, n = scores.shape[0], scores.shape[1] - 1
    every = torch.arange(batch, device=scores.device)
    left = scores.new_zeros(batch, n, n + 1)
    right = scores.new_zeros(batch, n + 1, n + 1)
    shares: list[Tensor] = []  # for widths 2..n the probability of each split, given the span
    for w in range(2, n + 1):
        sums = left[:, : n - w + 1, 1:w] + right[:, w:, n - w + 1 : n]
        value = sums.logsumexp(-1)
        shares.append(sums.sub_(value.unsqueeze(-1)).exp_())
        value = value + scores.diagonal(w, 1, 2)
        left[:, : n - w + 1, w] = value
        right[:, w:, n - w] = value
    log_sum = left[every, 0, lengths]

    left, right = torch.zeros_like(left), torch.zeros_like(right)
    left[every, 0, lengths] = 1.0
    marginals = torch.zeros_like(scores)
    for w in range(n, 1, -1):
        here = left[:, : n - w + 1, w] + right[:, w:, n - w]
        marginals.diagonal(w, 1, 2).copy_(here)
        parts = shares.pop() * here.unsqueeze(-1)
        left[:, : n - w + 1, 1:w] += parts
        right[:, w:, n - w + 1 : n] += parts
    return log_sum, marginals


class _LogPartition(torch.autograd.Function):
    """The log of the sum over trees; its gradient is the probability of each span."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, lengths: Tensor) -> Tensor:
        log_sum, marginals = inside_outside(scores, lengths)
        ctx.save_for_backward(marginals)
        return log_sum

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (marginals,) = ctx.saved_tensors
        return marginals * gradient[:, None, None], None


def log_partition(scores: Tensor, lengths: Tensor) -> Tensor:
    """``inside_outside``'s log of the sum over all trees, ``(batch,)``, differentiable once."""
    result: Tensor = _LogPartition.apply(scores, lengths)
    return result
