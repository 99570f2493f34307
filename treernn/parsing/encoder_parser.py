"""A parser on a pretrained encoder: more accurate and slower than the LSTM parser.

A boundary is represented by the encoder's vectors of the words before and after it. Kitaev and
Klein (2018), "Constituency Parsing with a Self-Attentive Encoder", section 2, also represent
boundaries by the encoder's output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import bucket_by_length
from treernn.checks import check_sizes
from treernn.encoders.encoder import PIECES_PER_BATCH, Encoder
from treernn.errors import InputError
from treernn.parsing.chart_parser import Biaffine, ChartParser


@dataclass(frozen=True)
class EncoderParserConfig:
    """Configuration of ``EncoderParser``.

    Attributes:
        span_rank: size of the projections of ``Biaffine``.

    Raises:
        InputError: a size is not a positive integer.
    """

    span_rank: int = 128

    def __post_init__(self) -> None:
        check_sizes(self, "span_rank")


class Batch(NamedTuple):
    """Sentences as ``EncoderParser.forward`` takes them.

    Attributes:
        words: input of the encoder.
        lengths: number of words of each sentence.
    """

    words: Any
    lengths: list[int]


class EncoderParser(ChartParser):
    """A biaffine product of boundaries over an encoder's vectors; a ``Parser``.

    Args:
        encoder: gives a vector for each word.
        config: sizes.
    """

    KIND, CONFIG = "encoder-parser", EncoderParserConfig
    STORAGE_DTYPES: ClassVar = {"encoder.": "int8", "": "float32"}

    def __init__(self, encoder: Encoder, config: EncoderParserConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or EncoderParserConfig()
        self.encoder = encoder
        self.start_and_end = nn.Parameter(torch.zeros(2, encoder.output_size))  # of a sentence
        self.biaffine = Biaffine(2 * encoder.output_size, config.span_rank)

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """See ``ChartParser``."""
        return self.encoder.encode(sentences)

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """See ``ChartParser``; a frozen encoder computes its vectors now, once."""
        return self.encoder.encode_training(sentences)

    def batches(self, examples: Sequence[Any]) -> list[list[int]]:
        """See ``ChartParser``."""
        sizes = [example.num_pieces for example in examples]
        return bucket_by_length(sizes, max_total=PIECES_PER_BATCH)

    def collate(self, examples: Sequence[Any]) -> Batch:
        """See ``ChartParser``."""
        vectors = isinstance(examples[0], np.ndarray)  # of a frozen encoder
        lengths = [len(example) if vectors else example.num_words for example in examples]
        return Batch(self.encoder.collate(examples), lengths)

    def forward(self, batch: Batch) -> Tensor:
        """Score spans.

        Returns:
            ``(batch, n + 1, n + 1)``, see ``cky.inside``.
        """
        words = nn.utils.rnn.pad_sequence(list(self.encoder(batch.words).split(batch.lengths)))
        start, end = self.start_and_end[:, None].expand(2, len(batch.lengths), -1)
        x = torch.cat((start[None], words, start[None]))
        x[torch.tensor(batch.lengths) + 1, torch.arange(len(batch.lengths))] = end
        return self.biaffine(torch.cat((x[:-1], x[1:]), -1))

    @classmethod
    def _build(
        cls, config: dict[str, Any], _words: Sequence[str], encoder: Encoder | None
    ) -> EncoderParser:
        if encoder is None:
            raise InputError("it has no encoder")
        return cls(encoder, cls._model_config(config))
