"""Sentiment of phrases by recurrent nets over their words.

The sequential LSTMs that Tai et al. (2015, sections 5.1 and 5.2) compare with their Tree-LSTM: one
or several layers, one or both directions. The classifier gets the final states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cells import CHAIN_CELLS
from treernn.cells.dropout import dropout
from treernn.checks import check_bools, check_cell, check_sizes
from treernn.errors import InputError
from treernn.models import spans
from treernn.models.phrase_classifier import PhraseClassifier, PhraseConfig
from treernn.models.recurrent import Chains, Recurrent, compile_sequences
from treernn.models.word_embeddings import WordTable
from treernn.types import LABELS, UNLABELLED, Tree


@dataclass(frozen=True)
class ChainConfig(PhraseConfig):
    """Configuration of a chain classifier; see ``PhraseConfig`` for more.

    Attributes:
        hidden_size: dimension of the states, per layer and direction.
        cell: ``lstm``, ``gru`` or ``elman``.
        layers: number of layers; ``dropout`` applies between them too.
        bidirectional: run both directions.
    """

    hidden_size: int = 150
    cell: str = "lstm"
    layers: int = 1
    bidirectional: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(self, "hidden_size", "layers")
        check_cell(self, CHAIN_CELLS)
        check_bools(self, "bidirectional")


class Batch(NamedTuple):
    """Collated phrases.

    Attributes:
        chains: the compiled chains.
        words: ``[steps]`` rows of the embedding table, chain after chain.
        ends: ``[phrases]`` last step of each phrase; None if every phrase has its own chain.
        labels: ``[phrases]`` classes, or -1.
    """

    chains: Chains
    words: Tensor
    ends: Tensor | None
    labels: Tensor


class ChainClassifier(PhraseClassifier):
    """Embeddings, chains, a softmax at the end of each phrase; see ``PhraseClassifier``."""

    KIND, CONFIG = "chain-classifier", ChainConfig
    COMPOSES = False

    embedding: WordTable

    def __init__(self, config: ChainConfig, words: Sequence[str]) -> None:
        super().__init__(config, words)
        self.chain = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            config.bidirectional,
            config.dropout,
        )
        self.classifier = nn.Linear(self.chain.output_size, len(LABELS))

    def encode(self, trees: Sequence[Tree]) -> list[spans.Example]:
        """See ``PhraseClassifier``; branches are ignored."""
        return spans.encode(trees, [self.embedding.vocabulary.ids(tree.words) for tree in trees])

    def encode_training(
        self, trees: Sequence[Tree], every_phrase: bool = False
    ) -> list[spans.Example]:
        """See ``PhraseClassifier``; labelled phrases only, since no phrase depends on another."""
        if every_phrase:
            return self.encode(trees)
        examples = []
        for example in self.encode(trees):
            labelled = example.labels >= 0
            if labelled.any():
                examples.append(example.select(example.spans[labelled], example.labels[labelled]))
        return examples

    def encode_roots(self, trees: Sequence[Tree]) -> list[spans.Example]:
        """See ``PhraseClassifier``; the roots only."""
        label = np.array([UNLABELLED])
        return [
            example.select(np.array([[0, example.num_words]]), label)
            for example in self.encode(trees)
        ]

    def collate(self, examples: Sequence[spans.Example]) -> Batch:
        """See ``PhraseClassifier``.

        In one direction, phrases that start at the same word share the chain of the longest one:
        on the SST this saves a third of the steps.
        """
        words = np.concatenate([example.words for example in examples])
        starts, phrase_ends, labels = spans.collate(examples)
        lengths = phrase_ends - starts
        ends = None
        if not self.config.bidirectional:
            longest = np.zeros_like(words)
            longest[starts] = lengths  # outer phrases come last and overwrite inner ones
            first = np.cumsum(longest) - longest
            ends = torch.from_numpy(first[starts] + lengths - 1)
            starts = np.flatnonzero(longest)
            lengths = longest[starts]
        steps = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        return Batch(
            compile_sequences(lengths.tolist(), bidirectional=self.config.bidirectional),
            torch.from_numpy(words[steps]),
            ends,
            torch.from_numpy(labels),
        )

    def features(self, batch: Batch) -> Tensor:
        """The final states of phrases, ``[phrases, output_size]``."""
        probability = self.config.dropout if self.training else 0.0
        result = self.chain(batch.chains, dropout(self.embedding(batch.words), probability))
        h = result.last[-1].h if batch.ends is None else result.h[batch.ends]
        return dropout(h, probability)

    def sentences(self, sentences: Sequence[Sequence[str]]) -> np.ndarray:
        """Probabilities of the five classes for whole sentences.

        Args:
            sentences: the words of each, at least one.

        Returns:
            float32 ``[sentences, 5]``.

        Raises:
            InputError: a sentence has no words.
        """
        for number, words in enumerate(sentences, 1):
            if not words:
                raise InputError(f"sentence {number} has no words")
        return self.roots([Tree(tuple(words)) for words in sentences])
