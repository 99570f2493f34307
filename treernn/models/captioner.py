"""One to many: an image starts a chain, and words come out of it.

Show and Tell (Vinyals et al. 2015): a vector of the image, words one after the other; here the
vector does not come before the first word as an input, it is what the chain's states begin with.
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
from treernn.models.decoder import MARKS, Decoder, DecoderConfig, Targets
from treernn.models.stored_model import StoredModel
from treernn.models.word_embeddings import Vocabulary

KIND = "captioner"
# Images captioned together: past this larger products gain nothing.
_IMAGES_PER_BATCH = 256

_WIDEST = SIZE * LONGEST
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class CaptionerConfig:
    """What a captioner is made of.

    Attributes:
        feature_size: numbers per image; 0: images are rows of digits, which the captioner looks at
            with a convolutional encoder of its own.
        embedding_size: numbers per word vector.
        hidden_size: numbers per state.
        cell: ``elman``, ``gru`` or ``lstm``.
        layers: chains on top of each other.
        dropout: share that training leaves out of what the encoder finds, of the image's vector,
            and of the chain.

    Raises:
        InputError: a value that no captioner can have.
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
    """What a captioner says of an image.

    Attributes:
        text: its words, in lower case, with spaces between them.
        score: log probability of the text in nats, per word, its end counted as one.
    """

    text: str
    score: float


def words_of(caption: str) -> list[str]:
    """The words of a caption, in lower case and without punctuation.

    >>> words_of("A man's hat, on a surf-board.")
    ['a', "man's", 'hat', 'on', 'a', 'surf', 'board']
    """
    return _WORD.findall(caption.lower())


class RowEncoder(nn.Module):
    """Rows of digits to vectors: a small convolutional net (LeCun et al. 1998), which looks at
    every place of a row with the same weights and puts what it sees there side by side.

    Args:
        share: of what is found before the last layer, that training leaves out.
    """

    output_size = LONGEST * 64

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.first = nn.Conv2d(1, 32, 3, padding=1)
        self.second = nn.Conv2d(32, 32, 3, padding=1)
        self.third = nn.Conv2d(32, 64, 3, padding=1)
        self.place = nn.Conv2d(64, 64, SIZE // 4, stride=SIZE // 4)  # a digit each
        # Torch's own start lets the values fade from layer to layer, until the chains start from
        # much the same states whatever the image (He et al. 2015, section 2.2).
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.kaiming_normal_(weight, nonlinearity="relu")
            else:
                nn.init.zeros_(weight)

    def forward(self, images: Tensor) -> Tensor:
        """``[B, SIZE, SIZE * LONGEST]`` to ``[B, output_size]``."""
        x = self.first(images.unsqueeze(1)).relu()
        x = nn.functional.max_pool2d(self.second(x).relu(), 2)
        x = nn.functional.max_pool2d(self.third(x).relu(), 2)
        return self.place(dropout(x, self.share if self.training else 0.0)).relu().flatten(1)


class Captioner(StoredModel):
    """An image's vector, a projection of it to the states that the decoder starts from.

    Args:
        config: sizes and cell.
        words: the vocabulary, row by row, the two of ``MARKS`` first.
    """

    KIND, CONFIG = KIND, CaptionerConfig

    def __init__(self, config: CaptionerConfig, words: Sequence[str]) -> None:
        super().__init__()
        if tuple(words[: len(MARKS)]) != MARKS:
            raise InputError(f"the vocabulary must begin with {', '.join(MARKS)}")
        self.config = config
        self.vocabulary = Vocabulary(words)
        self.encoder = None if config.feature_size else RowEncoder(config.dropout)
        size = config.feature_size or RowEncoder.output_size
        self.parts = config.layers * (2 if config.cell == "lstm" else 1)
        self.project = nn.Linear(size, self.parts * config.hidden_size)
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
        """Images in one tensor, on the CPU: ``[B, feature_size]``, or ``[B, 8, 40]`` for rows of
        digits, with paper put after the last one.

        Args:
            images: at least one; ``[feature_size]``, or ``[8, 8 n]``, 0 paper and 1 ink.

        Raises:
            InputError: an image of another shape, or with other values.
        """
        for number, image in enumerate(images, 1):
            self.check(image, f"image {number}")
        if self.encoder is None:
            return torch.from_numpy(np.stack(images).astype(np.float32, copy=False))
        rows = np.zeros((len(images), SIZE, _WIDEST), np.float32)
        for row, image in zip(rows, images, strict=True):
            row[:, : image.shape[1]] = image
        return torch.from_numpy(rows)

    def check(self, image: np.ndarray, name: str) -> None:
        """Look whether the model can look at an image, called ``name`` in the error.

        Raises:
            InputError: it is of another shape, or has other values, than ``collate`` takes.
        """
        shape, size = list(image.shape), self.config.feature_size
        if size and shape != [size]:
            raise InputError(f"{name} has shape {shape}, this model takes [{size}], its features")
        if not size and not (
            len(shape) == 2 and shape[0] == SIZE and shape[1] in range(SIZE, _WIDEST + 1, SIZE)
        ):
            raise InputError(
                f"{name} has shape {shape}, this model takes rows of digits: [{SIZE}, {SIZE} n], "
                f"n from 1 to {LONGEST}"
            )
        if not np.isfinite(image).all():
            raise InputError(f"{name} holds a number that is not finite")
        if not size and not 0 <= image.min() <= image.max() <= 1:
            raise InputError(
                f"{name} has values from {image.min():g} to {image.max():g}, expected from 0 "
                "(paper) to 1 (ink)"
            )

    def start(self, images: Tensor) -> list[States]:
        """What the chains start from: for each layer the states of B images.

        Args:
            images: what ``collate`` gives, on the model's device.
        """
        vectors = images if self.encoder is None else self.encoder(images)
        vectors = dropout(vectors, self.config.dropout if self.training else 0.0)
        parts = self.project(vectors).tanh().chunk(self.parts, 1)
        if self.config.cell != "lstm":
            return [States(h, None) for h in parts]
        return [States(h, c) for h, c in zip(parts[::2], parts[1::2], strict=True)]

    def forward(self, images: Tensor, targets: Targets) -> Tensor:
        """Teacher forcing: scores before the softmax, ``[N, words]``, see ``Decoder.scores``."""
        return self.decoder.scores(self.start(images), targets)

    def caption(
        self, images: Sequence[np.ndarray], beam: int = 1, limit: int = 30
    ) -> list[Caption]:
        """Say what is on images.

        Args:
            images: any number; see ``collate``.
            beam: beginnings kept in beam search; 1 is greedy search.
            limit: words at most.

        Raises:
            InputError: an image that this model cannot look at, or a beam of less than one.
        """
        if beam < 1:
            raise InputError(f"the beam is {beam} wide, expected at least 1")
        if len(images) == 0:
            return []
        found = []
        with inference(self):
            for batch in self.collate(images).split(_IMAGES_PER_BATCH):
                start = self.start(batch.to(self.device))
                if beam == 1:
                    found += self.decoder.greedy(start, limit=limit)
                else:
                    found += self.decoder.beam(start, width=beam, limit=limit)
        words = self.vocabulary.words
        return [Caption(" ".join(words[row] for row in text.words), text.score) for text in found]

    def _words(self) -> Sequence[str]:
        return self.vocabulary.words
