"""Sentiment by chains: many words in, one distribution out, for a sentence or any phrase of it.

The sequential LSTMs that Tai et al. (2015, sections 5.1 and 5.2) hold against their Tree-LSTM: one
or several layers, one direction or both. The five classes follow from the last state; of both
directions, from the states in which each of them ends.
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
from treernn.models.recurrent import Chains, Recurrent, chains
from treernn.models.word_table import WordTable
from treernn.types import LABELS, UNLABELLED, Tree


@dataclass(frozen=True)
class ChainConfig(PhraseConfig):
    """What a chain classifier is made of, beside what ``PhraseConfig`` has.

    Attributes:
        hidden_size: numbers per state, of each layer and direction.
        cell: ``lstm``, ``gru`` or ``elman``.
        layers: chains on top of each other; there is dropout between them too.
        bidirectional: whether each layer runs in both directions.
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
    """Phrases ready for the model.

    Attributes:
        chains: the chains, compiled.
        words: ``[steps]`` rows of the embedding table, step after step, chain after chain.
        ends: ``[phrases]`` the step at which each phrase ends; None where every phrase has a chain
            of its own.
        labels: ``[phrases]`` classes, -1 where there is none.
    """

    chains: Chains
    words: Tensor
    ends: Tensor | None
    labels: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        ends = None if self.ends is None else self.ends.to(device)
        return Batch(self.chains.to(device), self.words.to(device), ends, self.labels.to(device))


class ChainClassifier(PhraseClassifier):
    """Embeddings, chains, a softmax where each phrase ends."""

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
        """Every node is a phrase; branches are not looked at."""
        rows = [self.embedding.vocabulary.ids(tree.words) for tree in trees]
        return spans.encode(trees, rows)

    def encode_training(self, trees: Sequence[Tree]) -> list[spans.Example]:
        """The phrases with a label: chains, other than a tree, need no smaller phrase for a larger
        one."""
        known = ((example, example.labels >= 0) for example in self.encode(trees))
        return [
            example._replace(spans=example.spans[rows], labels=example.labels[rows])
            for example, rows in known
            if rows.any()
        ]

    def encode_roots(self, trees: Sequence[Tree]) -> list[spans.Example]:
        """No phrase but the whole tree."""
        none = np.array([UNLABELLED])
        return [
            example._replace(spans=np.array([[0, example.num_words]]), labels=none)
            for example in self.encode(trees)
        ]

    def collate(self, examples: Sequence[spans.Example]) -> Batch:
        """Make chains of the phrases of at least one example; on the CPU.

        In one direction a phrase is the beginning of the longest phrase that starts where it does,
        so that one chain gives the states of both: on the SST a third fewer steps.
        """
        words = np.concatenate([example.words for example in examples])
        starts, stops, labels = spans.joined(examples)
        lengths = stops - starts
        ends = None
        if not self.config.bidirectional:
            longest = np.zeros_like(words)
            longest[starts] = lengths  # the last one stays, which holds the others
            first = np.cumsum(longest) - longest
            ends = torch.from_numpy(first[starts] + lengths - 1)
            starts = np.flatnonzero(longest)
            lengths = longest[starts]
        steps = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        return Batch(
            chains(lengths.tolist(), bidirectional=self.config.bidirectional),
            torch.from_numpy(words[steps]),
            ends,
            torch.from_numpy(labels),
        )

    def features(self, batch: Batch) -> Tensor:
        """The states in which phrases end, ``[phrases, output_size]`` in the examples' order."""
        x = dropout(self.embedding(batch.words), self.dropout)
        result = self.chain(batch.chains, x)
        h = result.last[-1].h if batch.ends is None else result.h[batch.ends]
        return dropout(h, self.dropout)

    def sentences(self, sentences: Sequence[Sequence[str]]) -> np.ndarray:
        """Probabilities of the five classes for whole sentences, without their phrases.

        Args:
            sentences: the words of each, at least one.

        Returns:
            float32 ``[sentences, 5]``. Rows sum to one.

        Raises:
            InputError: a sentence has no words.
        """
        for number, words in enumerate(sentences, 1):
            if not words:
                raise InputError(f"sentence {number} has no words")
        return self.roots([Tree(tuple(words)) for words in sentences])
