"""Training of translators.

AdamW with warm-up, linear decay and gradient clipping; label smoothing (Szegedy et al. 2016,
section 7); word dropout on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.batching import bucket_by_length
from treernn.checks import check_fractions, check_sizes
from treernn.corpora.parallel import Pair
from treernn.errors import InputError
from treernn.evaluation.translation import translation_metrics
from treernn.models.averaging import trainings
from treernn.models.decoder import END, SPECIAL_WORDS, UNKNOWN, collate_targets
from treernn.models.storage import read_config
from treernn.models.translator import (
    Translator,
    TranslatorConfig,
    collate_sources,
    tokenize_source,
    tokenize_target,
)
from treernn.models.vocabulary import build_vocabulary
from treernn.training.data.provenance import fingerprint
from treernn.training.loop.optimizers import AdamW
from treernn.training.loop.settings import TrainingSettings
from treernn.training.loop.task import Prepared, Task
from treernn.training.tasks.new_model import new_model
from treernn.transfer import to_device
from treernn.types import Splits

_EVAL_BATCH = 256  # sentences


@dataclass(frozen=True, kw_only=True)
class TranslationSettings(TrainingSettings):
    """How a translator is trained.

    Attributes:
        word_dropout: probability that an input character or word becomes unknown.
        label_smoothing: probability of the target that is spread over all words.
        min_count: occurrences in the training pairs that a word of the vocabulary needs.
    """

    model: TranslatorConfig = TranslatorConfig()
    epochs: int = 14
    patience: int = 14
    batch_size: int = 64
    learning_rate: float = 0.002
    warmup_ratio: float = 0.02
    max_grad_norm: float = 1.0
    weight_decay: float = 0.0
    ema_decay: float = 0.998
    word_dropout: float = 0.1
    label_smoothing: float = 0.1
    min_count: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fractions(self, "word_dropout", "label_smoothing")
        check_sizes(self, "min_count")


def new_translator(settings: TranslationSettings, train: Sequence[Pair]) -> Translator:
    """An untrained translator with the vocabularies of ``train``; global random state is left as it
    was."""
    source = (tokenize_source(pair.chinese) for pair in train)
    target = (tokenize_target(pair.english) for pair in train)
    with new_model(settings.seed):
        return Translator(
            settings.model,
            build_vocabulary(SPECIAL_WORDS, source, min_count=settings.min_count),
            build_vocabulary(SPECIAL_WORDS, target, min_count=settings.min_count),
        )


class TranslationTask(Task[Translator, TranslationSettings]):
    """Training of a translator.

    Metrics of an epoch: ``loss`` per pair and ``dev_loss`` per word, without label smoothing, in
    nats; ``dev_bleu``, BLEU of greedy translations.

    Args:
        model: untrained, see ``new_translator``.
        data: sentence pairs.
        settings: how to train.

    Raises:
        InputError: there are no pairs.
    """

    def __init__(
        self, model: Translator, data: Splits[Pair], settings: TranslationSettings
    ) -> None:
        for name, pairs in (("train", data.train), ("dev", data.dev)):
            if not pairs:
                raise InputError(f"no {name} pairs")
        super().__init__(model, data, settings)
        self._examples = _encode(model, data.train)
        self._dev_examples = sorted(_encode(model, data.dev), key=lambda pair: len(pair[1]))
        lr, decay = settings.learning_rate, settings.weight_decay
        weights = model.parameters()
        self.optimizers = [AdamW(weights, lr, weight_decay=decay, fused=True)]

    def batches(self, rng: np.random.Generator) -> list[list[int]]:
        """Pairs of similar length, of the translation in the first place."""
        lengths = [len(target) * 1000 + len(source) for source, target in self._examples]
        return bucket_by_length(lengths, batch_size=self.settings.batch_size, rng=rng)

    def sizes(self, examples: Sequence[int]) -> list[int]:
        return [sum(map(len, self._examples[i])) for i in examples]

    def divisor(self, batch: Sequence[int]) -> int:
        return sum(len(self._examples[i][1]) + 1 for i in batch)  # words and the mark of the end

    def prepare(self, batch: Sequence[int]) -> Prepared:
        source = collate_sources([self._examples[i][0] for i in batch])
        target = collate_targets([self._examples[i][1] for i in batch])
        return Prepared((source, target), target.labels)

    def scores(self, inputs: Any) -> Tensor:
        return self.model(
            *(each._replace(input_ids=self._drop_words(each.input_ids)) for each in inputs)
        )

    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        smoothing = self.settings.label_smoothing
        return F.cross_entropy(scores, prepared.targets, label_smoothing=smoothing, reduction="sum")

    def _drop_words(self, rows: Tensor) -> Tensor:
        """Word dropout; marks are never dropped."""
        drawn = torch.rand(len(rows), device=rows.device)
        dropped = (drawn < self.settings.word_dropout) & (rows != END)
        return rows.masked_fill(dropped, UNKNOWN)

    def evaluate(self, model: Translator) -> dict[str, float | None]:
        loss, count = 0.0, 0
        with torch.inference_mode():
            for start in range(0, len(self._dev_examples), _EVAL_BATCH):
                batch = self._dev_examples[start : start + _EVAL_BATCH]
                source, target = zip(*batch, strict=True)
                both = collate_sources(source), collate_targets(target)
                inputs, wanted = to_device(both, model.device)
                scores = model(inputs, wanted)
                loss += float(F.cross_entropy(scores, wanted.labels, reduction="sum"))
                count += len(wanted.labels)
        chinese = [pair.chinese for pair in self.data.dev]
        translations = model.translate(chinese, beam_size=1, batch_size=_EVAL_BATCH)
        references = [pair.english for pair in self.data.dev]
        bleu = translation_metrics(translations, references).bleu
        return {"dev_loss": loss / count, "dev_bleu": bleu}

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        return metrics["dev_bleu"], -metrics["dev_loss"]

    @staticmethod
    def summary(examples: Sequence[Pair]) -> dict[str, Any]:
        return {"pairs": len(examples), "sha256": fingerprint(pair[:2] for pair in examples)}


def check_held_out(model: Path, data: Splits[Pair]) -> None:
    """Check that the test part of ``data`` was not used in training.

    Args:
        model: the model folder.
        data: the data to evaluate on.

    Raises:
        InputError: the model was trained on other train or dev parts.
        ModelError: the folder holds no translation model.
    """
    known = {name: TranslationTask.summary(getattr(data, name)) for name in ("train", "dev")}
    behind = trainings(read_config(model, Translator.KIND))
    if not behind or any(each.get("data") != known for each in behind):
        raise InputError(
            f"{model} was not trained on the train and dev parts of this file, so it may know the "
            "test part; evaluate it with the file that it was trained on"
        )


def _encode(model: Translator, pairs: Sequence[Pair]) -> list[tuple[np.ndarray, np.ndarray]]:
    return [
        (model.encode_source(pair.chinese), model.encode_target(pair.english)) for pair in pairs
    ]
