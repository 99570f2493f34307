"""Sentiment by chains: many words in, one distribution out, for a sentence or any phrase of it.

The sequential LSTMs that Tai et al. (2015, sections 5.1 and 5.2) hold against their Tree-LSTM: one
or several layers, one direction or both. The five classes follow from the last state; of both
directions, from the states in which each of them ends.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.errors import InputError
from treernn.models.dropout import dropout
from treernn.models.folder import load_model, save_folder
from treernn.models.inference import inference
from treernn.models.recurrent import Chains, Recurrent, chains
from treernn.models.vocabulary import Vocabulary
from treernn.types import LABELS, UNLABELLED, Tree

KIND = "chain-classifier"
CELLS = ("lstm", "gru", "elman")

# Steps of chains per batch when nothing is learnt: past this larger products gain nothing.
_STEPS_PER_BATCH = 8192


@dataclass(frozen=True)
class ChainConfig:
    """What a chain classifier is made of.

    Attributes:
        embedding_size: numbers per word vector.
        hidden_size: numbers per state, of each layer and direction.
        cell: ``lstm``, ``gru`` or ``elman``.
        layers: chains on top of each other.
        both: whether each layer runs in both directions.
        dropout: share of a word vector's numbers, of a state's between layers and before the
            classifier, that training leaves out.
        temperature: what scores are divided by before the softmax, as of ``ClassifierConfig``.

    Raises:
        InputError: a value that no classifier can have.
    """

    embedding_size: int
    hidden_size: int = 150
    cell: str = "lstm"
    layers: int = 1
    both: bool = False
    dropout: float = 0.5
    temperature: float = 1.0

    def __post_init__(self) -> None:
        for name in ("embedding_size", "hidden_size", "layers"):
            size = getattr(self, name)
            if type(size) is not int or size < 1:
                raise InputError(f"{name} is {size!r}, expected a whole number, at least 1")
        if self.cell not in CELLS:
            raise InputError(f"cell is {self.cell!r}, expected one of {', '.join(CELLS)}")
        if type(self.both) is not bool:
            raise InputError(f"both is {self.both!r}, expected true or false")
        if type(self.dropout) not in (int, float) or not 0 <= self.dropout < 1:
            raise InputError(f"dropout is {self.dropout!r}, expected from 0 to below 1")
        if type(self.temperature) not in (int, float) or not 0 < self.temperature < math.inf:
            raise InputError(f"temperature is {self.temperature!r}, expected more than 0")


class Example(NamedTuple):
    """A sentence and the phrases of it that are scored.

    Attributes:
        words: ``[n]`` rows of the embedding table.
        spans: ``[phrases, 2]`` the words of each phrase, half-open; a phrase stands before the
            phrases that hold it.
        labels: ``[phrases]`` classes, -1 where there is none.
    """

    words: np.ndarray
    spans: np.ndarray
    labels: np.ndarray


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


class ChainClassifier(nn.Module):
    """Embeddings, chains, a softmax where each phrase ends.

    Args:
        config: sizes, cell, layers and directions.
        words: the vocabulary, row by row; row 0 stands for unknown words.
    """

    def __init__(self, config: ChainConfig, words: Sequence[str]) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = Vocabulary(words)
        self.embedding = nn.Embedding(len(words), config.embedding_size, sparse=True)
        self.chain = Recurrent(
            config.cell,
            config.embedding_size,
            config.hidden_size,
            config.layers,
            config.both,
            config.dropout,
        )
        self.classifier = nn.Linear(self.chain.output_size, len(LABELS))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.classifier.weight.device

    def examples(self, trees: Iterable[Tree]) -> list[Example]:
        """Look up the words of ``trees``; every node is a phrase."""
        return [
            Example(
                self.vocabulary.ids(tree.words),
                np.array(tree.spans()),
                np.array(tree.labels or [UNLABELLED] * tree.num_nodes, dtype=np.int64),
            )
            for tree in trees
        ]

    def batch(self, examples: Sequence[Example]) -> Batch:
        """Make chains of the phrases of at least one example; on the CPU.

        In one direction a phrase is the beginning of the longest phrase that starts where it does,
        so that one chain gives the states of both: on the SST a third fewer steps.
        """
        words = np.concatenate([example.words for example in examples])
        sizes = np.array([len(example.words) for example in examples])
        shift = np.repeat(np.cumsum(sizes) - sizes, [len(example.spans) for example in examples])
        starts, stops = np.concatenate([example.spans for example in examples]).T + shift
        lengths = stops - starts
        ends = None
        if not self.config.both:
            longest = np.zeros_like(words)
            longest[starts] = lengths  # the last one stays, which holds the others
            first = np.cumsum(longest) - longest
            ends = torch.from_numpy(first[starts] + lengths - 1)
            starts = np.flatnonzero(longest)
            lengths = longest[starts]
        steps = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        labels = np.concatenate([example.labels for example in examples])
        return Batch(
            chains(lengths.tolist(), both=self.config.both),
            torch.from_numpy(words[steps]),
            ends,
            torch.from_numpy(labels),
        )

    def forward(self, batch: Batch) -> Tensor:
        """Scores before the softmax, ``[phrases, 5]`` in the examples' order."""
        share = self.config.dropout if self.training else 0.0
        result = self.chain(batch.chains, dropout(self.embedding(batch.words), share))
        h = result.last[-1].h if batch.ends is None else result.h[batch.ends]
        return self.classifier(dropout(h, share))

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """Probabilities of the five classes at every node, each scored as a chain of its words.

        Args:
            trees: any number; neither labels nor branches are looked at.

        Returns:
            For each tree float32 ``[nodes, 5]`` in the order of the tree's own node numbers. Rows
            sum to one.
        """
        return self._scored(self.examples(trees))

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
        unlabelled = np.array([UNLABELLED])
        examples = [
            Example(self.vocabulary.ids(words), np.array([[0, len(words)]]), unlabelled)
            for words in sentences
        ]
        return np.concatenate([np.empty((0, len(LABELS)), np.float32), *self._scored(examples)])

    def _scored(self, examples: Sequence[Example]) -> list[np.ndarray]:
        """For each example its phrases' probabilities, without learning."""
        results: list[np.ndarray] = [np.empty(0)] * len(examples)
        # Sentences of one length: chains of like length, hence fewer and larger levels per batch.
        by_length = np.argsort([len(example.words) for example in examples], kind="stable")
        steps = [int(np.diff(examples[i].spans).sum()) for i in by_length]
        cuts = np.flatnonzero(np.diff(np.cumsum(steps) // _STEPS_PER_BATCH)) + 1
        with inference(self):
            for numbers in np.split(by_length, cuts) if examples else ():
                chosen = [examples[i] for i in numbers]
                scores = self(self.batch(chosen).to(self.device)) / self.config.temperature
                found = scores.softmax(1).cpu().numpy()
                ends = np.cumsum([len(example.spans) for example in chosen])
                for i, rows in zip(numbers, np.split(found, ends[:-1]), strict=True):
                    results[i] = rows
        return results

    def save(self, path: str | os.PathLike[str], compact: bool = False, **about: Any) -> None:
        """Write the model as a folder.

        Args:
            path: the folder, replaced whole if it is there.
            compact: store the word vectors in half precision.
            about: further settings for ``config.json``: how the model was made.
        """
        tensors = dict(self.state_dict())
        if compact:
            tensors["embedding.weight"] = tensors["embedding.weight"].half()
        config = {"model": asdict(self.config), **about}
        save_folder(
            path, kind=KIND, config=config, vocabulary=self.vocabulary.words, tensors=tensors
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ChainClassifier:
        """Read a model folder; the model is ready to score, on the CPU.

        Raises:
            ModelError: the folder is missing, damaged, or holds something else.
        """
        return load_model(
            path,
            KIND,
            lambda folder: cls(ChainConfig(**folder.config["model"]), folder.vocabulary),
        )
