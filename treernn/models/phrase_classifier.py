"""Base of the sentiment models: a distribution over five classes for every phrase of a tree."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np
from torch import Tensor, nn

from treernn.batching import batch_nodes, bucket_by_length, map_batches
from treernn.checks import brief, check_fractions, check_sizes
from treernn.encoders.encoder import Encoder
from treernn.engine import inference
from treernn.errors import InputError
from treernn.models.stored_model import StoredModel, finite
from treernn.models.word_embeddings import WordTable
from treernn.transfer import to_device
from treernn.types import LABELS, UNLABELLED

TEMPERATURES = 0.01, 100
"""The range of temperatures; with those outside of it logits overflow or say nothing."""

_MAX_ENCODER_BATCH_SIZE = 3072  # sum of the sizes of a batch's examples


@dataclass(frozen=True)
class PhraseConfig:
    """Configuration that all phrase classifiers share.

    Attributes:
        embedding_size: dimension of the word vectors.
        dropout: dropout probability of word vectors, and of the classifier's inputs.
        temperature: logits are divided by it before the softmax, to calibrate the probabilities
            (Guo et al. 2017).

    Raises:
        InputError: a value is out of range.
    """

    embedding_size: int
    _: KW_ONLY
    dropout: float = 0.5
    temperature: float = 1.0

    def __post_init__(self) -> None:
        check_sizes(self, "embedding_size")
        check_fractions(self, "dropout")
        check_temperature(self.temperature)


class PhraseClassifier(StoredModel):
    """A softmax over the features of every phrase.

    Subclasses implement the methods without a body. An example is an encoded tree with ``labels``,
    ``[phrases]`` classes or -1, and a ``size``, which limits how many fit into a batch. A batch has
    the concatenated ``labels``, and ``to(device)``.

    Args:
        config: an instance of ``CONFIG``.
        words: the vocabulary, one word per row, row 0 for unknown words; or a pretrained encoder.

    Raises:
        InputError: ``embedding_size`` is not the encoder's output size.
    """

    CONFIG: ClassVar[type[PhraseConfig]]
    COMPOSES: ClassVar[bool] = True  # unknown words from pieces, see ``WordTable``

    classifier: nn.Linear

    def __init__(self, config: PhraseConfig, words: Sequence[str] | Encoder) -> None:
        super().__init__()
        self.config = config
        self.embedding: WordTable | Encoder
        if isinstance(words, Encoder):
            self.embedding = words
            if words.output_size != config.embedding_size:
                raise InputError(
                    f"embedding_size is {config.embedding_size}, the output size of the encoder is "
                    f"{words.output_size}"
                )
        else:
            self.embedding = WordTable(words, config.embedding_size)

    def encode(self, trees: Sequence[Any]) -> list[Any]:
        """Look up the words of trees; every node is a phrase."""
        raise NotImplementedError

    def encode_training(
        self,
        trees: Sequence[Any],
        every_phrase: bool = False,  # noqa: ARG002
    ) -> list[Any]:
        """Encode trees for training, without phrases that have no influence on the loss.

        Args:
            trees: see ``encode``.
            every_phrase: keep them; there are targets for them too.
        """
        return self.encode(trees)

    def encode_roots(self, trees: Sequence[Any]) -> list[Any]:
        """Encode trees whose last phrase, the root, is all that is needed."""
        return self.encode(trees)

    def collate(self, examples: Sequence[Any]) -> Any:
        """Batch at least one example, on the CPU."""
        raise NotImplementedError

    def features(self, batch: Any) -> Tensor:
        """Inputs of the classifier, ``[phrases, size]`` in batch order."""
        raise NotImplementedError

    def to_tree_order(self, rows: Tensor, _batch: Any) -> Tensor:
        """Reorder rows from batch order to example after example, phrase after phrase."""
        return rows

    def to_batch_order(self, rows: Tensor, _batch: Any) -> Tensor:
        """Inverse of ``to_tree_order``."""
        return rows

    @property
    def num_weights(self) -> int:
        """Number of trainable parameters, without word vectors."""
        return sum(
            weight.numel()
            for name, weight in self.named_parameters()
            if not name.startswith("embedding.")
        )

    def forward(self, batch: Any) -> Tensor:
        """Logits, ``[phrases, 5]`` in batch order."""
        return self.classifier(self.features(batch))

    def distributions(self, trees: Sequence[Any]) -> list[np.ndarray]:
        """Probabilities of the five classes at every node.

        Args:
            trees: labels are ignored.

        Returns:
            For each tree float32 ``[nodes, 5]``, in the order of its nodes.

        Raises:
            InputError: the model cannot process a tree.
        """
        return self._rows(trees, self._probabilities)

    def roots(self, trees: Sequence[Any]) -> np.ndarray:
        """Probabilities of the five classes for whole texts, float32 ``[trees, 5]``."""
        distributions = self._rows(trees, self._probabilities, roots=True)
        return np.array([rows[-1] for rows in distributions], np.float32).reshape(-1, len(LABELS))

    def _probabilities(self, batch: Any) -> Tensor:
        return (self(batch) / self.config.temperature).softmax(1)

    def _rows(
        self, trees: Sequence[Any], function: Callable[[Any], Tensor], roots: bool = False
    ) -> list[np.ndarray]:
        """The rows of each tree by a function from a batch to rows; if ``roots``, those of other
        phrases than the last may be missing."""
        encode = self.encode_roots if roots else self.encode
        return self._map(encode(trees), function)

    def _map(self, examples: Sequence[Any], function: Callable[[Any], Tensor]) -> list[np.ndarray]:
        """Apply a function from a batch to rows, in evaluation mode; rows of each example."""

        def run(indices: Sequence[int]) -> np.ndarray:
            batch = to_device(self.collate([examples[i] for i in indices]), self.device)
            return finite(self.to_tree_order(function(batch), batch)).cpu().numpy()

        has_encoder = isinstance(self.embedding, Encoder)
        limit = _MAX_ENCODER_BATCH_SIZE if has_encoder else batch_nodes(self.device)
        batches = bucket_by_length([example.size for example in examples], max_total=limit)
        with inference(self):
            return map_batches(batches, [len(example.labels) for example in examples], run)

    def save(
        self, path: str | os.PathLike[str], storage_dtype: str = "float32", **metadata: Any
    ) -> None:
        """Save the model as a folder.

        Args:
            path: the folder; a model in it is replaced.
            storage_dtype: how the word vectors, or the encoder's trained weights, are stored:
                ``float32``, ``float16`` or ``int8``. Other weights are float32, or with ``int8``
                float16.
            metadata: more values for ``config.json``, such as the training settings.
        """
        rest = "float16" if storage_dtype == "int8" else "float32"
        self._save(path, {"embedding.": storage_dtype, "": rest}, metadata)

    def _words(self) -> Sequence[str]:
        return self.embedding.vocabulary.words if isinstance(self.embedding, WordTable) else ()


def check_temperature(temperature: Any) -> None:
    """Raise ``InputError`` unless logits can be divided by it."""
    low, high = TEMPERATURES
    if type(temperature) not in (int, float) or not low <= temperature <= high:
        raise InputError(f"temperature is {brief(temperature)}, expected {low} to {high}")


def label_array(labels: Sequence[int], num_nodes: int) -> np.ndarray:
    """The ``labels`` of a tree as int64 ``[num_nodes]``, -1 where there is no label."""
    return np.array(labels or [UNLABELLED] * num_nodes, dtype=np.int64)
