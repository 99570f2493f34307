"""Sentences with their trees as JSON: most of the time that writing results takes.

The numbers of all sentences become text together, and a tree is written from left to right, so that
it may be of any depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, TypeAlias

import numpy as np

from treernn.classes import probabilities, scores, stars_of
from treernn.scoring.numbers import rounded_texts
from treernn.types import LABELS

Sentence: TypeAlias = Any
"""``treernn.scoring.sentence.Sentence``, which imports this module."""


def sentences_json(sentences: Sequence[Sentence], texts: bool | None = None) -> list[str]:
    """``json.dumps`` of ``Sentence.to_dict`` of each sentence."""
    written: list[str] = []
    for classes, group in groupby(sentences, lambda sentence: sentence.classes):
        alike = [*group]
        said = _said(alike, classes)
        written += [
            _sentence(each, [*islice(said, each.tree.num_nodes)], each.has_texts(texts))
            for each in alike
        ]
    return written


def _said(sentences: Sequence[Sentence], classes: int) -> Iterator[str]:
    """What is said of each node, as the fields of ``SENTIMENT_FIELDS``."""
    rows = np.concatenate([sentence.distributions for sentence in sentences])
    labels = [LABELS[label] for sentence in sentences for label in sentence.tree.labels]
    score, shares = scores(rows), probabilities(rows, classes)
    numbers = iter(rounded_texts(np.column_stack((score, stars_of(score), shares))))
    each_row = zip(*[numbers] * (2 + shares.shape[1]), strict=True)
    for label, (score, stars, *row) in zip(labels, each_row, strict=True):
        yield (
            f'"label": "{label}", "score": {score}, "stars": {stars}, '
            f'"probabilities": [{", ".join(row)}]'
        )


def _sentence(sentence: Sentence, said: Sequence[str], texts: bool) -> str:
    """A sentence, of whose nodes all is said."""
    text, first, words = sentence.text, sentence.start, sentence.tree.words
    starts = [token.start for token in sentence.tokens]
    ends = [token.end for token in sentence.tokens]

    def head(start: int, end: int, node: str) -> str:
        field = f'"text": {_quoted(text[start - first : end - first])}, ' if texts else ""
        return f'{{{field}"start": {start}, "end": {end}, {node}'

    # Each phrase begins before its first word and ends after its last one.
    begun, ended = [""] * len(words), [""] * len(words)
    inner = zip(sentence.tree.spans()[len(words) :], said[len(words) :], strict=True)
    for (start, end), node in inner:  # parts before their wholes
        begun[start] = f'{head(starts[start], ends[end - 1], node)}, "children": [{begun[start]}'
        ended[end - 1] += "]}"
    leaves = ", ".join(
        [
            f'{begin}{head(start, end, node)}, "word": {_quoted(word)}}}{stop}'
            for begin, start, end, node, word, stop in zip(
                begun, starts, ends, said, words, ended, strict=False
            )
        ]
    )
    whole = f'"text": {_quoted(text)}, "start": {first}, "end": {sentence.end}, {said[-1]}'
    return f'{{{whole}, "tree": {leaves}}}'
