"""Settings of the parsers, on word vectors or on a pretrained encoder."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from treernn.checks import check_fractions, check_non_negative
from treernn.errors import InputError
from treernn.parsing.chart_parser import ChartParser
from treernn.parsing.encoder_parser import EncoderParser, EncoderParserConfig
from treernn.parsing.lstm_parser import LSTMParser, LSTMParserConfig
from treernn.training.loop.optimizers import AdamW, SparseAdam
from treernn.training.loop.settings import TrainingSettings
from treernn.training.tasks.fine_tuning import FineTuningSettings


@dataclass(frozen=True, kw_only=True)
class ParserSettings(TrainingSettings):
    """How a parser is trained.

    Attributes:
        batch_size: mean number of sentences per step. The sentences of a step are of similar
            length, and all steps have about the same number of words.
        dropout: dropout probability of inputs, states and boundary representations; the mask is
            the same at each word of a sentence.
        phrase_ratio: phrases that each epoch adds as sentences of their own, sampled again for
            each epoch, relative to the number of trees in the epoch.
    """

    patience: int = 8
    warmup_ratio: float = 0.02
    max_grad_norm: float = 5.0
    ema_decay: float = 0.998
    dropout: float
    phrase_ratio: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fractions(self, "dropout")
        check_non_negative(self, "phrase_ratio")
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate is {self.learning_rate}, expected more than 0")

    def optimizers(self, parser: ChartParser) -> list[torch.optim.Optimizer]:
        """Optimizers of all trainable weights."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class LSTMParserSettings(ParserSettings):
    """How a parser on word vectors is trained.

    Attributes:
        model: its ``embedding_size`` is replaced by that of pretrained word vectors.
        weight_dropout: dropout probability of the recurrent weights (Merity, Keskar and Socher
            2018).
        word_dropout: probability that a distinct word of a batch becomes unknown, so that its
            prefixes, suffixes and shape learn to represent it.
    """

    model: LSTMParserConfig = LSTMParserConfig()
    epochs: int = 24
    batch_size: int = 40
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    dropout: float = 0.45
    weight_dropout: float = 0.2
    word_dropout: float = 0.15
    phrase_ratio: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fractions(self, "weight_dropout", "word_dropout")

    def optimizers(self, parser: ChartParser) -> list[torch.optim.Optimizer]:
        """AdamW, and SparseAdam for the embedding tables."""
        assert isinstance(parser, LSTMParser)
        tables = [parser.features.embedding.weight, parser.features.subwords.weight]
        in_tables = {id(table) for table in tables}
        others = [weight for weight in parser.parameters() if id(weight) not in in_tables]
        betas, lr = (0.9, 0.99), self.learning_rate
        decay = self.weight_decay
        return [
            AdamW(others, lr, betas=betas, weight_decay=decay, fused=True),
            SparseAdam(tables, lr, betas=betas),
        ]


@dataclass(frozen=True, kw_only=True)
class EncoderParserSettings(FineTuningSettings, ParserSettings):
    """How a parser on an encoder is trained; see both base classes."""

    model: EncoderParserConfig = EncoderParserConfig()
    epochs: int = 5
    batch_size: int = 32
    dropout: float = 0.3
    phrase_ratio: float = 0.0
    tuning: str = "full"

    def optimizers(self, parser: ChartParser) -> list[torch.optim.Optimizer]:
        """AdamW."""
        assert isinstance(parser, EncoderParser)
        return [self.adamw(parser, parser.encoder)]
