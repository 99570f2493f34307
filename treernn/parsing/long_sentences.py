"""Cutting a sentence that is too long to parse whole, and joining the trees of its pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from treernn.errors import InputError
from treernn.types import Tree

STRONG = frozenset(".!?;:…")
WEAK = frozenset({",", "--", "—", "–", ")", "]"})


Children = tuple[tuple[int, int], ...]


def parse_in_pieces(
    sentences: Sequence[Sequence[str]],
    limit: int,
    parse: Callable[[list[Sequence[str]]], Sequence[Children]],
) -> list[Tree]:
    """One binary tree for each sentence, from a parser that takes no long ones.

    Args:
        sentences: the words of each.
        limit: longer sentences are cut (``cut``), and the trees of their pieces joined (``join``).
        parse: gives the children of the inner nodes for each piece, numbered as in ``Tree``.

    Raises:
        InputError: a sentence has no words.
    """
    pieces: list[Sequence[str]] = []
    first_piece: list[int] = []
    for number, words in enumerate(sentences):
        if not words:
            raise InputError(f"sentence {number} has no words, there is nothing to parse")
        first_piece.append(len(pieces))
        if len(words) <= limit:
            pieces.append(words)
        else:
            ends = cut(words, limit)
            pieces.extend(words[a:b] for a, b in zip([0, *ends], ends, strict=False))
    children = parse(pieces)
    first_piece.append(len(pieces))
    return [
        Tree(tuple(words), children[a] if b == a + 1 else join(children[a:b]))
        for words, a, b in zip(sentences, first_piece, first_piece[1:], strict=False)
    ]


def cut(words: Sequence[str], limit: int) -> list[int]:
    """Where to cut: the ends of the pieces, each at most ``limit`` words.

    A piece ends with the last word of its second half that is made of strong punctuation
    (``. ! ? ; :``), or else with the last weak one (comma, dash, closing bracket), or else at the
    limit.
    """
    ends: list[int] = []
    start = 0
    while len(words) - start > limit:
        latest = range(start + limit, start + limit // 2, -1)
        end = (
            next((i for i in latest if set(words[i - 1]) <= STRONG), 0)
            or next((i for i in latest if words[i - 1] in WEAK), 0)
            or start + limit
        )
        ends.append(end)
        start = end
    ends.append(len(words))
    return ends


def join(pieces: Sequence[Sequence[tuple[int, int]]]) -> Children:
    """The children of one tree over the words of all pieces.

    The roots of neighbouring pieces are joined in pairs, and those again, until one is left, so
    the nodes above the pieces add no more than the logarithm of their number to the depth.

    Args:
        pieces: for each piece the children of its inner nodes, numbered as in ``Tree``; a piece
            without inner nodes is one word.
    """
    sizes = np.array([len(piece) + 1 for piece in pieces])
    n = int(sizes.sum())
    first_word = np.cumsum(sizes) - sizes
    first_inner = n + np.cumsum(sizes - 1) - (sizes - 1)
    children: list[tuple[int, int]] = []
    roots: list[int] = []
    for piece, size, word, inner in zip(
        pieces, sizes.tolist(), first_word.tolist(), first_inner.tolist(), strict=True
    ):
        for pair in piece:
            a, b = (c + word if c < size else c - size + inner for c in pair)
            children.append((a, b))
        roots.append(inner + size - 2 if size > 1 else word)
    while len(roots) > 1:
        above = []
        for k in range(0, len(roots) - 1, 2):
            children.append((roots[k], roots[k + 1]))
            above.append(n + len(children) - 1)
        if len(roots) % 2:
            above.append(roots[-1])
        roots = above
    return tuple(children)
