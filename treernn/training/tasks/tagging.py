"""Training of taggers of words or of frames.

AdamW with a linearly decaying learning rate; word vectors are trained by plain SGD, as for
sentiment. Word dropout makes some words unknown, so that their prefixes, suffixes and shape learn
to represent them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.checks import check_fractions, check_non_negative, check_sizes
from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.models.tagger import UNTAGGED, Frames, Tagger, TaggerConfig
from treernn.models.vocabulary import UNKNOWN_WORD, build_vocabulary, fill_embedding
from treernn.models.word_embeddings import WordFeatures, normalize
from treernn.training.data.provenance import fingerprint
from treernn.training.data.reading import Tagged
from treernn.training.loop.optimizers import SGD, AdamW
from treernn.training.loop.settings import TrainingSettings
from treernn.training.loop.task import Prepared, Task, shuffled
from treernn.training.tasks.new_model import new_model
from treernn.types import Splits


@dataclass(frozen=True, kw_only=True)
class TaggingSettings(TrainingSettings):
    """How a tagger is trained; the defaults are for words.

    Attributes:
        model: its ``embedding_size`` is replaced by that of pretrained word vectors, and its
            ``frame_size`` by that of the frames.
        word_dropout: probability that a word of a batch becomes unknown.
        embedding_learning_rate: of the word vectors, at the start.
        min_count: words that occur less often in the training data are unknown words, unless they
            have a pretrained vector.
    """

    model: TaggerConfig = TaggerConfig(100)
    epochs: int = 12
    patience: int = 6
    batch_size: int = 16
    learning_rate: float = 2e-3
    embedding_learning_rate: float = 0.1
    weight_decay: float = 1e-2
    ema_decay: float = 0.998
    word_dropout: float = 0.1
    min_count: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_non_negative(self, "embedding_learning_rate")
        check_fractions(self, "word_dropout")
        check_sizes(self, "min_count")


def new_tagger(
    settings: TaggingSettings,
    train: Sequence[Tagged],
    vectors: WordVectors | None = None,
    max_vectors: int = 50_000,
) -> Tagger:
    """An untrained tagger; global random state is left as it was.

    Args:
        settings: configuration and seed.
        train: training data: the words and tags to know, or the mean and standard deviation of
            frames.
        vectors: initial vectors; words without one get small random vectors.
        max_vectors: how many of the first, most frequent, words of ``vectors`` get rows too.

    Raises:
        InputError: the data are empty or faulty.
    """
    _check("train", train)
    first, config = train[0][0], settings.model
    with new_model(settings.seed):
        if isinstance(first, np.ndarray):
            frame_size = first.shape[1]
            config = replace(config, frame_size=frame_size, subword_size=0, subword_rows=0)
            model = Tagger(config, tag_names(train))
            _standardise(model.inputs, train)
            return model
        extra: Sequence[str] = ()
        if vectors is not None:
            extra = vectors.words[:max_vectors]
            config = replace(config, embedding_size=vectors.dimension)
        sentences = ((normalize(word).lower() for word in words) for words, _ in train)
        words = build_vocabulary(
            [UNKNOWN_WORD], sentences, min_count=settings.min_count, extra=extra
        )
        model = Tagger(config, tag_names(train), words)
        table = model.get_parameter("inputs.embedding.weight").data
        table.normal_(std=0.05)
    table[0] = 0
    fill_embedding(table, words, vectors)
    return model


def tag_names(sequences: Sequence[Tagged]) -> list[str]:
    """All tags that occur, sorted."""
    return sorted({tag for _, tags in sequences for tag in tags})


def _standardise(inputs: Any, train: Sequence[Tagged]) -> None:
    """Set mean and standard deviation of frames; a constant feature keeps its scale."""
    assert isinstance(inputs, Frames)
    frames = np.concatenate([frames for frames, _ in train]).astype(np.float64)
    deviation = frames.std(0)
    inputs.mean.copy_(torch.from_numpy(frames.mean(0)))
    inputs.std.copy_(torch.from_numpy(np.where(deviation > 0, deviation, 1)))


class TaggingTask(Task[Tagger, TaggingSettings]):
    """Training of a tagger.

    Metrics of an epoch: ``loss`` per sequence in nats, ``dev_accuracy`` over steps in %, and
    ``dev_loss`` per step in nats, without steps whose tag is not in the training data.

    Args:
        model: untrained, see ``new_tagger``.
        data: sequences with their tags.
        settings: how to train.

    Raises:
        InputError: there are no sequences, or tags and steps differ in number.
    """

    def __init__(self, model: Tagger, data: Splits[Tagged], settings: TaggingSettings) -> None:
        _check("train", data.train)
        _check("dev", data.dev)
        super().__init__(model, data, settings)
        self._examples = model.encode(*zip(*data.train, strict=True))
        tables = [model.inputs.embedding.weight] if isinstance(model.inputs, WordFeatures) else []
        others = [weight for weight in model.parameters() if all(weight is not t for t in tables)]
        lr, decay = settings.learning_rate, settings.weight_decay
        self.optimizers = [AdamW(others, lr, weight_decay=decay, fused=True)]
        if tables:
            self.optimizers.append(SGD(tables, settings.embedding_learning_rate))

    def batches(self, rng: np.random.Generator) -> list[list[int]]:
        return shuffled(len(self._examples), self.settings.batch_size, rng)

    def sizes(self, examples: Sequence[int]) -> list[int]:
        return [len(self._examples[i].tags) for i in examples]

    def divisor(self, batch: Sequence[int]) -> int:
        return sum(self.sizes(batch))

    def prepare(self, batch: Sequence[int]) -> Prepared:
        inputs = self.model.collate([self._examples[i] for i in batch])
        return Prepared(inputs, None)

    def scores(self, inputs: Any) -> Tensor:
        if isinstance(self.model.inputs, WordFeatures) and self.settings.word_dropout:
            rows, parts = inputs.inputs
            unknown = torch.rand(len(rows), device=rows.device) < self.settings.word_dropout
            inputs = inputs._replace(inputs=(rows.masked_fill(unknown, 0), parts))
        return self.model(inputs)

    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        tags = prepared.inputs.tags
        return F.cross_entropy(scores, tags, reduction="sum", ignore_index=UNTAGGED)

    def evaluate(self, model: Tagger) -> dict[str, float | None]:
        predicted = np.concatenate(model.distributions([steps for steps, _ in self.data.dev]))
        number = {tag: n for n, tag in enumerate(model.tags)}
        gold = np.array([number.get(tag, UNTAGGED) for _, tags in self.data.dev for tag in tags])
        known = gold != UNTAGGED
        loss = -np.log(predicted[known, gold[known]].clip(1e-9)).mean() if known.any() else 0.0
        accuracy = 100 * float((predicted.argmax(1) == gold).mean())
        return {"dev_accuracy": accuracy, "dev_loss": float(loss)}

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        return metrics["dev_accuracy"], -metrics["dev_loss"]

    @staticmethod
    def summary(examples: Sequence[Tagged]) -> dict[str, Any]:
        plain_values = (
            (
                hashlib.sha256(steps.tobytes()).hexdigest()
                if isinstance(steps, np.ndarray)
                else steps,
                tags,
            )
            for steps, tags in examples
        )
        return {
            "sequences": len(examples),
            "steps": sum(len(tags) for _, tags in examples),
            "sha256": fingerprint(plain_values),
        }


def _check(name: str, sequences: Sequence[Tagged]) -> None:
    if not sequences:
        raise InputError(f"no {name} sequences")
    shapes = {steps.shape[1:] for steps, _ in sequences if isinstance(steps, np.ndarray)}
    if len(shapes) > 1:
        raise InputError(f"{name} frames of different sizes: {', '.join(map(str, sorted(shapes)))}")
    for number, (steps, tags) in enumerate(sequences, 1):
        if len(steps) != len(tags) or not len(steps):
            raise InputError(
                f"{name} sequence {number} has {len(tags)} tags for {len(steps)} steps, expected "
                "the same number, at least one"
            )
