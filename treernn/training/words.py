"""Which words a table of word vectors should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from treernn.scoring.tokenizer import tokenize
from treernn.types import Tree


def words_of(
    trees: Iterable[Tree], texts: Iterable[str] = (), frequent: Sequence[str] = ()
) -> list[str]:
    """Words in lower case, each once: of trees and texts, often ones first, then ``frequent``."""
    counts = Counter(word.lower() for tree in trees for word in tree.words)
    for text in texts:
        counts.update(token.text.lower() for tokens in tokenize(text) for token in tokens)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in dict.fromkeys((*ordered, *frequent)) if word.strip()]
