"""Training on several sources at once, each with labels of its own kind.

Labels of any kind are targets, so that one loss is enough: the cross-entropy with a distribution,
and ``-log`` of the summed probability of a set of classes (Jin and Ghahramani 2002, "Learning with
Multiple Labels").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.corpora.targets import SET_SUM
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.evaluation.targets import macro_recall, mean_loss, root_rows
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.training.data.corpus import Stored
from treernn.training.data.phrases import Phrase, extract_phrases
from treernn.training.data.pools import packed, pools
from treernn.training.data.provenance import tree_summary
from treernn.training.data.sequences import Mapped, chained
from treernn.training.data.sources import Part, Source
from treernn.training.loop.task import Prepared, Task
from treernn.training.tasks.sentiment import SentimentTask, smoothed
from treernn.training.tasks.sentiment_settings import SentimentSettings, TreeSettings
from treernn.transfer import to_device
from treernn.types import Splits, Tree


class _Targets(NamedTuple):
    """What the loss of B examples with N phrases needs.

    Attributes:
        rows: ``[N, 5]`` the target of each phrase.
        roots: ``[B]`` the phrase that is the whole example.
        places: ``[N]`` the example of each phrase.
        origins: ``[B]`` the source of each example.
        weights: ``[B]`` the weight of that source.
    """

    rows: Tensor
    roots: Tensor
    places: Tensor
    origins: Tensor
    weights: Tensor


class SourcesTask(SentimentTask):
    """Training of a sentiment model on several sources.

    Metrics of an epoch: ``loss`` per example and, for each source, ``NAME_loss``, without weights.
    For those with dev examples ``dev_NAME_recall``, the mean of the recall of negative, neutral and
    positive texts in %, those that there are, and ``dev_NAME_loss``, the mean loss per labelled
    phrase in nats; for treebanks also ``dev_NAME_root``, ``_binary`` and ``_all``, as of
    ``SentimentTask``. The best epoch is that with the lowest mean of the dev losses.

    Args:
        model: untrained, see ``treernn.training.tasks.initialization``.
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
            if not source.train.has_targets():
                raise InputError(f"source {source.name}: no phrase of its train texts has a label")
        if not any(source.dev.has_targets() for source in sources):
            raise InputError("no dev text has a label, needed to choose the best epoch")
        trees = [source.train.trees for source in sources]
        data = Splits(chained(trees), [tree for source in sources for tree in source.dev.trees])
        Task.__init__(self, model, data, settings)
        self.sources = sources
        sizes = [len(each) for each in trees]
        self._starts = np.cumsum([0, *sizes])
        self._num_examples = sum(sizes)
        self._phrases = []
        for start, source in zip(self._starts.tolist(), sources, strict=False):
            if source.treebank and settings.phrase_ratio:
                found = extract_phrases(source.train.trees)
                self._phrases += [each._replace(source=each.source + start) for each in found]
        self._sums = torch.zeros(len(sources), 2, dtype=torch.float64)
        self.optimizers = settings.optimizers(model)
        self._example_parts = [_encoded(model, each) for each in trees]
        self._size_parts = [_sizes(*each) for each in zip(trees, self._example_parts, strict=True)]
        self._target_parts = [source.train.targets for source in sources]
        self._origins = np.repeat(np.arange(len(sources), dtype=np.int32), sizes)
        self._add_phrases([])

    def batches(self, rng: np.random.Generator) -> Sequence[Sequence[int]]:
        """See ``Task``."""
        self._sums.zero_()
        drawn = [
            source.draw(rng) + start
            for start, source in zip(self._starts.tolist(), self.sources, strict=False)
        ]
        if self._phrases:
            whole = sum(source.epoch_size for source in self.sources if source.treebank)
            self._add_phrases(self._sample_phrases(rng, whole))
            drawn.append(np.arange(self._num_examples, len(self._examples)))
        return packed(self._batched(pool.tolist(), rng) for pool in pools(drawn))

    def _add_phrases(self, phrases: Sequence[Phrase]) -> None:
        trees = [phrase.tree for phrase in phrases]
        targets = chained(self._target_parts)
        examples = self.model.encode_training(trees, every_phrase=True)
        self._examples = chained([*self._example_parts, examples])
        self._sizes = np.concatenate([*self._size_parts, _sizes([], examples)])
        added = [targets[each.source][each.nodes] for each in phrases]
        self._targets = chained([*self._target_parts, added])
        origins = self._origins[[each.source for each in phrases]] if phrases else self._origins[:0]
        self._of_source = np.concatenate((self._origins, origins))

    def sizes(self, examples: Sequence[int]) -> list[int]:
        """See ``Task``."""
        sizes: list[int] = self._sizes[np.asarray(examples)].tolist()
        return sizes

    def prepare(self, batch: Sequence[int]) -> Prepared:
        """See ``Task``."""
        inputs = self.model.collate([self._examples[i] for i in batch])
        rows = [self._targets[i] for i in batch]
        sizes = torch.tensor([len(each) for each in rows])
        origins = [int(self._of_source[i]) for i in batch]
        targets = _Targets(
            torch.from_numpy(np.concatenate(rows)),
            sizes.cumsum(0) - 1,
            torch.arange(len(batch)).repeat_interleave(sizes),
            torch.tensor(origins),
            torch.tensor([self.sources[i].weight for i in origins]),
        )
        return Prepared(inputs, targets)

    def scores(self, inputs: Any) -> Tensor:
        """See ``Task``; in the order of the trees."""
        return self.model.to_tree_order(self.model(inputs), inputs)

    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        """See ``Task``."""
        settings = self.settings
        rows, roots, places, origins, weights = prepared.targets
        smoothing = settings.label_smoothing if isinstance(settings, TreeSettings) else 0.0
        losses = target_loss(scores, rows, smoothing)
        if isinstance(settings, TreeSettings) and settings.root_weight != 1:
            losses = losses.index_put((roots,), losses[roots] * settings.root_weight)
        of_examples = losses.new_zeros(len(origins)).index_add(0, places, losses)
        sums = torch.stack([of_examples.detach(), torch.ones_like(of_examples)], 1).double()
        self._sums = self._sums.to(sums.device).index_add_(0, origins, sums)
        return of_examples @ weights.to(of_examples.dtype)

    def sums(self) -> Sequence[Tensor]:
        """See ``Task``."""
        return (self._sums,)

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
                "balanced": source.balanced,
                "treebank": source.treebank,
                "train": _summary(source.train),
                "dev": _summary(source.dev),
            }
            for source in self.sources
        ]
        return {**super().provenance(), "sources": sources}


