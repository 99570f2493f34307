"""A parser on a bidirectional LSTM over word and subword embeddings.

A boundary between two words is represented by the forward state before it and the backward state
after it (Stern, Andreas and Klein 2017); a biaffine product of two boundaries scores the span
between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from treernn.batching import bucket_by_length
from treernn.checks import check_sizes
from treernn.errors import InputError
from treernn.models.device import multiplies_bfloat16
from treernn.models.pretrained import PARSER
from treernn.models.word_embeddings import WordFeatures
from treernn.parsing.chart_parser import Biaffine, ChartParser, variational_dropout

SPECIAL_WORDS = ("<unk>", "<s>", "</s>")
START, END = 1, 2

# Limits of a batch. Chart cells are those of the square charts: a few long sentences need as much
# memory as many short ones.
BATCH_WORDS = 2048
BATCH_CELLS = 1 << 18


@dataclass(frozen=True)
class LSTMParserConfig:
    """Configuration of ``LSTMParser``.

    Attributes:
        embedding_size: size of a word embedding.
        subword_size: size of a subword embedding; those of a word are summed.
        subword_rows: number of subword embeddings; subwords are hashed to them.
        hidden_size: size of an LSTM state, in each direction.
        layers: number of LSTM layers.
        span_rank: size of the projections of ``Biaffine``.

    Raises:
        InputError: a size is not a positive integer.
    """

    embedding_size: int = 100
    subword_size: int = 64
    subword_rows: int = 8192
    hidden_size: int = 200
    layers: int = 2
    span_rank: int = 128

    def __post_init__(self) -> None:
        check_sizes(self, *asdict(self))


class WordTypes(NamedTuple):
    """The distinct words of some sentences, after ``SPECIAL_WORDS``.

    Attributes:
        words: ``(types,)`` int64, rows of the word embedding.
        subwords: ``(types, NUM_SUBWORDS)`` int64, rows of the subword embedding.
    """

    words: Tensor
    subwords: Tensor


class Example(NamedTuple):
    """An encoded sentence.

    Attributes:
        indices: ``(n,)`` int64, for each word its index in ``types``.
        types: of all sentences that were encoded together.
    """

    indices: np.ndarray
    types: WordTypes


class Batch(NamedTuple):
    """Sentences as ``LSTMParser.forward`` takes them.

    Attributes:
        types: distinct words of the batch.
        indices: ``(n + 2, batch)``, indices into ``types``: start, words, end, padding.
        lengths: ``(batch,)``, number of words of each sentence.
    """

    types: WordTypes
    indices: Tensor
    lengths: Tensor


class LSTMParser(ChartParser):
    """A bidirectional LSTM over word embeddings; a ``Parser``.

    Args:
        vocabulary: one word for each row of the word embedding, starting with ``SPECIAL_WORDS``.
        config: sizes.

    Attributes:
        weight_dropout: dropout probability of the recurrent weights (Merity, Keskar and Socher
            2018).
        word_dropout: probability that training replaces a distinct word of a batch by the unknown
            word, so that its subwords learn to represent it.
    """

    KIND, CONFIG = "lstm-parser", LSTMParserConfig
    STORAGE_DTYPES: ClassVar = {"features.embedding.": "int8", "": "float16"}

    def __init__(self, vocabulary: Sequence[str], config: LSTMParserConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or LSTMParserConfig()
        if tuple(vocabulary[: len(SPECIAL_WORDS)]) != SPECIAL_WORDS:
            raise InputError(f"the vocabulary of a parser begins with {' '.join(SPECIAL_WORDS)}")
        self.weight_dropout = 0.0
        self.word_dropout = 0.0
        self.features = WordFeatures(
            vocabulary, config.embedding_size, config.subword_size, config.subword_rows, sparse=True
        )
        size = config.hidden_size
        self.forward_layers, self.backward_layers = (
            nn.ModuleList(
                nn.LSTM(2 * size if layer else self.features.output_size, size)
                for layer in range(config.layers)
            )
            for _ in range(2)
        )
        self.biaffine = Biaffine(2 * size, config.span_rank)
        nn.init.normal_(self.features.embedding.weight, std=0.1)
        nn.init.normal_(self.features.subwords.weight, std=0.1)

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[Example]:
        """See ``ChartParser``."""
        index: dict[str, int] = {}
        first = len(SPECIAL_WORDS)
        indices = [
            np.array([index.setdefault(word, len(index) + first) for word in words], np.int64)
            for words in sentences
        ]
        types = WordTypes(*map(torch.from_numpy, self.features.encode([*SPECIAL_WORDS, *index])))
        return [Example(row, types) for row in indices]

    def batches(self, examples: Sequence[Example]) -> list[list[int]]:
        """See ``ChartParser``."""
        lengths = [len(example.indices) for example in examples]
        return bucket_by_length(lengths, batch_size=_batch_size, longest_first=True)

    def collate(self, examples: Sequence[Example]) -> Batch:
        """See ``ChartParser``."""
        types = examples[0].types
        lengths = np.array([len(example.indices) for example in examples])
        indices = np.full((lengths.max() + 2, len(examples)), END)
        indices[0] = START
        for column, example in enumerate(examples):
            indices[1 : 1 + len(example.indices), column] = example.indices
        distinct, inverse = np.unique(indices, return_inverse=True)
        return Batch(
            WordTypes(types.words[distinct], types.subwords[distinct]),
            torch.from_numpy(inverse.reshape(indices.shape)),
            torch.from_numpy(lengths),
        )

    def forward(self, batch: Batch) -> Tensor:
        """Score spans.

        Returns:
            ``(batch, n + 1, n + 1)``, see ``cky.inside``.
        """
        words, indices, lengths = batch.types.words, batch.indices, batch.lengths
        if self.training:
            dropped = torch.rand(len(words), device=words.device) < self.word_dropout
            words = words.masked_fill(dropped, 0)
        table = self.features(words, batch.types.subwords).to(self._dtype)
        x = table.index_select(0, indices.flatten()).view(*indices.shape, -1)
        # Index that reverses each sentence without its padding. Faster than packed sequences,
        # which cannot use the fused LSTM.
        steps, size = indices.shape
        step = torch.arange(steps, device=x.device)[:, None]
        reverse = torch.where(step < lengths + 2, lengths + 1 - step, step)
        reverse = (reverse * size + torch.arange(size, device=x.device)).flatten()
        forward = backward = x
        for forward_lstm, backward_lstm in zip(
            self.forward_layers, self.backward_layers, strict=True
        ):
            x = variational_dropout(x, self.biaffine.dropout) if self.training else x
            forward = self._run(forward_lstm, x)
            backward = _permute(self._run(backward_lstm, _permute(x, reverse)), reverse)
            x = torch.cat((forward, backward), -1)
        return self.biaffine(torch.cat((forward[:-1], backward[1:]), -1))

    def reduce_precision(self) -> None:
        """Compute the states of the LSTMs and their projections in bfloat16; see
        ``ChartParser``."""
        projections = self.biaffine.start_projection, self.biaffine.end_projection
        for module in (self.forward_layers, self.backward_layers, *projections):
            module.bfloat16()

    @property
    def _dtype(self) -> torch.dtype:
        """In which the LSTMs compute."""
        return next(self.forward_layers.parameters()).dtype

    def _run(self, lstm: nn.Module, x: Tensor) -> Tensor:
        """The states of an LSTM, ``(steps, batch, hidden_size)``."""
        kind = x.device.type
        if torch.is_autocast_enabled(kind) and kind == "cpu" and not multiplies_bfloat16(x.device):
            with torch.autocast(kind, enabled=False):  # oneDNN may lack such an LSTM there
                return self._run(lstm, x.float())
        # Not by calling the module, which checks again at each call what is known here.
        zeros = x.new_zeros(1, x.shape[1], self.config.hidden_size)
        weights: list[Tensor] = [*lstm.parameters()]  # W, U and their biases
        if self.training and self.weight_dropout:
            weights[1] = functional.dropout(weights[1], self.weight_dropout)
            weights = _in_one_piece(weights) if x.is_cuda else weights
        states, _, _ = torch.lstm(
            x, (zeros, zeros), weights, True, 1, 0.0, self.training, False, False
        )
        return states

    def _words(self) -> Sequence[str]:
        return self.features.vocabulary.words

    @classmethod
    def _build(cls, config: dict[str, Any], words: Sequence[str], _encoder: Any) -> LSTMParser:
        return cls(words, cls._model_config(config))


def load_embedded() -> LSTMParser:
    """Load the parser that is included in the package."""
    return LSTMParser.load(PARSER)


def _batch_size(n: int) -> int:
    """How many sentences of at most ``n`` words are a batch."""
    return max(1, min(BATCH_WORDS // (n + 2), BATCH_CELLS // (n + 1) ** 2))


def _in_one_piece(weights: Sequence[Tensor]) -> list[Tensor]:
    """The same weights in one piece of memory, one after the other, as cuDNN wants them."""
    piece = torch.cat([weight.flatten() for weight in weights])
    parts = piece.split([weight.numel() for weight in weights])
    return [part.view(weight.shape) for part, weight in zip(parts, weights, strict=True)]


def _permute(x: Tensor, index: Tensor) -> Tensor:
    """``(steps, batch, size)`` with its first two dimensions flattened and reordered."""
    return x.flatten(0, 1).index_select(0, index).view(x.shape)
