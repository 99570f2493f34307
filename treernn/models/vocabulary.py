"""Vocabularies and embedding tables from data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import torch
from torch import Tensor

from treernn.corpora.glove import WordVectors

UNKNOWN_WORD = "<unk>"


def build_vocabulary(
    special: Iterable[str],
    sentences: Iterable[Iterable[str]],
    *,
    min_count: int = 1,
    extra: Iterable[str] = (),
) -> list[str]:
    """List the words of a corpus by falling frequency, one per row of an embedding table.

    Args:
        special: words of the first rows, such as ``UNKNOWN_WORD``.
        sentences: words to count.
        min_count: words that occur less often get no row.
        extra: words of the last rows.

    Returns:
        Each word once. Equally frequent words are in order of first occurrence.

    >>> build_vocabulary(["<unk>"], [["a", "good", "film"], ["good"]], extra=["film", "plot"])
    ['<unk>', 'good', 'a', 'film', 'plot']
    """
    counts = Counter(word for words in sentences for word in words)
    frequent = (word for word, count in counts.most_common() if count >= min_count)
    return list(dict.fromkeys((*special, *frequent, *extra)))


def fill_embedding(table: Tensor, words: Iterable[str], vectors: WordVectors | None) -> None:
    """Copy pretrained word vectors into an embedding table, in place.

    Args:
        table: ``[words, dimension]`` without gradients, such as ``embedding.weight.data``.
        words: the word of each row.
        vectors: rows of words without a vector stay as they are; None changes nothing.
    """
    row = {word: number for number, word in enumerate(words)}
    known = [] if vectors is None else [n for n, word in enumerate(vectors.words) if word in row]
    if vectors is not None and known:
        rows = [row[vectors.words[number]] for number in known]
        table[rows] = torch.from_numpy(vectors.vectors[known])
