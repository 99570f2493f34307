"""Settings of the sentiment models: trees, chains and averages, on word vectors or an encoder.

On word vectors the optimizer is that of Tai et al. (2015, section 5.4), AdaGrad with L2; the word
vectors are trained by plain SGD without L2. It is the same for every structure, so that structures
can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from treernn.checks import brief, check_fractions, check_non_negative
from treernn.encoders.encoder import Encoder
from treernn.errors import InputError
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.phrase_classifier import PhraseClassifier, PhraseConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.models.weights import STORAGE_DTYPES
from treernn.training.loop.optimizers import SGD, Adagrad
from treernn.training.loop.settings import TrainingSettings
from treernn.training.tasks.fine_tuning import FineTuningSettings


@dataclass(frozen=True, kw_only=True)
class SentimentSettings(TrainingSettings):
    """How a sentiment model is trained; a batch consists of trees with all their phrases.

    Attributes:
        model: its ``embedding_size`` is replaced by that of pretrained word vectors.
        embedding_learning_rate: of the word vectors.
        phrase_ratio: phrases of at least four words that each epoch adds as sentences of their
            own, sampled again for each epoch, relative to the number of trees in the epoch.
        storage_dtype: how the word vectors, or the encoder's trained weights, are stored:
            ``float32``, ``float16``, or ``int8`` with a scale for each row.
    """

    CLASSIFIER: ClassVar[type[PhraseClassifier]]

    model: PhraseConfig
    epochs: int = 26
    patience: int = 8
    batch_size: int = 25
    learning_rate: float = 0.05
    lr_schedule: str = "constant"
    embedding_learning_rate: float = 0.3
    weight_decay: float = 1e-4
    ema_decay: float = 0.9995
    phrase_ratio: float = 0.0
    storage_dtype: str = "float16"

    def __post_init__(self) -> None:
        if self.storage_dtype not in STORAGE_DTYPES:
            expected = ", ".join(STORAGE_DTYPES)
            raise InputError(f"storage_dtype is {brief(self.storage_dtype)}, expected {expected}")
        super().__post_init__()
        check_non_negative(self, "embedding_learning_rate", "phrase_ratio")

    def optimizers(self, model: PhraseClassifier) -> list[torch.optim.Optimizer]:
        """AdaGrad with L2, and SGD for the word vectors."""
        table = model.get_parameter("embedding.weight")
        others = [weight for weight in model.parameters() if weight is not table]
        return [
            Adagrad(others, self.learning_rate, weight_decay=self.weight_decay),
            SGD([table], self.embedding_learning_rate),
        ]


@dataclass(frozen=True, kw_only=True)
class TreeSettings(SentimentSettings):
    """How a tree classifier is trained.

    Attributes:
        label_smoothing: probability that the target moves from the gold class to its neighbours,
            in equal parts.
        root_weight: factor of the loss at roots.
    """

    CLASSIFIER = TreeClassifier

    model: TreeConfig = TreeConfig(100)
    label_smoothing: float = 0.0
    root_weight: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_non_negative(self, "root_weight")
        check_fractions(self, "label_smoothing")


@dataclass(frozen=True, kw_only=True)
class ChainSettings(SentimentSettings):
    """How a chain classifier is trained: every labelled phrase is one chain over its words, as for
    the sequential models of Tai et al. (2015, section 5.1)."""

    CLASSIFIER = ChainClassifier

    model: ChainConfig = ChainConfig(100)


@dataclass(frozen=True, kw_only=True)
class AverageSettings(SentimentSettings):
    """How a classifier of averaged word vectors is trained."""

    CLASSIFIER = AverageClassifier

    model: AverageConfig = AverageConfig(100)


@dataclass(frozen=True, kw_only=True)
class EncoderSettings(FineTuningSettings, SentimentSettings):
    """How a sentiment model on a pretrained encoder is trained; see both base classes.

    Attributes:
        model: its ``embedding_size`` is replaced by that of the encoder.
    """

    lr_schedule: str = "linear"
    epochs: int = 4
    batch_size: int = 16
    phrase_ratio: float = 1.0

    def optimizers(self, model: PhraseClassifier) -> list[torch.optim.Optimizer]:
        """AdamW."""
        assert isinstance(model.embedding, Encoder)
        return [self.adamw(model, model.embedding)]


@dataclass(frozen=True, kw_only=True)
class EncoderTreeSettings(EncoderSettings, TreeSettings):
    """How a tree on an encoder is trained."""

    model: TreeConfig = TreeConfig(384, hidden_size=300, dropout=0.3)
    root_weight: float = 3.0


@dataclass(frozen=True, kw_only=True)
class EncoderAverageSettings(EncoderSettings, AverageSettings):
    """How the average of an encoder's vectors over a phrase is trained."""

    model: AverageConfig = AverageConfig(384, hidden_size=300, tanh=True, dropout=0.3)


STRUCTURES: dict[str, tuple[type[SentimentSettings], type[EncoderSettings] | None]] = {
    "tree": (TreeSettings, EncoderTreeSettings),
    "chain": (ChainSettings, None),
    "average": (AverageSettings, EncoderAverageSettings),
}
"""By structure: the settings on word vectors, and on an encoder where that is possible."""
