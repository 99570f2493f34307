"""How parsers are trained: over word vectors, or on a pretrained encoder that learns along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from treernn.checks import check_fractions, check_non_negative, check_sizes
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.models.word_embeddings import normalize
from treernn.parsing.chart_parser import ChartParser
from treernn.parsing.encoder_parser import EncoderParser, EncoderParserConfig
from treernn.parsing.lstm_parser import SPECIAL_WORDS, LSTMParser, LSTMParserConfig
from treernn.training.fine_tuning import FineTuning, check_rising, clip_and_rate
from treernn.training.settings import TrainingSettings
from treernn.types import Tree


@dataclass(frozen=True, kw_only=True)
class ParserSettings(TrainingSettings):
    """How a parser is trained.

    Attributes:
        batch_size: sentences per step on average: those of a step are of like length, and have
            about as many words as those of any other.
        phrases: how many phrases of the trees each epoch sees besides, drawn anew, as a share of
            the trees; people write phrases too.
        span_rank: of the biaffine form that scores a span, see ``Biaffine``.
        warm_up: share of the run in which the learning rates rise; they fall to zero over it.
        clip: the longest gradient, of all weights but word vectors together.
    """

    patience: int = 8
    ema_decay: float = 0.998
    phrases: float = 0.5
    span_rank: int = 128
    warm_up: float = 0.02
    clip: float = 5.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_non_negative(self, "phrases")
        check_sizes(self, "span_rank")
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate is {self.learning_rate}, expected more than 0")
        check_rising(self)

    def new(
        self, trees: Sequence[Tree], vectors: WordVectors | None, frequent: int = 0
    ) -> ChartParser:
        """An untrained parser for the words of ``trees``; see the settings of its kind."""
        raise NotImplementedError

    def optimizers(self, parser: ChartParser) -> list[torch.optim.Optimizer]:
        """Of all that learns; each group knows its ``highest`` learning rate."""
        raise NotImplementedError

    def before_step(self, optimizers: Sequence[torch.optim.Optimizer], done: float) -> None:
        """Clip the gradient and set the learning rates of a step, when the share ``done`` of the
        run lies behind."""
        clip_and_rate(optimizers, self.clip, self.warm_up, done)

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        """What the best epoch is best in: the brackets of the dev trees."""
        return (epoch["dev_f1"],)


@dataclass(frozen=True)
class LSTMParserSettings(ParserSettings):
    """How a parser over word vectors is trained, by Adam.

    Attributes:
        dropout: see ``Biaffine``.
        weight_dropout, word_dropout: see ``LSTMParser``.
        hidden_size, layers: see ``LSTMParserConfig``.
    """

    dropout: float = 0.45
    epochs: int = 24
    batch_size: int = 40
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    weight_dropout: float = 0.2
    word_dropout: float = 0.15
    hidden_size: int = 200
    layers: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fractions(self, "weight_dropout", "word_dropout")
        self._config(1)  # has its own checks

    def _config(self, embedding_size: int) -> LSTMParserConfig:
        return LSTMParserConfig(
            embedding_size,
            hidden_size=self.hidden_size,
            layers=self.layers,
            span_rank=self.span_rank,
        )

    def new(
        self, trees: Sequence[Tree], vectors: WordVectors | None, frequent: int = 50_000
    ) -> LSTMParser:
        """An untrained parser over word vectors.

        Args:
            trees: whose words have rows of their own.
            vectors: what the rows of these words begin with; others begin with zeros, and all
                without them.
            frequent: how many of the most frequent words of ``vectors`` have rows too.
        """
        known = () if vectors is None else vectors.words
        words = parser_vocabulary(trees, known, frequent)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            size = LSTMParserConfig.embedding_size if vectors is None else vectors.dimension
            parser = LSTMParser(words, self._config(size))
        parser.biaffine.dropout, parser.weight_dropout = self.dropout, self.weight_dropout
        parser.word_dropout = self.word_dropout
        row = {word: number for number, word in enumerate(words)}
        pairs = [(row[word], place) for place, word in enumerate(known) if word in row]
        table = parser.features.embedding.weight.data.zero_()
        if vectors is not None and pairs:
            into, place = map(list, zip(*pairs, strict=True))
            table[into] = torch.from_numpy(vectors.vectors[place])
        return parser

    def optimizers(self, parser: ChartParser) -> list[torch.optim.Optimizer]:
        """Adam; that of the tables changes the rows alone that a step saw."""
        assert isinstance(parser, LSTMParser)
        tables = [parser.features.embedding.weight, parser.features.subwords.weight]
        known = {id(table) for table in tables}
        others = [weight for weight in parser.parameters() if id(weight) not in known]
        betas = (0.9, 0.99)
        optimizers = [
            torch.optim.AdamW(
                others,
                self.learning_rate,
                betas=betas,
                weight_decay=self.weight_decay,
                fused=True,
            ),
            torch.optim.SparseAdam(tables, self.learning_rate, betas=betas),
        ]
        for optimizer in optimizers:
            optimizer.param_groups[0]["highest"] = self.learning_rate
        return optimizers


@dataclass(frozen=True)
class EncoderParserSettings(FineTuning, ParserSettings):
    """How a parser on an encoder is trained; see both."""

    dropout: float = 0.3
    epochs: int = 5
    batch_size: int = 32
    ema_decay: float = 0.99
    phrases: float = 0.0
    tuning: str = "full"

    def new(
        self, _trees: Sequence[Tree] = (), _vectors: WordVectors | None = None, _frequent: int = 0
    ) -> EncoderParser:
        """An untrained parser on the encoder, which has words and vectors of its own.

        Raises:
            ModelError, InputError: as ``treernn.encoders.encoder.load_encoder``.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            parser = EncoderParser(self.new_encoder(), EncoderParserConfig(self.span_rank))
        parser.biaffine.dropout = self.dropout
        return parser

    def optimizers(self, parser: ChartParser) -> list[torch.optim.Optimizer]:
        """AdamW for all that learns."""
        assert isinstance(parser, EncoderParser)
        return [self.adamw(parser, parser.encoder)]


def parser_vocabulary(trees: Sequence[Tree], frequent: Sequence[str], size: int) -> list[str]:
    """Words of the treebank, the most common first, then the first ``size`` of a frequency list.

    All in lower case, in the treebank's spelling (see ``normalize``), after ``SPECIAL_WORDS``.
    """
    counts = Counter(normalize(word).lower() for tree in trees for word in tree.words)
    words = dict.fromkeys(SPECIAL_WORDS)
    words.update(dict.fromkeys(word for word, _ in counts.most_common()))
    words.update(dict.fromkeys(frequent[:size]))
    return list(words)
