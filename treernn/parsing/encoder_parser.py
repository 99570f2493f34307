"""A parser on a pretrained encoder, slower than the embedded one, which may learn from it.

A boundary between two words is known by what the encoder makes of both (Kitaev and Klein 2018,
"Constituency Parsing with a Self-Attentive Encoder", section 2, have its states there too).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import bucket_by_length
from treernn.checks import check_sizes
from treernn.encoders.encoder import PIECES_PER_BATCH, Encoder
from treernn.encoders.fine_tuning import merge
from treernn.encoders.stored import encoder_config, stored_encoder
from treernn.models.storage import learnt, load_model, packed, read_config, save_folder
from treernn.parsing.biaffine import Biaffine
from treernn.parsing.chart_parser import ChartParser, Charts


@dataclass(frozen=True)
class EncoderParserConfig:
    """The sizes of a parser on an encoder, besides those of the encoder.

    Attributes:
        span_rank: length of the two views of a boundary whose biaffine form scores a span.

    Raises:
        InputError: a size that cannot be.
    """

    span_rank: int = 128

    def __post_init__(self) -> None:
        check_sizes(self, "span_rank")


class EncoderParser(ChartParser):
    """A biaffine form of boundaries over an encoder's vectors; a ``Parser``.

    Args:
        encoder: reads the sentence.
        config: the sizes.
    """

    KIND = "encoder-parser"

    def __init__(self, encoder: Encoder, config: EncoderParserConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or EncoderParserConfig()
        self.encoder = encoder
        self.marks = nn.Parameter(torch.zeros(2, encoder.output_size))  # before and after the words
        self.biaffine = Biaffine(2 * encoder.output_size, config.span_rank)

    def charts(self, sentences: Sequence[Sequence[str]]) -> Iterator[Charts]:
        """See ``ChartParser``."""
        prepared = self.encoder.encode(sentences)
        lengths = np.array([len(words) for words in sentences], dtype=np.int64)
        sizes = [sentence.num_pieces for sentence in prepared]
        for numbers in bucket_by_length(sizes, max_total=PIECES_PER_BATCH):
            rows = np.array(numbers)[np.argsort(-lengths[numbers], kind="stable")]
            yield Charts(rows, lengths[rows], self.span_scores(prepared, rows))

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """See ``ChartParser``."""
        return self.encoder.encode_training(sentences)

    def span_scores(self, encoded: Sequence[Any], rows: np.ndarray) -> Tensor:
        """See ``ChartParser``."""
        some = [encoded[row] for row in rows.tolist()]
        # Encoded already where the encoder is frozen.
        sizes = [len(each) if isinstance(each, np.ndarray) else each.num_words for each in some]
        states = self.encoder(self.encoder.collate(some).to(self.marks.device))
        inputs = nn.utils.rnn.pad_sequence(list(states.split(sizes)))
        start, end = self.marks[:, None].expand(2, len(some), -1)
        inputs = torch.cat((start[None], inputs, start[None]))
        inputs[torch.tensor(sizes) + 1, torch.arange(len(some))] = end
        return self.biaffine(torch.cat((inputs[:-1], inputs[1:]), -1))

    def save(self, path: str | os.PathLike[str], **about: Any) -> None:
        """Write a model folder: what learnt of the encoder in 8 bits with a scale per row.

        Args:
            path: the folder, replaced whole if it is there.
            about: further settings for ``config.json``: how the parser was made.
        """
        tensors: dict[str, Tensor] = {}
        for name, tensor in learnt(self).items():
            tensors |= packed(name, tensor, "byte" if name.startswith("encoder.") else "single")
        config = {"model": asdict(self.config), "encoder": encoder_config(self.encoder), **about}
        save_folder(path, kind=self.KIND, config=config, vocabulary=(), tensors=tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> EncoderParser:
        """The parser in a model folder, ready to parse.

        Raises:
            ModelError: the folder is missing, damaged, or does not hold such a parser; or the
                encoder that it stands on is not there.
            InputError: transformers is not installed.
        """
        encoder = stored_encoder(read_config(path, cls.KIND).get("encoder"), path)
        parser = load_model(
            path,
            cls.KIND,
            lambda folder: cls(encoder, EncoderParserConfig(**folder.config["model"])),
        )
        merge(encoder)
        return parser
