"""Sentiment by the mean of a phrase's word vectors, which knows no order: VecAvg of Socher et al.
(2013, section 5).

A linear classifier sees little but neutral words in the mean of a long phrase. The tanh that the
paper's other nets have at every node (section 4), put between the two, helps; that VecAvg had it
the paper does not say.
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
from treernn.models.vocabulary import Vocabulary
from treernn.types import LABELS, UNLABELLED, Tree

KIND = "average-classifier"

# Trees per batch when nothing is learnt, so that memory stays bounded.
_TREES_PER_BATCH = 512


@dataclass(frozen=True)
class AverageConfig:
    """What such a classifier is made of.

    Attributes:
        embedding_size: numbers per word vector.
        tanh: whether the mean goes through tanh on its way to the classifier.
        dropout: share of a word vector's numbers that training leaves out.
        temperature: what scores are divided by before the softmax, as of ``ClassifierConfig``.

    Raises:
        InputError: a value that no classifier can have.
    """

    embedding_size: int
    tanh: bool = False
    dropout: float = 0.5
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if type(self.embedding_size) is not int or self.embedding_size < 1:
            raise InputError(
                f"embedding_size is {self.embedding_size!r}, expected a whole number, at least 1"
            )
        if type(self.tanh) is not bool:
            raise InputError(f"tanh is {self.tanh!r}, expected true or false")
        if type(self.dropout) not in (int, float) or not 0 <= self.dropout < 1:
            raise InputError(f"dropout is {self.dropout!r}, expected from 0 to below 1")
        if type(self.temperature) not in (int, float) or not 0 < self.temperature < math.inf:
            raise InputError(f"temperature is {self.temperature!r}, expected more than 0")


class Example(NamedTuple):
    """A sentence and its phrases.

    Attributes:
        words: ``[n]`` rows of the embedding table.
        spans: ``[phrases, 2]`` the words of each phrase, half-open.
        labels: ``[phrases]`` classes, -1 where there is none.
    """

    words: np.ndarray
    spans: np.ndarray
    labels: np.ndarray


class Batch(NamedTuple):
    """Phrases ready for the model.

    Attributes:
        words: ``[n]`` rows of the embedding table, sentence after sentence.
        starts, ends: ``[phrases]`` the words of each phrase, half-open.
        labels: ``[phrases]`` classes, -1 where there is none.
    """

    words: Tensor
    starts: Tensor
    ends: Tensor
    labels: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        return Batch(*(part.to(device) for part in self))


class AverageClassifier(nn.Module):
    """Embeddings, their mean over a phrase, a softmax.

    Args:
        config: sizes.
        words: the vocabulary, row by row; row 0 stands for unknown words.
    """

    def __init__(self, config: AverageConfig, words: Sequence[str]) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = Vocabulary(words)
        self.embedding = nn.Embedding(len(words), config.embedding_size, sparse=True)
        self.classifier = nn.Linear(config.embedding_size, len(LABELS))

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

    @staticmethod
    def batch(examples: Sequence[Example]) -> Batch:
        """Batch at least one example; on the CPU."""
        sizes = np.array([len(example.words) for example in examples])
        shift = np.repeat(np.cumsum(sizes) - sizes, [len(example.spans) for example in examples])
        starts, ends = np.concatenate([example.spans for example in examples]).T + shift
        words = np.concatenate([example.words for example in examples])
        labels = np.concatenate([example.labels for example in examples])
        return Batch(*(torch.from_numpy(part) for part in (words, starts, ends, labels)))

    def forward(self, batch: Batch) -> Tensor:
        """Scores before the softmax, ``[phrases, 5]`` in the examples' order."""
        x = dropout(self.embedding(batch.words), self.config.dropout if self.training else 0.0)
        # A phrase's sum is the difference of two sums from the batch's beginning, which float64
        # holds without loss.
        sums = nn.functional.pad(x.double().cumsum(0), (0, 0, 1, 0))
        total = (sums[batch.ends] - sums[batch.starts]).to(x.dtype)
        mean = total / (batch.ends - batch.starts)[:, None]
        return self.classifier(mean.tanh() if self.config.tanh else mean)

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """Probabilities of the five classes at every node.

        Args:
            trees: any number; neither labels nor branches are looked at.

        Returns:
            For each tree float32 ``[nodes, 5]`` in the order of the tree's own node numbers. Rows
            sum to one.
        """
        results: list[np.ndarray] = []
        with inference(self):
            for start in range(0, len(trees), _TREES_PER_BATCH):
                examples = self.examples(trees[start : start + _TREES_PER_BATCH])
                scores = self(self.batch(examples).to(self.device)) / self.config.temperature
                ends = np.cumsum([len(example.spans) for example in examples])
                results += np.split(scores.softmax(1).cpu().numpy(), ends[:-1])
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
    def load(cls, path: str | os.PathLike[str]) -> AverageClassifier:
        """Read a model folder; the model is ready to score, on the CPU.

        Raises:
            ModelError: the folder is missing, damaged, or holds something else.
        """
        return load_model(
            path,
            KIND,
            lambda folder: cls(AverageConfig(**folder.config["model"]), folder.vocabulary),
        )
