"""What parsers that score every span have in common: CKY finds the best tree of their charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.engine import inference
from treernn.parsing.cky import best_splits, children_of, inside_outside
from treernn.parsing.long_sentences import parse_in_pieces
from treernn.types import Tree

# Longer sentences are cut (see ``pieces``): no sentence of a treebank comes near, and charts grow
# with the square of the length.
MAX_WORDS = 150
# Spans that are less probable are not told of.
_LEAST = 0.01


class Charts(NamedTuple):
    """Scores of the spans of some sentences.

    Attributes:
        rows: which sentences, int64.
        lengths: words of each, descending, int64.
        scores: ``(sentences, n + 1, n + 1)``, as ``cky.best_splits`` takes them.
    """

    rows: np.ndarray
    lengths: np.ndarray
    scores: Tensor


class ChartParser(nn.Module):
    """Parses sentences into binary trees; a ``Parser``.

    A kind of parser gives the methods that have no body here.
    """

    KIND: ClassVar[str]

    def charts(self, sentences: Sequence[Sequence[str]]) -> Iterator[Charts]:
        """The charts of all sentences, each of 1 to ``MAX_WORDS`` words, in batches."""
        raise NotImplementedError

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> Any:
        """Look up the words of training sentences once, for ``span_scores``."""
        raise NotImplementedError

    def span_scores(self, encoded: Any, rows: np.ndarray) -> Tensor:
        """Span scores of sentences ``rows`` of ``encoded``, longest first, with gradients.

        Returns:
            ``(len(rows), n + 1, n + 1)``, as ``cky.best_splits`` takes them.
        """
        raise NotImplementedError

    def save(self, path: Any, **about: Any) -> None:
        """Write the parser as a folder; ``about`` are further settings for ``config.json``."""
        raise NotImplementedError

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """One binary tree for each sentence, in order; its leaves are the words as given.

        Sentences are parsed longest first in batches of similar length. One of more than
        ``MAX_WORDS`` words is cut after punctuation, or at that length where there is none; its
        pieces are parsed each by itself and their roots joined in pairs, level by level.

        Raises:
            InputError: a sentence has no words.
        """
        return parse_in_pieces(sentences, MAX_WORDS, self._children)

    def _children(self, sentences: Sequence[Sequence[str]]) -> list[tuple[tuple[int, int], ...]]:
        """The children of the inner nodes of each sentence's tree; all sentences are short."""
        found: list[tuple[tuple[int, int], ...]] = [()] * len(sentences)
        with inference(self):
            for rows, lengths, scores in self.charts(sentences):
                trees = children_of(best_splits(scores), lengths)
                for row, tree in zip(rows.tolist(), trees, strict=True):
                    found[row] = tree
        return found

    def span_probabilities(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """How probable each span of two or more words is among all binary trees.

        Args:
            sentences: each of 1 to ``MAX_WORDS`` words.

        Returns:
            For each sentence float32 ``[spans, 3]``: start, end, probability; without those that
            are improbable.
        """
        found = [np.empty((0, 3), np.float32)] * len(sentences)
        with inference(self):
            for rows, lengths, scores in self.charts(sentences):
                shares = inside_outside(scores, torch.from_numpy(lengths).to(scores.device))[1]
                place, start, end = (each.cpu() for each in torch.nonzero(shares > _LEAST).T)
                share = shares.cpu()[place, start, end]
                table = torch.stack((start, end, share), 1).numpy().astype(np.float32)
                ends = np.searchsorted(place.numpy(), np.arange(1, len(rows)))
                for row, spans in zip(rows.tolist(), np.split(table, ends), strict=True):
                    found[row] = spans
        return found
