"""Split a long sentence, and join the trees of its parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Children = tuple[tuple[int, int], ...]
"""The children of the inner nodes of a binary tree, numbered as in ``Tree``."""

STRONG = frozenset(".!?;:…")
WEAK = frozenset({",", "--", "—", "–", ")", "]"})


def split(words: Sequence[str], limit: int) -> list[int]:
    """Split a sentence into parts of at most ``limit`` words.

    A part ends with the last strong punctuation (``. ! ? ; :``) in its second half, or else with
    the last weak one (comma, dash, closing bracket), or else at the limit.

    Returns:
        The end of each part.
    """
    ends: list[int] = []
    start = 0
    while len(words) - start > limit:
        candidates = range(start + limit, start + limit // 2, -1)
        start = (
            next((end for end in candidates if set(words[end - 1]) <= STRONG), 0)
            or next((end for end in candidates if words[end - 1] in WEAK), 0)
            or start + limit
        )
        ends.append(start)
    return [*ends, len(words)]


def join(parts: Sequence[Children]) -> Children:
    """Join the trees of the parts of a sentence.

    Neighbouring roots are joined in pairs until one is left, so the depth grows by the logarithm
    of the number of parts.

    Args:
        parts: the children of the inner nodes of each tree; a part of one word has none.

    Returns:
        The children of the inner nodes of a tree over all words.
    """
    sizes = np.array([len(part) + 1 for part in parts])
    num_words = int(sizes.sum())
    first_word = np.cumsum(sizes) - sizes
    first_inner = num_words + np.cumsum(sizes - 1) - (sizes - 1)
    children: list[tuple[int, int]] = []
    roots: list[int] = []
    for part, size, word, inner in zip(
        parts, sizes.tolist(), first_word.tolist(), first_inner.tolist(), strict=True
    ):
        for pair in part:
            a, b = (c + word if c < size else c - size + inner for c in pair)
            children.append((a, b))
        roots.append(inner + size - 2 if size > 1 else word)
    while len(roots) > 1:
        parents = []
        for left, right in zip(roots[::2], roots[1::2], strict=False):
            children.append((left, right))
            parents.append(num_words + len(children) - 1)
        roots = parents + roots[2 * len(parents) :]
    return tuple(children)