def _encoded(model: PhraseClassifier, trees: Sequence[Tree]) -> Sequence[Any]:
    """Trees for training; stored ones are encoded each time that they are asked for."""
    if not isinstance(trees, Stored):
        return model.encode_training(trees, every_phrase=True)
    return Mapped(lambda tree: model.encode_training([tree], every_phrase=True)[0], trees)


def _sizes(trees: Sequence[Tree], examples: Sequence[Any]) -> np.ndarray:
    if isinstance(trees, Stored):
        return trees.sizes
    return np.array([example.size for example in examples], np.int32)


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
    is_set = targets.sum(1) > SET_SUM
    if label_smoothing:
        one_hot = (targets.max(1).values == 1) & ~is_set
        rows = to_device(smoothed(label_smoothing), targets.device).to(targets)[targets.argmax(1)]
        targets = torch.where(one_hot.unsqueeze(1), rows, targets)
    cross_entropy = -(targets * log_p).sum(1)
    inside = targets.bool() | ~is_set.unsqueeze(1)  # all classes of rows that are no set
    of_sets = -log_p.masked_fill(~inside, -math.inf).logsumexp(1)
    return torch.where(is_set, of_sets, cross_entropy)


def _summary(part: Part) -> dict[str, Any]:
    if not part.trees:
        return {}
    return {**tree_summary(part.trees), "targets": part.checksum}
