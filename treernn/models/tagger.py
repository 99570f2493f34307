"""Tags for every step of a sequence: the words of a sentence or the frames of a video.

A bidirectional recurrent net with a softmax at each step (Graves & Schmidhuber 2005). Words are
embedded with their subwords; frames are standardized vectors that pass through a linear layer with
ReLU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import batch_nodes, bucket_by_length, map_batches
from treernn.cells import CHAIN_CELLS
from treernn.cells.dropout import dropout
from treernn.checks import check_bools, check_cell, check_fractions, check_sizes
from treernn.engine import inference
from treernn.errors import InputError
from treernn.models.recurrent import Chains, Recurrent, compile_sequences
from treernn.models.stored_model import StoredModel, finite
from treernn.models.word_embeddings import WordFeatures
from treernn.transfer import to_device

UNTAGGED = -1

Steps = Sequence[str] | np.ndarray
"""The words of a sentence, or frame vectors ``[frames, frame_size]``."""


@dataclass(frozen=True)
class TaggerConfig:
    """Configuration of a tagger.

    Attributes:
        embedding_size: dimension of the word vectors, or of the layer that reads frames.
        hidden_size: dimension of the states, per direction.
        layers: number of layers.
        cell: ``lstm``, ``gru`` or ``elman``.
        bidirectional: run both directions; otherwise a tag does not depend on later steps.
        dropout: dropout probability of the inputs, between layers, and of the classifier's inputs.
        subword_size: dimension of the subword vectors; 0 for frames.
        subword_rows: rows of the table that subwords are hashed into; 0 for frames.
        frame_size: dimension of the frame vectors; 0 for words.

    Raises:
        InputError: a value is out of range.
    """

    embedding_size: int
    hidden_size: int = 128
    layers: int = 2
    cell: str = "lstm"
    bidirectional: bool = True
    dropout: float = 0.5
    subword_size: int = 64
    subword_rows: int = 8192
    frame_size: int = 0

    def __post_init__(self) -> None:
        check_sizes(self, "embedding_size", "hidden_size", "layers")
        check_sizes(self, "frame_size", minimum=0)
        check_sizes(self, "subword_size", "subword_rows", minimum=0 if self.frame_size else 1)
        check_cell(self, CHAIN_CELLS)
        check_bools(self, "bidirectional")
        check_fractions(self, "dropout")


class Frames(nn.Module):
    """Standardizes frame vectors and passes them through a linear layer with ReLU."""

    mean: Tensor
    std: Tensor

    def __init__(self, frame_size: int, output_size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(frame_size))
        self.register_buffer("std", torch.ones(frame_size))
        self.layer = nn.Linear(frame_size, output_size)
        self.output_size = output_size

    def encode(self, frames: np.ndarray) -> tuple[np.ndarray]:
        """The frames as float32 ``[frames, frame_size]``.

        Raises:
            InputError: they have another shape.
        """
        frames = frames.astype(np.float32, copy=False)
        size = len(self.mean)
        if frames.ndim != 2 or frames.shape[1] != size:
            raise InputError(
                f"frames of shape {list(frames.shape)}, the model takes [frames, {size}]"
            )
        return (frames,)

    def forward(self, frames: Tensor) -> Tensor:
        """``[frames, frame_size]`` to ``[frames, output_size]``."""
        return self.layer((frames - self.mean) / self.std).relu()


class Example(NamedTuple):
    """An encoded sequence.

    Attributes:
        inputs: arrays with one row per step, see ``WordFeatures.encode`` and ``Frames.encode``.
        tags: int64 ``[steps]`` indices of tags, or ``UNTAGGED``.
    """

    inputs: tuple[np.ndarray, ...]
    tags: np.ndarray


class Batch(NamedTuple):
    """Collated sequences, with N steps, sequence after sequence.

    Attributes:
        chains: the compiled chains.
        inputs: ``[N, …]``, see ``Example``.
        tags: ``[N]``, see ``Example``.
    """

    chains: Chains
    inputs: tuple[Tensor, ...]
    tags: Tensor


class Tagger(StoredModel):
    """Embedded words or frames, a recurrent net, a softmax at every step.

    Args:
        config: sizes and cell; ``frame_size`` decides between words and frames.
        tags: their names, in the order of the softmax.
        words: the vocabulary, one word per row, row 0 for unknown words; empty for frames.

    Raises:
        InputError: there are no tags or repeated ones; words for frames, or no words.
    """

    KIND, CONFIG = "tagger", TaggerConfig
    STORAGE_DTYPES: ClassVar = {
        "inputs.embedding.": "float16",
        "inputs.subwords.": "float16",
        "": "float32",
    }

    def __init__(
        self, config: TaggerConfig, tags: Sequence[str], words: Sequence[str] = ()
    ) -> None:
        super().__init__()
        if not tags or len(set(tags)) < len(tags):
            raise InputError("a tagger needs tags, each once")
        if bool(words) == bool(config.frame_size):
            raise InputError("a tagger needs a vocabulary, or a frame_size, and not both")
        self.config, self.tags = config, tuple(tags)
        size = config.embedding_size
        self.inputs: Frames | WordFeatures
        if config.frame_size:
            self.inputs = Frames(config.frame_size, size)
        else:
            self.inputs = WordFeatures(words, size, config.subword_size, config.subword_rows)
            nn.init.normal_(self.inputs.subwords.weight, std=0.1)
        self.recurrent = Recurrent(
            config.cell,
            self.inputs.output_size,
            config.hidden_size,
            layers=config.layers,
            bidirectional=config.bidirectional,
            dropout=config.dropout,
        )
        self.classifier = nn.Linear(self.recurrent.output_size, len(tags))

    def encode(
        self, sequences: Iterable[Steps], tags: Iterable[Sequence[str]] | None = None
    ) -> list[Example]:
        """Look up the words of sequences, or check their frames; unknown tags are ``UNTAGGED``.

        Raises:
            InputError: frames of another shape, words instead of frames or frames instead of words.
        """
        index = {tag: i for i, tag in enumerate(self.tags)}
        inputs = [self._encode(sequence) for sequence in sequences]
        if tags is None:
            return [Example(arrays, np.full(len(arrays[0]), UNTAGGED)) for arrays in inputs]
        encoded_tags = (
            np.array([index.get(tag, UNTAGGED) for tag in of_steps], np.int64) for of_steps in tags
        )
        return [Example(*pair) for pair in zip(inputs, encoded_tags, strict=True)]

    def _encode(self, sequence: Steps) -> tuple[np.ndarray, ...]:
        if isinstance(sequence, np.ndarray):
            if isinstance(self.inputs, Frames):
                return self.inputs.encode(sequence)
            raise InputError("the model tags words, it takes no frames")
        if isinstance(self.inputs, Frames):
            raise InputError("the model tags frames, it takes no words")
        return self.inputs.encode(sequence)

    def collate(self, examples: Sequence[Example]) -> Batch:
        """Batch at least one example, on the CPU."""
        lengths = [len(example.tags) for example in examples]
        columns = zip(*(example.inputs for example in examples), strict=True)
        return Batch(
            compile_sequences(lengths, bidirectional=self.config.bidirectional),
            tuple(torch.from_numpy(np.concatenate(column)) for column in columns),
            torch.from_numpy(np.concatenate([example.tags for example in examples])),
        )

    def forward(self, batch: Batch) -> Tensor:
        """Logits, ``[N, tags]``."""
        probability = self.config.dropout if self.training else 0.0
        x = dropout(self.inputs(*batch.inputs), probability)
        return self.classifier(dropout(self.recurrent(batch.chains, x).h, probability))

    def tag(self, sequences: Sequence[Steps]) -> list[tuple[str, ...]]:
        """The most probable tag of every step.

        Args:
            sequences: sentences, or videos as arrays ``[frames, frame_size]``; may be empty.

        Raises:
            InputError: as ``encode``.
        """
        best = self._map(sequences, lambda logits: logits.argmax(1))
        return [tuple(self.tags[index] for index in of_steps.tolist()) for of_steps in best]

    def distributions(self, sequences: Sequence[Steps]) -> list[np.ndarray]:
        """Probabilities of the tags, float32 ``[steps, tags]`` for each sequence.

        Raises:
            InputError: as ``encode``.
        """
        return self._map(sequences, lambda logits: logits.softmax(1))

    def _map(
        self, sequences: Sequence[Steps], function: Callable[[Tensor], Tensor]
    ) -> list[np.ndarray]:
        """Apply a function to the logits of each sequence, in evaluation mode."""
        filled = [sequence for sequence in sequences if len(sequence)]
        lengths = list(map(len, filled))

        def run(indices: Sequence[int]) -> np.ndarray:
            batch = self.collate(self.encode([filled[i] for i in indices]))
            return function(finite(self(to_device(batch, self.device)))).cpu().numpy()

        with inference(self):
            batches = bucket_by_length(lengths, max_total=batch_nodes(self.device))
            results = iter(map_batches(batches, lengths, run))
        empty = np.empty((0, len(self.tags)), np.float32)
        return [next(results) if len(sequence) else empty for sequence in sequences]

    def _words(self) -> Sequence[str]:
        return self.inputs.vocabulary.words if isinstance(self.inputs, WordFeatures) else ()

    def _extra_config(self) -> dict[str, Any]:
        return {"tags": self.tags}

    @classmethod
    def _build(cls, config: dict[str, Any], words: Sequence[str], _encoder: Any) -> Tagger:
        tags = config["tags"]
        if not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
            raise InputError("its tags are not a list of names")
        return cls(cls._model_config(config), tags, words)
