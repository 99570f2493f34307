"""Training of sentiment models; their settings are in ``sentiment_settings``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.corpora.glove import WordVectors
from treernn.encoders.encoder import Encoder
from treernn.encoders.word_pieces import CONTINUATION
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.vocabulary import UNKNOWN_WORD, build_vocabulary
from treernn.models.word_embeddings import WordTable
from treernn.training.data.phrases import Phrase, extract_phrases
from treernn.training.data.provenance import fingerprint, tree_summary
from treernn.training.loop.task import Prepared, Task, shuffled, shuffled_by_length
from treernn.training.tasks.sentiment_settings import SentimentSettings, TreeSettings
from treernn.transfer import to_device
from treernn.types import LABELS, UNLABELLED, AnyTree, Splits


def vocabulary(
    trees: Sequence[AnyTree],
    vectors: WordVectors | None,
    max_vectors: int,
    word_pieces: bool = True,
) -> list[str]:
    """The rows of the embedding table.

    These are ``UNKNOWN_WORD``, the words of ``trees`` in lower case by descending frequency, and
    the first ``max_vectors`` words of ``vectors``, which are ordered by frequency.

    With ``word_pieces``, if ``vectors`` has some, they come last, and words of ``trees`` without a
    vector get no row: the model composes them of pieces, like any unknown word.
    """
    known = () if vectors is None else vectors.words
    pieces = [word for word in known if word.startswith(CONTINUATION)] if word_pieces else []
    own = {*known} if pieces else None
    words = (word.lower() for tree in trees for word in tree.words)
    sentence = (word for word in words if own is None or word in own)
    return build_vocabulary([UNKNOWN_WORD], [sentence], extra=(*known[:max_vectors], *pieces))


class SentimentTask(Task[PhraseClassifier, SentimentSettings]):
    """Training of a sentiment model.

    Metrics of an epoch: ``loss`` per tree, summed over its phrases, in nats; ``dev_root`` and
    ``dev_all``, accuracy over five classes at the roots and at all labelled nodes, in %;
    ``dev_binary``, positive against negative at the roots, None if all roots are neutral.

    Args:
        model: untrained, see ``treernn.training.tasks.initialization``.
        data: trees. Training needs a label somewhere, the choice of the best epoch a dev tree
            with a label at its root.
        settings: how to train.

    Raises:
        InputError: the trees have no labels, or wrong ones.
    """

    def __init__(
        self,
        model: PhraseClassifier,
        data: Splits[AnyTree],
        settings: SentimentSettings,
    ) -> None:
        check_trees(data)
        super().__init__(model, data, settings)
        self.optimizers = settings.optimizers(model)
        self._examples: Sequence[Any] = model.encode_training(data.train)
        self._num_examples = len(self._examples)
        self._phrases = extract_phrases(data.train) if settings.phrase_ratio else []

    def batches(self, rng: np.random.Generator) -> Sequence[Sequence[int]]:
        chosen = [*range(self._num_examples)]
        if self._phrases:
            phrases = self._sample_phrases(rng, len(self.data.train))
            self._add_phrases(phrases)
            chosen = [*range(len(self._examples))]
        return self._batched(chosen, rng)

    def _batched(self, chosen: Sequence[int], rng: np.random.Generator) -> list[list[int]]:
        embedding, size = self.model.embedding, self.settings.batch_size
        if isinstance(embedding, Encoder) and not embedding.packs:  # otherwise half is padding
            batches = shuffled_by_length(self.sizes(chosen), size, rng)
        else:
            batches = shuffled(len(chosen), size, rng)
        return [[chosen[i] for i in batch] for batch in batches]

    def sizes(self, examples: Sequence[int]) -> list[int]:
        """See ``Task``; in nodes or phrases, or about that."""
        return [self._examples[i].size for i in examples]

    def _sample_phrases(self, rng: np.random.Generator, trees: int) -> list[Phrase]:
        """The phrases of an epoch with so many trees."""
        count = min(round(self.settings.phrase_ratio * trees), len(self._phrases))
        return [self._phrases[i] for i in rng.choice(len(self._phrases), count, replace=False)]

    def _add_phrases(self, phrases: Sequence[Phrase]) -> None:
        """Store the phrases of an epoch after the trees."""
        trees = [phrase.tree for phrase in phrases]
        whole = self._examples[: self._num_examples]
        self._examples = [*whole, *self.model.encode_training(trees)]

    def prepare(self, batch: Sequence[int]) -> Prepared:
        inputs = self.model.collate([self._examples[i] for i in batch])
        return Prepared(inputs, None)

    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        inputs, settings = prepared.inputs, self.settings
        if not isinstance(settings, TreeSettings):
            return phrase_loss(scores, inputs.labels)
        smoothing, weight = settings.label_smoothing, settings.root_weight
        return phrase_loss(scores, inputs.labels, smoothing, weight, inputs.plan.roots)

    def evaluate(self, model: PhraseClassifier) -> dict[str, float | None]:
        return dev_metrics(self.data.dev, model.distributions(self.data.dev))

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        return metrics["dev_root"], metrics["dev_all"]

    summary = staticmethod(tree_summary)  # type: ignore[assignment]

    def provenance(self) -> dict[str, Any]:
        return {**super().provenance(), **self._inputs(), "sources": None}

    def _inputs(self) -> dict[str, Any]:
        embedding = self.model.embedding
        if not isinstance(embedding, WordTable):
            return {}  # the encoder is part of config.json anyway
        words = embedding.vocabulary.words
        return {"vocabulary": {"words": len(words), "sha256": fingerprint([words])}}

    def save(self, out: Path, **metadata: Any) -> None:
        self.model.save(out, self.settings.storage_dtype, **metadata)


def phrase_loss(
    scores: Tensor,
    labels: Tensor,
    label_smoothing: float = 0.0,
    root_weight: float = 1.0,
    roots: Tensor | None = None,
) -> Tensor:
    """Cross-entropy summed over the labelled phrases, in nats.

    Args:
        scores: ``[phrases, 5]``, before the softmax.
        labels: ``[phrases]``, -1 for unlabelled phrases.
        label_smoothing: see ``TreeSettings``.
        root_weight: factor of the loss at ``roots``.
        roots: ``[trees]`` indices of phrases.
    """
    reduction = "sum" if root_weight == 1 and not label_smoothing else "none"
    if label_smoothing:
        targets = to_device(smoothed(label_smoothing), scores.device)[labels]
        loss = F.cross_entropy(scores, targets, reduction=reduction)
    else:
        loss = F.cross_entropy(scores, labels, reduction=reduction, ignore_index=UNLABELLED)
    if reduction == "sum":
        return loss
    weights = torch.ones_like(loss)
    if roots is not None:
        weights.index_fill_(0, roots, root_weight)
    return loss @ weights


def smoothed(label_smoothing: float) -> Tensor:
    """``[6, 5]``: the smoothed target of each class; the last row, which index -1 selects, is
    zero."""
    classes = len(LABELS)
    targets = torch.zeros(classes + 1, classes)
    for label in range(classes):
        neighbours = [other for other in (label - 1, label + 1) if 0 <= other < classes]
        targets[label, neighbours] = label_smoothing / len(neighbours)
        targets[label, label] = 1 - label_smoothing
    return targets


def dev_metrics(
    trees: Sequence[AnyTree], distributions: Sequence[np.ndarray]
) -> dict[str, float | None]:
    """The dev metrics of an epoch, see ``SentimentTask``; NaN if a distribution is not finite."""
    if not all(np.isfinite(rows).all() for rows in distributions):
        return {"dev_root": math.nan}
    accuracies = evaluate(trees, distributions)
    return {
        "dev_root": accuracies.root.five,
        "dev_binary": accuracies.root.binary if accuracies.root.count_binary else None,
        "dev_all": accuracies.all.five,
    }


def check_trees(data: Splits[AnyTree]) -> None:
    """Check that there are labels to train on and to choose the best epoch by.

    Raises:
        InputError: there are none, or a label is out of range.
    """
    for name, trees in (("train", data.train), ("dev", data.dev)):
        if not trees:
            raise InputError(f"no {name} trees")
        for number, tree in enumerate(trees, 1):
            if len(tree.labels) not in (0, tree.num_nodes):
                raise InputError(
                    f"{name} tree {number} has {len(tree.labels)} labels for {tree.num_nodes} nodes"
                )
            wrong = set(tree.labels).difference(range(UNLABELLED, len(LABELS)))
            if wrong:
                raise InputError(
                    f"{name} tree {number} has the label {wrong.pop()}, expected 0 to 4, or -1"
                )
    if not any(max(tree.labels, default=UNLABELLED) >= 0 for tree in data.train):
        raise InputError("no train tree has a label")
    if not any(tree.labels and tree.labels[-1] >= 0 for tree in data.dev):
        raise InputError("no dev tree has a label at its root, needed to choose the best epoch")
