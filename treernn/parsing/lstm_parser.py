"""The embedded parser: a bidirectional LSTM scores every span, CKY finds the best tree.

A word is its vector together with vectors of its beginnings, endings and shape, so that unknown
words are not blank. The states of the LSTM on both sides of the gap between two words stand for
the boundary there (Stern et al. 2017), and a biaffine form of two boundaries scores the span
between them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from treernn.checks import check_sizes
from treernn.errors import InputError
from treernn.models.pretrained import PARSER
from treernn.models.storage import load_model, packed, save_folder
from treernn.models.word_features import WordFeatures
from treernn.parsing.biaffine import Biaffine, drop_alike
from treernn.parsing.chart_parser import ChartParser, Charts

SPECIAL_WORDS = ("<unk>", "<s>", "</s>")
START, END = 1, 2

# What one batch may hold. Cells are those of the square charts, so that a few long sentences
# need no more memory than many short ones.
BATCH_WORDS = 2048
BATCH_CELLS = 1 << 18


@dataclass(frozen=True)
class LSTMParserConfig:
    """The sizes of a parser.

    Attributes:
        embedding_size: length of a word vector.
        subword_size: length of the vector that a word's parts sum up to.
        subword_rows: rows of the table into which the parts are hashed.
        hidden_size: length of an LSTM state, for each direction.
        layers: number of LSTM layers.
        span_rank: length of the two views of a boundary whose biaffine form scores a span.

    Raises:
        InputError: a size that cannot be.
    """

    embedding_size: int = 100
    subword_size: int = 64
    subword_rows: int = 8192
    hidden_size: int = 200
    layers: int = 2
    span_rank: int = 128

    def __post_init__(self) -> None:
        check_sizes(self, *asdict(self))


class LSTMParser(ChartParser):
    """A bidirectional LSTM over word vectors; a ``Parser``.

    Args:
        vocabulary: one word per row of the word vectors; begins with ``SPECIAL_WORDS``.
        config: the sizes.

    Attributes:
        dropout: share of the inputs, states and boundary views left out in training, the same
            ones at each word of a sentence.
        weight_dropout: share of the weights from state to state left out in training (Merity,
            Keskar and Socher 2018).
        word_dropout: share of the different words of a batch that training makes unknown, so that
            their parts learn to stand for them.
    """

    KIND = "lstm-parser"

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
        sizes = [self.features.output_size] + [2 * config.hidden_size] * (config.layers - 1)
        self.forwards = nn.ModuleList(nn.LSTM(size, config.hidden_size) for size in sizes)
        self.backwards = nn.ModuleList(nn.LSTM(size, config.hidden_size) for size in sizes)
        self.biaffine = Biaffine(2 * config.hidden_size, config.span_rank)
        nn.init.normal_(self.features.embedding.weight, std=0.1)
        nn.init.normal_(self.features.subwords.weight, std=0.1)

    @property
    def dropout(self) -> float:
        """See above."""
        return self.biaffine.dropout

    @dropout.setter
    def dropout(self, share: float) -> None:
        self.biaffine.dropout = share

    def _encode(self, types: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Word and subword rows of ``SPECIAL_WORDS`` and ``types``, see ``WordFeatures``."""
        rows, subwords = self.features.encode([*SPECIAL_WORDS, *types])
        return torch.from_numpy(rows), torch.from_numpy(subwords)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """A score for each span.

        Args:
            inputs: ``(n + 2, batch, embedding_size + subword_size)``, vectors of the words between
                the marks for start and end; what comes after them changes nothing before.
            lengths: ``(batch,)``, words per sentence without the marks.

        Returns:
            ``(batch, n + 1, n + 1)``, as ``cky.best_splits`` takes it.
        """
        # Turning each sentence round in its place costs less than packed sequences, which leave
        # the fused LSTM unused.
        steps, batch = inputs.shape[:2]
        step = torch.arange(steps, device=inputs.device)[:, None]
        turned = torch.where(step < lengths + 2, lengths + 1 - step, step)
        turn = (turned * batch + torch.arange(batch, device=inputs.device)).flatten()
        there = back = inputs
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            states = drop_alike(inputs, self.dropout) if self.training else inputs
            there = self._run(forwards, states)
            back = _rows(self._run(backwards, _rows(states, turn)), turn)
            inputs = torch.cat((there, back), -1)
        # What the forward states know of all words up to the boundary, the backward ones of all
        # from it on.
        return self.biaffine(torch.cat((there[:-1], back[1:]), -1))

    def _run(self, lstm: nn.Module, inputs: Tensor) -> Tensor:
        """The states of an LSTM, ``(steps, batch, hidden_size)``."""
        if not self.training or not self.weight_dropout:
            states, _ = lstm(inputs)
            return states
        zeros = inputs.new_zeros(1, inputs.shape[1], self.config.hidden_size)
        into, onwards, *biases = lstm.parameters()
        weights = [into, functional.dropout(onwards, self.weight_dropout), *biases]
        states, _, _ = torch.lstm(inputs, (zeros, zeros), weights, True, 1, 0.0, True, False, False)
        return states

    def charts(self, sentences: Sequence[Sequence[str]]) -> Iterator[Charts]:
        """See ``ChartParser``."""
        if not sentences:
            return
        batches = Batches(sentences)
        device = self.features.embedding.weight.device
        words, subwords = self._encode(batches.types)
        vectors = self.features(words.to(device), subwords.to(device))
        for rows, index, lengths in batches:
            inputs = vectors[torch.from_numpy(index).to(device)]
            yield Charts(rows, lengths, self(inputs, torch.from_numpy(lengths).to(device)))

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> EncodedSentences:
        """See ``ChartParser``."""
        batches = Batches(sentences)
        return EncodedSentences(batches, *self._encode(batches.types))

    def span_scores(self, encoded: EncodedSentences, rows: np.ndarray) -> Tensor:
        """See ``ChartParser``."""
        device = self.features.embedding.weight.device
        index = encoded.batches.index(rows)
        types, place = np.unique(index, return_inverse=True)
        words = encoded.words[types]
        if self.training:
            words = words.masked_fill(torch.rand(len(types)) < self.word_dropout, 0)
        vectors = self.features(words.to(device), encoded.subwords[types].to(device))
        inputs = vectors[torch.from_numpy(place.reshape(index.shape)).to(device)]
        lengths = torch.from_numpy(encoded.batches.lengths[rows])
        return self(inputs, lengths.to(device))

    def save(self, path: str | os.PathLike[str], **about: Any) -> None:
        """Write a model folder: word vectors in 8 bits with a scale per word, the rest in 16.

        Args:
            path: the folder, replaced whole if it is there.
            about: further settings for ``config.json``: how the parser was made.
        """
        tensors: dict[str, Tensor] = {}
        for name, tensor in self.state_dict().items():
            tensors |= packed(
                name, tensor, "byte" if name == "features.embedding.weight" else "half"
            )
        save_folder(
            path,
            kind=self.KIND,
            config={"model": asdict(self.config), **about},
            vocabulary=self.features.vocabulary.words,
            tensors=tensors,
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> LSTMParser:
        """The parser in a model folder, ready to parse.

        Raises:
            ModelError: the folder is missing, damaged, or does not hold a parser.
        """
        return load_model(
            path,
            cls.KIND,
            lambda folder: cls(folder.vocabulary, LSTMParserConfig(**folder.config["model"])),
        )


def load_embedded() -> LSTMParser:
    """Load the parser that is included in the package."""
    return LSTMParser.load(PARSER)


def _rows(values: Tensor, index: Tensor) -> Tensor:
    """``(steps, batch, size)`` with its steps and batches, taken as one, in another order."""
    return values.flatten(0, 1).index_select(0, index).view(values.shape)


class Batches:
    """Sentences as indices of their different words, in batches of similar length.

    Iterating gives the ``rows`` of a batch among all sentences, the ``index`` of their words,
    ``(n + 2, batch)``, marks included, and their ``lengths``, descending; all int64.

    Args:
        sentences: none of them empty.
        words: at most this many words a batch, and
        cells: at most this many chart cells, ``(n + 1)**2`` a sentence; but always one sentence.

    Attributes:
        types: the different words, whose indices count from ``len(SPECIAL_WORDS)`` on.
        lengths: words in each sentence, int64.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[str]],
        words: int = BATCH_WORDS,
        cells: int = BATCH_CELLS,
    ) -> None:
        known: dict[str, int] = {}
        special = len(SPECIAL_WORDS)
        self._flat = np.array(
            [known.setdefault(word, len(known) + special) for words in sentences for word in words],
            dtype=np.int64,
        )
        self.types = tuple(known)
        self.lengths = np.array([len(words) for words in sentences], dtype=np.int64)
        self._first = np.cumsum(self.lengths) - self.lengths
        self._words, self._cells = words, cells

    def index(self, rows: np.ndarray) -> np.ndarray:
        """The indices of the words of some sentences, longest first, ``(n + 2, len(rows))``."""
        lengths = self.lengths[rows]
        n = int(lengths[0])
        place = np.arange(n)[:, None]
        index = np.full((n + 2, len(rows)), END, dtype=np.int64)
        index[0] = START
        inside = place < lengths
        index[1:-1][inside] = self._flat[(self._first[rows] + place)[inside]]
        return index

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        order = np.argsort(-self.lengths, kind="stable")
        start = 0
        while start < len(order):
            n = int(self.lengths[order[start]])
            size = max(1, min(self._words // (n + 2), self._cells // (n + 1) ** 2))
            rows = order[start : start + size]
            yield rows, self.index(rows), self.lengths[rows]
            start += size


class EncodedSentences(NamedTuple):
    """Sentences to learn from, their words looked up.

    Attributes:
        batches: the indices of their words.
        words: word rows of ``WordFeatures.encode``.
        subwords: its subword rows.
    """

    batches: Batches
    words: Tensor
    subwords: Tensor
