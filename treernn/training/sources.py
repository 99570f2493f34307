"""Training on several sources at once, each with labels of its own kind.

Labels of any kind are targets (``treernn.corpora.targets``), so that one loss is enough: the
cross-entropy with a distribution, and ``-log`` of the summed probability of a set of classes (Jin
and Ghahramani 2002, "Learning with Multiple Labels").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.checks import check_non_negative, check_sizes
from treernn.corpora.targets import NEGATIVE, POSITIVE, target_of_classes
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.evaluation.calibration import fit_temperature_to_targets
from treernn.evaluation.targets import macro_recall, mean_loss, root_rows
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.training.phrases import Phrase, extract_phrases
from treernn.training.provenance import fingerprint, tree_summary
from treernn.training.sentiment import SentimentTask, smoothed
from treernn.training.sentiment_settings import SentimentSettings, TreeSettings
from treernn.training.soft_targets import check_label_weight
from treernn.training.task import Task
from treernn.types import LABELS, UNLABELLED, Splits, Tree

_SHARES = {1: (0.33, 0.67, 0.0, 0.0, 0.0), 3: (0.0, 0.0, 0.0, 0.64, 0.36)}
_SET = 1.5  # sum of a target of several classes, at least; that of a distribution is 1


@dataclass(frozen=True, eq=False)
class Part:
    """Trees with targets.

    Attributes:
        trees: their labels are used for the accuracy of treebanks only.
        targets: for each tree float32 ``[nodes, 5]``.
    """

    trees: Sequence[Tree] = ()
    targets: Sequence[np.ndarray] = ()


@dataclass(frozen=True, eq=False)
class Source:
    """Examples of one kind to train on.

    Attributes:
        name: for messages and metrics.
        train: without any target only for ``with_teachers``.
        dev: may be empty.
        weight: factor of the loss of its examples.
        sample: examples that each epoch draws anew; 0: all.
        treebank: whether the trees have labels of five classes at most of their phrases. Those can
            be sentences of their own then, see ``phrase_ratio``.

    Raises:
        InputError: a value is out of range.
    """

    name: str
    train: Part
    dev: Part = Part()
    weight: float = 1.0
    sample: int = 0
    treebank: bool = False

    def __post_init__(self) -> None:
        check_non_negative(self, "weight")
        check_sizes(self, "sample", minimum=0)

    @property
    def epoch_size(self) -> int:
        """Number of its examples in an epoch, without phrases."""
        return min(self.sample or len(self.train.trees), len(self.train.trees))


def label_targets(trees: Sequence[Tree]) -> Part:
    """Labelled trees as trees with targets."""
    one_hot = np.eye(len(LABELS) + 1, len(LABELS), dtype=np.float32)  # the last row is zero
    targets = [one_hot[[*tree.labels] or [UNLABELLED] * tree.num_nodes] for tree in trees]
    return Part(trees, targets)


def with_teachers(
    source: Source,
    distributions: Sequence[np.ndarray],
    label_weight: float = 0.5,
    temperature: float = 1.0,
) -> Source:
    """A source whose train trees have the distributions of teachers, mixed with the labels.

    Knowledge distillation: Hinton, Vinyals and Dean (2015). The cross-entropy with a mixture of two
    targets is the mixture of the two cross-entropies, so one loss is enough. Of a set of classes
    the label part is the distribution of the teachers within the set.

    Args:
        source: with or without labels.
        distributions: of the teachers, for each train tree ``[nodes, 5]``.
        label_weight: weight of the label in a labelled phrase, 0 to 1.
        temperature: softens the teachers if above 1: probabilities are raised to the power of its
            inverse and normalised.

    Raises:
        InputError: ``label_weight`` or ``temperature`` is out of range.
    """
    check_mixture(label_weight, temperature)
    mixed = []
    for rows, labels in zip(distributions, source.train.targets, strict=True):
        soft = rows.astype(np.float32) ** np.float32(1 / temperature)
        soft /= soft.sum(1, keepdims=True)
        gold = np.where(labels.sum(1, keepdims=True) > _SET, labels * (soft + 1e-6), labels)
        gold /= np.maximum(gold.sum(1, keepdims=True), np.float32(1e-12))
        weight = np.where(labels.any(1, keepdims=True), np.float32(label_weight), np.float32(0))
        mixed.append(weight * gold + (1 - weight) * soft)
    return replace(source, train=Part(source.train.trees, mixed))


def root_sides(trees: Sequence[Tree], known_strength: bool = False) -> Part:
    """Trees whose roots are labelled 1 or 3, negative or positive of any strength.

    Args:
        trees: labelled trees.
        known_strength: for a new model, which would find all texts of a side equally strong: the
            targets have the shares of the two classes in the Stanford Sentiment Treebank.
    """
    sides = {1: target_of_classes(NEGATIVE), 3: target_of_classes(POSITIVE)}
    if known_strength:
        sides = _SHARES
    targets = []
    for tree in trees:
        rows = np.zeros((tree.num_nodes, len(LABELS)), np.float32)
        rows[-1] = sides[tree.labels[-1]]
        targets.append(rows)
    return Part(trees, targets)


def check_mixture(label_weight: float, temperature: float) -> None:
    """Raise ``InputError`` unless ``with_teachers`` takes these values."""
    check_label_weight(label_weight)
    if not temperature > 0:
        raise InputError(f"temperature is {temperature}, expected more than 0")


def fitted_temperature(model: PhraseClassifier, sources: Sequence[Source]) -> float:
    """The temperature that fits the dev texts of some sources best, each source counting the same.

    Raises:
        InputError: none of them has labelled dev texts.
    """
    parts = []
    for source in sources:
        if any(rows.any() for rows in source.dev.targets):
            distributions = np.concatenate(model.distributions(source.dev.trees))
            parts.append((distributions, np.concatenate(source.dev.targets)))
    if not parts:
        raise InputError("no source has labelled dev texts to fit a temperature to")
    return fit_temperature_to_targets(parts, model.config.temperature)


class SourcesTask(SentimentTask):
    """Training of a sentiment model on several sources.

    Metrics of an epoch: ``loss`` per example and, for each source, ``NAME_loss``, without weights.
    For those with dev examples ``dev_NAME_recall``, the mean of the recall of negative, neutral and
    positive texts in %, those that there are, and ``dev_NAME_loss``, the mean loss per labelled
    phrase in nats; for treebanks also ``dev_NAME_root``, ``_binary`` and ``_all``, as of
    ``SentimentTask``. The best epoch is that with the lowest mean of the dev losses.

    Args:
        model: untrained, see ``treernn.training.initialization``.
        sources: of different names.
        settings: how to train.

    Raises:
        InputError: a source has nothing to train on, there are no dev examples, or two sources have
            one name.
    """

    def __init__(
        self, model: PhraseClassifier, sources: Sequence[Source], settings: SentimentSettings
    ) -> None:
        names = [source.name for source in sources]
        if len({*names}) < len(names):
            raise InputError(f"two sources have one name: {', '.join(names)}")
        for source in sources:
            if not any(rows.any() for rows in source.train.targets):
                raise InputError(f"source {source.name}: no phrase of its train texts has a label")
        if not any(rows.any() for source in sources for rows in source.dev.targets):
            raise InputError("no dev text has a label, needed to choose the best epoch")
        trees = [tree for source in sources for tree in source.train.trees]
        data = Splits(trees, [tree for source in sources for tree in source.dev.trees])
        Task.__init__(self, model, data, settings)
        self.sources = sources
        sizes = [len(source.train.trees) for source in sources]
        self._of_source = np.repeat(np.arange(len(sources)), sizes).tolist()
        self._starts = np.cumsum([0, *sizes])
        self._phrases = []
        if settings.phrase_ratio:
            for start, source in zip(self._starts, sources, strict=False):
                if source.treebank:
                    found = extract_phrases(source.train.trees)
                    self._phrases += [
                        each._replace(source=each.source + int(start)) for each in found
                    ]
        self._sums = np.zeros((len(sources), 2))
        self.optimizers = settings.optimizers(model)
        self._examples = model.encode_training(trees, every_phrase=True)
        self._targets = [rows for source in sources for rows in source.train.targets]
        self._num_examples = len(self._examples)

    def batches(self, rng: np.random.Generator) -> list[list[int]]:
        """See ``Task``."""
        self._sums[:] = 0
        chosen: list[int] = []
        whole = 0
        for start, source in zip(self._starts.tolist(), self.sources, strict=False):
            order = rng.permutation(len(source.train.trees))[: source.epoch_size]
            chosen += (order + start).tolist()
            whole += source.epoch_size if source.treebank else 0
        if self._phrases:
            self._add_phrases(self._sample_phrases(rng, whole))
            chosen += range(self._num_examples, len(self._examples))
        return self._batched(chosen, rng)

    def _add_phrases(self, phrases: Sequence[Phrase]) -> None:
        start, trees = self._num_examples, [phrase.tree for phrase in phrases]
        self._examples[start:] = self.model.encode_training(trees, every_phrase=True)
        self._targets[start:] = [self._targets[each.source][each.nodes] for each in phrases]
        self._of_source[start:] = [self._of_source[each.source] for each in phrases]

    def loss(self, batch: Sequence[int]) -> tuple[Tensor, int]:
        """See ``Task``."""
        model, settings = self.model, self.settings
        examples = [self._examples[i] for i in batch]
        inputs = model.collate(examples).to(model.device)
        rows = [self._targets[i] for i in batch]
        sizes = torch.tensor([len(each) for each in rows])
        targets = torch.from_numpy(np.concatenate(rows)).to(model.device)
        scores = model.to_tree_order(model(inputs), inputs)
        smoothing = settings.label_smoothing if isinstance(settings, TreeSettings) else 0.0
        losses = target_loss(scores, targets, smoothing)
        if isinstance(settings, TreeSettings) and settings.root_weight != 1:
            roots = (sizes.cumsum(0) - 1).to(model.device)
            losses = losses.index_put((roots,), losses[roots] * settings.root_weight)
        places = torch.arange(len(batch)).repeat_interleave(sizes).to(model.device)
        of_examples = losses.new_zeros(len(batch)).index_add(0, places, losses)
        origins = [self._of_source[i] for i in batch]
        np.add.at(self._sums[:, 0], origins, of_examples.detach().cpu().numpy())
        np.add.at(self._sums[:, 1], origins, 1)
        weights = of_examples.new_tensor([self.sources[i].weight for i in origins])
        return of_examples @ weights, len(batch)

    def evaluate(self, model: PhraseClassifier) -> dict[str, float | None]:
        """See ``Task``."""
        metrics: dict[str, float | None] = {}
        for source, (total, count) in zip(self.sources, self._sums.tolist(), strict=True):
            metrics[f"{source.name}_loss"] = total / count if count else None
        for source in self.sources:
            if source.dev.trees:
                found = _dev_metrics(source, model.distributions(source.dev.trees))
                metrics |= {f"dev_{source.name}_{name}": value for name, value in found.items()}
        return metrics

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """See ``Task``."""
        losses = [
            value
            for name, value in metrics.items()
            if name.startswith("dev_") and name.endswith("_loss") and value is not None
        ]
        return (-float(np.mean(losses)),)

    def provenance(self) -> dict[str, Any]:
        """See ``Task``."""
        sources = [
            {
                "name": source.name,
                "weight": source.weight,
                "sample": source.sample,
                "treebank": source.treebank,
                "train": _summary(source.train),
                "dev": _summary(source.dev),
            }
            for source in self.sources
        ]
        return {**super().provenance(), "sources": sources}


def _dev_metrics(source: Source, distributions: Sequence[np.ndarray]) -> dict[str, float | None]:
    rows, targets = np.concatenate(distributions), np.concatenate(source.dev.targets)
    if not np.isfinite(rows).all():
        return {"loss": math.nan}
    roots = root_rows(source.dev.targets)
    found = {
        "recall": macro_recall(root_rows(distributions), roots),
        "loss": mean_loss(rows, targets),
    }
    if source.treebank:
        trees = evaluate(source.dev.trees, distributions)
        found |= {"root": trees.root.five, "binary": trees.root.binary, "all": trees.all.five}
    return {name: None if math.isnan(value) else value for name, value in found.items()}


def target_loss(scores: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """The loss of each phrase in nats, ``[phrases]``; 0 without a target.

    Args:
        scores: ``[phrases, 5]``, before the softmax.
        targets: ``[phrases, 5]``.
        label_smoothing: probability that moves from the class of a one-hot target to its
            neighbours.
    """
    log_p = F.log_softmax(scores, 1)
    is_set = targets.sum(1) > _SET
    if label_smoothing:
        one_hot = (targets.max(1).values == 1) & ~is_set
        rows = smoothed(label_smoothing).to(targets)[targets.argmax(1)]
        targets = torch.where(one_hot.unsqueeze(1), rows, targets)
    cross_entropy = -(targets * log_p).sum(1)
    if not is_set.any():
        return cross_entropy
    inside = targets.bool() | ~is_set.unsqueeze(1)  # all classes of rows that are no set
    of_sets = -log_p.masked_fill(~inside, -math.inf).logsumexp(1)
    return torch.where(is_set, of_sets, cross_entropy)


def _summary(part: Part) -> dict[str, Any]:
    if not part.trees:
        return {}
    targets = fingerprint(rows.tolist() for rows in part.targets)
    return {**tree_summary(part.trees), "targets": targets}
