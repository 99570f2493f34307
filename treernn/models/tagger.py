"""A tag at every step of a sequence: of the words of a sentence, of the frames of a video.

Chains in both directions with a softmax at each step (Graves & Schmidhuber 2005). A word is its
vector together with vectors of its beginnings, endings and shape, so that unknown words are not
blank; a frame is its vector, standardised and seen through one layer of rectified units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import bucket_by_length, map_batches
from treernn.cells import CHAIN_CELLS
from treernn.cells.dropout import dropout
from treernn.checks import check_bools, check_cell, check_fractions, check_sizes
from treernn.engine import inference
from treernn.errors import InputError
from treernn.models.recurrent import Chains, Recurrent, compile_sequences
from treernn.models.stored_model import StoredModel
from treernn.models.word_embeddings import WordFeatures

KIND = "tagger"
UNTAGGED = -1

Steps = Sequence[str] | np.ndarray
"""The words of a sentence, or frame vectors ``[frames, frame_size]``."""

# Steps per batch when nothing is learnt: past this larger products gain nothing.
_STEPS_PER_BATCH = 8192


@dataclass(frozen=True)
class TaggerConfig:
    """What a tagger is made of.

    Attributes:
        embedding_size: numbers per word vector; of frames, units of the layer that sees them.
        hidden_size: numbers per state, in each direction.
        layers: chains upon chains.
        cell: the merge rule: ``lstm``, ``gru`` or ``elman``.
        bidirectional: chains in both directions; otherwise a tag depends on no later step.
        dropout: share of the numbers left out in training: of what the first layer sees, between
            layers, and before the softmax.
        subword_size: length of the vector that a word's parts sum up to; 0 with frames.
        subword_rows: rows of the table into which the parts are hashed; 0 with frames.
        frame_size: numbers per frame vector; 0 with words.

    Raises:
        InputError: a value that no tagger can have.
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
    """What the chains see of frame vectors: them standardised, through rectified units."""

    mean: Tensor
    spread: Tensor

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(config.frame_size))
        self.register_buffer("spread", torch.ones(config.frame_size))
        self.layer = nn.Linear(config.frame_size, config.embedding_size)
        self.output_size = config.embedding_size

    def encode(self, frames: np.ndarray) -> tuple[np.ndarray, ...]:
        """The frames as they are, ``[n, frame_size]``.

        Raises:
            InputError: another shape.
        """
        frames = frames.astype(np.float32, copy=False)
        size = len(self.mean)
        if frames.ndim != 2 or frames.shape[1] != size:
            raise InputError(
                f"frames of shape {list(frames.shape)}, the model takes [frames, {size}]"
            )
        return (frames,)

    def forward(self, frames: Tensor) -> Tensor:
        """``[n, output_size]`` of ``[n, frame_size]``."""
        return self.layer((frames - self.mean) / self.spread).relu()


class Example(NamedTuple):
    """A sequence ready to be batched.

    Attributes:
        inputs: arrays with a row per step, see ``WordFeatures.encode`` and ``Frames.encode``.
        tags: ``[n]`` int64, numbers of tags, ``UNTAGGED`` where there is none.
    """

    inputs: tuple[np.ndarray, ...]
    tags: np.ndarray


class Batch(NamedTuple):
    """Sequences ready for the model; step after step, sequence after sequence.

    Attributes:
        chains: their structure, compiled.
        inputs: ``[N, …]``, as of an example.
        tags: ``[N]``, as of an example.
    """

    chains: Chains
    inputs: tuple[Tensor, ...]
    tags: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        inputs = tuple(tensor.to(device) for tensor in self.inputs)
        return Batch(self.chains.to(device), inputs, self.tags.to(device))


class Tagger(StoredModel):
    """Words or frames, chains over them, a softmax at every step.

    Args:
        config: sizes and cell; a ``frame_size`` above 0 makes a tagger of frames.
        tags: their names; the softmax keeps this order.
        words: the vocabulary, row by row, row 0 for unknown words; none for frames.

    Raises:
        InputError: no tags, or one that comes twice; or words for frames, or none for words.
    """

    KIND, CONFIG = KIND, TaggerConfig
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
        self.inputs: Frames | WordFeatures
        if config.frame_size:
            self.inputs = Frames(config)
        else:
            self.inputs = WordFeatures(
                words, config.embedding_size, config.subword_size, config.subword_rows
            )
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
        """Look up what the model sees of ``sequences``; a tag that it does not know is none."""
        number = {tag: n for n, tag in enumerate(self.tags)}
        inputs = [self._encode(sequence) for sequence in sequences]
        if tags is None:
            return [Example(each, np.full(len(each[0]), UNTAGGED)) for each in inputs]
        found = [np.array([number.get(tag, UNTAGGED) for tag in each], np.int64) for each in tags]
        return [Example(*pair) for pair in zip(inputs, found, strict=True)]

    def _encode(self, sequence: Steps) -> tuple[np.ndarray, ...]:
        if isinstance(sequence, np.ndarray):
            if isinstance(self.inputs, Frames):
                return self.inputs.encode(sequence)
            raise InputError("the model tags words, it takes no frames")
        if isinstance(self.inputs, Frames):
            raise InputError("the model tags frames, it takes no words")
        return self.inputs.encode(sequence)

    def collate(self, examples: Sequence[Example]) -> Batch:
        """Batch at least one example; on the CPU."""
        columns = zip(*(example.inputs for example in examples), strict=True)
        return Batch(
            compile_sequences(
                [len(example.tags) for example in examples], bidirectional=self.config.bidirectional
            ),
            tuple(torch.from_numpy(np.concatenate(column)) for column in columns),
            torch.from_numpy(np.concatenate([example.tags for example in examples])),
        )

    def forward(self, batch: Batch) -> Tensor:
        """Scores before the softmax, ``[N, tags]``."""
        share = self.config.dropout if self.training else 0.0
        x = dropout(self.inputs(*batch.inputs), share)
        return self.classifier(dropout(self.recurrent(batch.chains, x).h, share))

    def tag(self, sequences: Sequence[Steps]) -> list[tuple[str, ...]]:
        """The most probable tag at every step.

        Args:
            sequences: sentences as words, or videos as arrays ``[frames, frame_size]``; an empty
                one has no tags.

        Raises:
            InputError: frames of another shape, or words for frames, or frames for words.
        """
        best = self._at_steps(sequences, lambda scores: scores.argmax(1))
        return [tuple(self.tags[n] for n in each.tolist()) for each in best]

    def distributions(self, sequences: Sequence[Steps]) -> list[np.ndarray]:
        """For each sequence float32 ``[steps, tags]``: probabilities in the order of ``tags``.

        Raises:
            InputError: frames of another shape, or words for frames, or frames for words.
        """
        return self._at_steps(sequences, lambda scores: scores.softmax(1))

    def _at_steps(
        self, sequences: Sequence[Steps], function: Callable[[Tensor], Tensor]
    ) -> list[np.ndarray]:
        """For each sequence the rows of a function of scores, without learning."""
        filled = [sequence for sequence in sequences if len(sequence)]
        lengths = list(map(len, filled))

        def rows(indices: Sequence[int]) -> np.ndarray:
            batch = self.collate(self.encode([filled[i] for i in indices]))
            return function(self(batch.to(self.device))).cpu().numpy()

        with inference(self):
            batches = bucket_by_length(lengths, max_total=_STEPS_PER_BATCH)
            results = iter(map_batches(batches, lengths, rows))
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
            raise InputError("its tags are no list of names")
        return cls(TaggerConfig(**config["model"]), tags, words)
