"""Parsers that score all spans of a sentence; CKY finds the best tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from treernn.engine import inference
from treernn.models.stored_model import StoredModel, finite
from treernn.parsing.cky import best_trees, inside_outside
from treernn.parsing.long_sentences import Children
from treernn.parsing.parser import BaseParser
from treernn.transfer import to_device

Result = TypeVar("Result")

# Spans that are less probable are not returned.
MIN_PROBABILITY = 0.01


class Biaffine(nn.Module):
    """Scores spans by a biaffine product of two projections of their boundaries, one for the start
    and one for the end: Zhang, Zhou and Li (2020), "Fast and Accurate Neural CRF Constituency
    Parsing", section 3.

    Args:
        boundary_size: size of the vector of a boundary.
        span_rank: size of its two projections.

    Attributes:
        dropout: dropout probability of boundaries and projections, and of the inputs of LSTMs; see
            ``variational_dropout``.
    """

    def __init__(self, boundary_size: int, span_rank: int) -> None:
        super().__init__()
        self.dropout = 0.0
        self.start_projection = nn.Linear(boundary_size, span_rank)
        self.end_projection = nn.Linear(boundary_size, span_rank)
        self.weight = nn.Parameter(torch.empty(span_rank + 1, span_rank + 1))
        nn.init.normal_(self.weight, std=0.01)

    def forward(self, boundaries: Tensor) -> Tensor:
        """Score all spans.

        Args:
            boundaries: ``(n + 1, batch, boundary_size)``, before, between and after the words.

        Returns:
            ``(batch, n + 1, n + 1)``, see ``cky.inside``.
        """
        p = self.dropout if self.training else 0.0
        boundaries = variational_dropout(boundaries, p)
        dtype = self.weight.dtype  # of all that is summed up
        start, end = (
            functional.pad(
                variational_dropout(projection(boundaries).relu().to(dtype), p), (0, 1), value=1.0
            )
            for projection in (self.start_projection, self.end_projection)
        )
        return (start @ self.weight).transpose(0, 1) @ end.permute(1, 2, 0)


def variational_dropout(x: Tensor, p: float) -> Tensor:
    """Dropout on ``(steps, batch, size)`` with one mask for all steps (Gal and Ghahramani 2016)."""
    return x * functional.dropout(x.new_ones(x.shape[1:]), p) if p else x


class ChartParser(BaseParser, StoredModel):
    """A neural parser that scores spans; subclasses define the methods without a body here, and
    ``forward``, which scores the spans of a batch: ``(batch, n + 1, n + 1)``, see ``cky.inside``.

    Attributes:
        biaffine: scores the spans.
    """

    biaffine: Biaffine

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """Look up the words of sentences; one example for each."""
        raise NotImplementedError

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """``encode`` for sentences that are used in each epoch."""
        return self.encode(sentences)

    def batches(self, examples: Sequence[Any]) -> list[list[int]]:
        """Indices of the examples of each batch that fits into memory."""
        raise NotImplementedError

    def collate(self, examples: Sequence[Any]) -> Any:
        """Make a batch of at least one example, on the CPU."""
        raise NotImplementedError

    def reduce_precision(self) -> None:
        """Compute in bfloat16 what no tree depends on, from now on; the scores stay float32. For
        processors that multiply in bfloat16, see ``device.multiplies_bfloat16``."""

    def parse_short(self, sentences: Sequence[Sequence[str]]) -> list[Children]:
        """See ``BaseParser``."""
        return self._decode(sentences, best_trees)

    def span_probabilities(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """Marginal probability of each span of two or more words over all binary trees.

        Args:
            sentences: each of 1 to ``max_words`` words.

        Returns:
            For each sentence float32 ``[spans, 3]``: start, end, probability; without spans of a
            probability below ``MIN_PROBABILITY``.
        """
        return self._decode(sentences, _probable_spans)

    def _decode(
        self,
        sentences: Sequence[Sequence[str]],
        decode: Callable[[Tensor, np.ndarray], list[Result]],
    ) -> list[Result]:
        """Apply ``decode`` to the span scores and the lengths of each batch of sentences."""
        results: dict[int, Result] = {}
        examples = self.encode(sentences)
        with inference(self):
            for indices in self.batches(examples):
                batch = self.collate([examples[index] for index in indices])
                lengths = np.array([len(sentences[index]) for index in indices])
                decoded = decode(finite(self(to_device(batch, self.device))), lengths)
                results.update(zip(indices, decoded, strict=True))
        return [results[index] for index in range(len(sentences))]


def _probable_spans(scores: Tensor, lengths: np.ndarray) -> list[np.ndarray]:
    """See ``ChartParser.span_probabilities``."""
    _, marginals = inside_outside(scores, torch.from_numpy(lengths).to(scores.device))
    tables = []
    for probabilities in marginals.cpu().numpy():
        start, end = np.nonzero(probabilities > MIN_PROBABILITY)
        table = np.column_stack((start, end, probabilities[start, end]))
        tables.append(table.astype(np.float32))
    return tables
