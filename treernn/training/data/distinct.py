"""The different sentences of a corpus of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np

from treernn.text import tokenize
from treernn.training.data.corpus import blocks

Words = tuple[str, ...]


def distinct_sentences(texts: Iterable[str]) -> Iterator[Words]:
    """The words of all different sentences of some texts, in the order of their first occurrence.

    In memory stay 8 bytes of each, a hash. Of a million sentences, two have the same with a
    probability of 3e-8; one of them would be missing.
    """
    seen: list[np.ndarray] = []  # sorted, each more than twice as long as the next
    sentences = (tuple(token.text for token in each) for text in texts for each in tokenize(text))
    for block in blocks(sentences):
        hashes, first = np.unique([_hash(words) for words in block], return_index=True)
        new = np.ones(len(hashes), bool)
        for known in seen:
            places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
            new &= known[places] != hashes
        added = hashes[new]
        while seen and len(seen[-1]) <= 2 * len(added):
            added = np.sort(np.concatenate((seen.pop(), added)))
        if len(added):
            seen.append(added)
        for place in np.sort(first[new]).tolist():
            yield block[place]


def _hash(words: Words) -> np.uint64:
    content = "\0".join(words).encode("utf-8", "surrogatepass")
    return np.frombuffer(hashlib.blake2b(content, digest_size=8).digest(), np.uint64)[0]
