"""Image captions: a recurrent decoder starts from the vector of an image.

Show and Tell (Vinyals et al. 2015), with one difference: the vector is not the first input of the
decoder but is projected to its initial states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cells import CHAIN_CELLS, States
from treernn.cells.dropout import dropout
from treernn.checks import check_cell, check_fractions, check_sizes
from treernn.corpora.digits import LONGEST, SIZE
from treernn.engine import inference
from treernn.errors import InputError
from treernn.models.decoder import SPECIAL_WORDS, Decoder, DecoderConfig, Targets
from treernn.models.stored_model import StoredModel
from treernn.models.word_embeddings import Vocabulary

_IMAGES_PER_BATCH = 256
_MAX_WIDTH = SIZE * LONGEST
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class CaptionerConfig:
    """Configuration of a captioner.

    Attributes:
        feature_size: dimension of the images' feature vectors; 0 for images of rows of digits,
            which a convolutional encoder reads.
        embedding_size: dimension of the word vectors.
        hidden_size: dimension of the states.
        cell: ``elman``, ``gru`` or ``lstm``.
        layers: number of layers.
        dropout: dropout probability in the encoder, of the image's vector, and in the decoder.

    Raises:
        InputError: a value is out of range.
    """

    feature_size: int = 0
    embedding_size: int = 64
    hidden_size: int = 128
    cell: str = "lstm"
    layers: int = 1
    dropout: float = 0.3

    def __post_init__(self) -> None:
        check_sizes(self, "feature_size", minimum=0)
        check_sizes(self, "embedding_size", "hidden_size", "layers")
        check_cell(self, CHAIN_CELLS)
        check_fractions(self, "dropout")


class Caption(NamedTuple):
    """A generated caption.

    Attributes:
        text: words in lower case, joined by spaces.
        score: log probability in nats per word, where the end counts as a word.
    """

    text: str
    score: float


def tokenize_caption(caption: str) -> list[str]:
    """The words of a caption, in lower case and without punctuation.

    >>> tokenize_caption("A man's hat, on a surf-board.")
    ['a', "man's", 'hat', 'on', 'a', 'surf', 'board']
    """
    return _WORD.findall(caption.lower())


class DigitRowEncoder(nn.Module):
    """Encodes rows of digits with a small convolutional net (LeCun et al. 1998); the vectors of all
    digit positions are concatenated."""

    output_size = LONGEST * 64

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.digit = nn.Conv2d(64, 64, SIZE // 4, stride=SIZE // 4)  # one output per digit
        # With torch's initialization the activations shrink from layer to layer, until all images
        # have nearly the same vector (He et al. 2015, section 2.2).
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.kaiming_normal_(weight, nonlinearity="relu")
            else:
                nn.init.zeros_(weight)

    def forward(self, images: Tensor) -> Tensor:
        """``[B, SIZE, SIZE * LONGEST]`` to ``[B, output_size]``."""
        x = self.conv1(images.unsqueeze(1)).relu()
        x = nn.functional.max_pool2d(self.conv2(x).relu(), 2)
        x = nn.functional.max_pool2d(self.conv3(x).relu(), 2)
        return self.digit(dropout(x, self.dropout if self.training else 0.0)).relu().flatten(1)


class Captioner(StoredModel):
    """An image encoder, a projection to initial states, a decoder.

    Args:
        config: sizes and cell.
        words: the vocabulary, one word per row, starting with ``SPECIAL_WORDS``.

    Raises:
        InputError: the vocabulary starts with other words.
    """

    KIND, CONFIG = "captioner", CaptionerConfig

    def __init__(self, config: CaptionerConfig, words: Sequence[str]) -> None:
        super().__init__()
        if tuple(words[: len(SPECIAL_WORDS)]) != SPECIAL_WORDS:
            raise InputError(f"the vocabulary must begin with {', '.join(SPECIAL_WORDS)}")
        self.config = config
        self.vocabulary = Vocabulary(words)
        self.encoder = None if config.feature_size else DigitRowEncoder(config.dropout)
        size = config.feature_size or DigitRowEncoder.output_size
        self._num_states = config.layers * (2 if CHAIN_CELLS[config.cell].has_memory else 1)
        self.project = nn.Linear(size, self._num_states * config.hidden_size)
        nn.init.orthogonal_(self.project.weight)
        self.decoder = Decoder(
            DecoderConfig(
                len(words),
                config.embedding_size,
                config.hidden_size,
                config.cell,
                config.layers,
                config.dropout,
            )
        )

    def collate(self, images: Sequence[np.ndarray]) -> Tensor:
        """Batch images, on the CPU.

        Args:
            images: at least one; ``[feature_size]``, or ``[8, 8 n]`` with 0 for paper and 1 for
                ink.

        Returns:
            ``[B, feature_size]``, or ``[B, 8, 40]`` padded with paper.

        Raises:
            InputError: an image has another shape or other values.
        """
        for number, image in enumerate(images, 1):
            self.check(image, f"image {number}")
        if self.encoder is None:
            return torch.from_numpy(np.stack(images).astype(np.float32, copy=False))
        rows = np.zeros((len(images), SIZE, _MAX_WIDTH), np.float32)
        for row, image in zip(rows, images, strict=True):
            row[:, : image.shape[1]] = image
        return torch.from_numpy(rows)

    def check(self, image: np.ndarray, name: str) -> None:
        """Check the shape and the values of an image, see ``collate``.

        Raises:
            InputError: they are wrong; the message starts with ``name``.
        """
        shape, size = list(image.shape), self.config.feature_size
        if size and shape != [size]:
            raise InputError(f"{name} has shape {shape}, expected [{size}], its features")
        if not size and not (
            len(shape) == 2 and shape[0] == SIZE and shape[1] in range(SIZE, _MAX_WIDTH + 1, SIZE)
        ):
            raise InputError(
                f"{name} has shape {shape}, expected a row of digits: [{SIZE}, {SIZE} n], n from "
                f"1 to {LONGEST}"
            )
        if not np.isfinite(image).all():
            raise InputError(f"{name} has a value that is not finite")
        if not size and not 0 <= image.min() <= image.max() <= 1:
            raise InputError(
                f"{name} has values from {image.min():g} to {image.max():g}, expected from 0 "
                "(paper) to 1 (ink)"
            )

    def initial_states(self, images: Tensor) -> list[States]:
        """The initial states of the decoder, for each layer.

        Args:
            images: result of ``collate``, on the model's device.
        """
        vectors = images if self.encoder is None else self.encoder(images)
        vectors = dropout(vectors, self.config.dropout if self.training else 0.0)
        states = self.project(vectors).tanh().chunk(self._num_states, 1)
        if self._num_states == self.config.layers:
            return [States(h, None) for h in states]
        return [States(h, c) for h, c in zip(states[::2], states[1::2], strict=True)]

    def forward(self, images: Tensor, targets: Targets) -> Tensor:
        """Logits by teacher forcing, see ``Decoder.forward``."""
        return self.decoder(self.initial_states(images), targets)

    def caption(
        self, images: Sequence[np.ndarray], beam_size: int = 1, max_length: int = 30
    ) -> list[Caption]:
        """Generate a caption for each image.

        Args:
            images: see ``collate``.
            beam_size: see ``Decoder.generate``; 1 is greedy search.
            max_length: maximum number of words.

        Raises:
            InputError: as ``collate`` and ``Decoder.generate``.
        """
        if len(images) == 0:
            return []
        texts = []
        with inference(self):
            for batch in self.collate(images).split(_IMAGES_PER_BATCH):
                states = self.initial_states(batch.to(self.device))
                texts += self.decoder.generate(states, beam_size=beam_size, max_length=max_length)
        words = self.vocabulary.words
        return [Caption(" ".join(words[row] for row in ids), score) for ids, score in texts]

    def _words(self) -> Sequence[str]:
        return self.vocabulary.words
