"""A distribution at every phrase of a tree: what sentiment models of every structure share.

A structure says what an example and a batch is, and what the classifier sees of each phrase.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import bucket_by_length, map_batches
from treernn.checks import check_fractions, check_sizes
from treernn.encoders.encoder import Encoder
from treernn.encoders.fine_tuning import merge
from treernn.encoders.stored import encoder_config, stored_encoder
from treernn.engine import inference
from treernn.errors import InputError
from treernn.models.storage import (
    ModelFolder,
    learnt,
    load_model,
    pack_weights,
    read_config,
    save_folder,
)
from treernn.models.word_table import WordTable, word_vectors
from treernn.types import LABELS, UNLABELLED, AnyTree

Self = TypeVar("Self", bound="PhraseClassifier")

# The sizes of a batch's examples when nothing is learnt: past this larger products gain nothing.
_SIZE_PER_BATCH = 8192
_READ_PER_BATCH = 3072  # where an encoder reads them: past this its products lose


@dataclass(frozen=True)
class PhraseConfig:
    """What all classifiers of phrases have in their configuration.

    Attributes:
        embedding_size: numbers per word vector.
        dropout: share of a word vector's numbers, and of a state's before the classifier, that
            training leaves out.
        temperature: what scores are divided by before the softmax (Guo et al. 2017), so that
            probabilities are as often right as they say; no class becomes another.

    Raises:
        InputError: a value that no classifier can have.
    """

    embedding_size: int
    _: KW_ONLY
    dropout: float = 0.5
    temperature: float = 1.0

    def __post_init__(self) -> None:
        check_sizes(self, "embedding_size")
        check_fractions(self, "dropout")
        if type(self.temperature) not in (int, float) or not 0 < self.temperature < math.inf:
            raise InputError(f"temperature is {self.temperature!r}, expected more than 0")


class PhraseClassifier(nn.Module):
    """A softmax over the features of every phrase.

    A structure gives the methods that have no body here. An example is a tree ready to be batched:
    it has ``labels``, ``[phrases]`` classes, -1 where there is none, and a ``size``, its share of
    a batch. A batch has the ``labels`` of its examples, and ``to``, which puts it on a device.

    Args:
        config: of the kind that the structure has.
        words: the vocabulary, row by row, row 0 for unknown words; or an encoder that reads the
            sentence.
    """

    KIND: ClassVar[str]
    CONFIG: ClassVar[type[PhraseConfig]]
    COMPOSES: ClassVar[bool] = True  # unknown words, of pieces, see ``WordTable``

    config: Any
    classifier: nn.Linear

    def __init__(self, config: PhraseConfig, words: Sequence[str] | Encoder) -> None:
        super().__init__()
        self.config = config
        self.embedding = word_vectors(words, config.embedding_size)

    def encode(self, trees: Sequence[Any]) -> list[Any]:
        """Look up the words of ``trees``; every node is a phrase."""
        raise NotImplementedError

    def encode_training(self, trees: Sequence[Any]) -> list[Any]:
        """The examples, without what there is nothing to learn from."""
        return self.encode(trees)

    def encode_roots(self, trees: Sequence[Any]) -> list[Any]:
        """The examples, of whose phrases only the last counts, which is the whole tree."""
        return self.encode(trees)

    def collate(self, examples: Sequence[Any]) -> Any:
        """Batch at least one example; on the CPU."""
        raise NotImplementedError

    def features(self, batch: Any) -> Tensor:
        """What the classifier sees, ``[phrases, size]`` in the order of the batch's labels."""
        raise NotImplementedError

    def to_tree_order(self, rows: Tensor, _batch: Any) -> Tensor:
        """Rows in the order of a batch's labels, put into that of its examples' phrases."""
        return rows

    def to_batch_order(self, rows: Tensor, _batch: Any) -> Tensor:
        """The other way round: rows in the order of the examples' phrases, put into the batch's."""
        return rows

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.classifier.weight.device

    @property
    def num_weights(self) -> int:
        """How many numbers are learnt, those that make the word vectors excepted."""
        return sum(
            weight.numel()
            for name, weight in self.named_parameters()
            if not name.startswith("embedding.")
        )

    @property
    def dropout(self) -> float:
        """The share that is left out now."""
        return self.config.dropout if self.training else 0.0

    def forward(self, batch: Any) -> Tensor:
        """Scores before the softmax, ``[phrases, 5]`` in the order of the batch's labels."""
        return self.classifier(self.features(batch))

    def distributions(self, trees: Sequence[Any]) -> list[np.ndarray]:
        """Probabilities of the five classes at every node.

        Args:
            trees: any number; labels are not looked at.

        Returns:
            For each tree float32 ``[nodes, 5]`` in the order of the tree's own node numbers. Rows
            sum to one.

        Raises:
            InputError: trees that the structure does not take.
        """
        return self._rows(self.encode(trees), self._probabilities)

    def roots(self, trees: Sequence[Any]) -> np.ndarray:
        """Probabilities of the five classes for whole texts: float32 ``[trees, 5]``."""
        found = self._rows(self.encode_roots(trees), self._probabilities)
        return np.array([rows[-1] for rows in found], np.float32).reshape(-1, len(LABELS))

    def _probabilities(self, batch: Any) -> Tensor:
        return (self(batch) / self.config.temperature).softmax(1)

    def _rows(self, examples: Sequence[Any], function: Callable[[Any], Tensor]) -> list[np.ndarray]:
        """For each example the rows ``[phrases, any]`` of a function of batches, without
        learning."""

        def rows(indices: Sequence[int]) -> np.ndarray:
            batch = self.collate([examples[i] for i in indices]).to(self.device)
            return self.to_tree_order(function(batch), batch).cpu().numpy()

        limit = _READ_PER_BATCH if isinstance(self.embedding, Encoder) else _SIZE_PER_BATCH
        batches = bucket_by_length([example.size for example in examples], max_total=limit)
        with inference(self):
            return map_batches(batches, [len(example.labels) for example in examples], rows)

    def save(
        self, path: str | os.PathLike[str], storage_dtype: str = "float32", **about: Any
    ) -> None:
        """Write the model as a folder.

        Args:
            path: the folder, replaced whole if it is there.
            storage_dtype: how the word vectors, or the encoder's trainable weights, are stored:
                ``float32``, ``float16`` or ``int8``. Other weights are float32, or with ``int8``
                float16.
            about: further settings for ``config.json``: how the model was made.
        """
        rest = "float16" if storage_dtype == "int8" else "float32"
        tensors = pack_weights(learnt(self), {"embedding.": storage_dtype}, rest)
        config: dict[str, Any] = {"model": asdict(self.config)}
        words: Sequence[str] = ()
        if isinstance(self.embedding, WordTable):
            words = self.embedding.vocabulary.words
        else:
            config["encoder"] = encoder_config(self.embedding)
        config.update(about)
        save_folder(path, kind=self.KIND, config=config, vocabulary=words, tensors=tensors)

    @classmethod
    def load(cls: type[Self], path: str | os.PathLike[str]) -> Self:
        """Read a model folder; the model is ready to score, on the CPU.

        Raises:
            ModelError: the folder is missing, damaged, or holds something else; or the encoder
                that it stands on is not there.
            InputError: transformers is not installed, and it stands on an encoder.
        """
        config = read_config(path, cls.KIND)
        encoder = stored_encoder(config["encoder"], path) if "encoder" in config else None

        def make(folder: ModelFolder) -> Self:
            return cls(cls.CONFIG(**folder.config["model"]), encoder or folder.vocabulary)

        model = load_model(path, cls.KIND, make)
        if encoder is not None:
            merge(encoder)
        return model


def labels_of(tree: AnyTree) -> np.ndarray:
    """``[nodes]`` classes, -1 where there is none."""
    return np.array(tree.labels or [UNLABELLED] * tree.num_nodes, dtype=np.int64)
