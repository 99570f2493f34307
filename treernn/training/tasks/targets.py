"""Training of target classifiers."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from treernn.corpora.aspect_terms import read_labelled_targets
from treernn.corpora.targets import TargetText
from treernn.encoders.encoder import Encoder
from treernn.errors import InputError
from treernn.evaluation.target_accuracy import target_accuracy
from treernn.evaluation.targets import mean_loss
from treernn.models.names import LEXICON
from treernn.models.storage import CONFIG, FILES, weights_checksum
from treernn.models.target_classifier import TargetClassifier
from treernn.models.target_places import Place
from treernn.models.tree_classifier import TreeClassifier
from treernn.parsing.parser import Parser
from treernn.scoring.target_trees import TargetTree, check_targets, target_trees
from treernn.training.data.provenance import fingerprint, tree_summary
from treernn.training.data.reading import held_out
from treernn.training.data.target_sets import SETS
from treernn.training.loop.task import Prepared, Task, shuffled, shuffled_by_length
from treernn.training.tasks.new_model import new_model
from treernn.training.tasks.sources_task import target_loss
from treernn.training.tasks.target_settings import TargetSettings
from treernn.types import Splits, Tree

_STRENGTH_WEIGHT = 0.2
"""Of the loss that keeps the two classes of a side near their shares in the treebank: a label of
three classes does not say how strong an opinion is."""

_SHARES = torch.tensor([[0.33, 0.67, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.64, 0.36]])


class TargetTask(Task[TargetClassifier, TargetSettings]):
    """Training of a target classifier.

    Metrics of an epoch: ``loss`` per target in nats; ``dev_accuracy`` and ``dev_recall`` of
    negative, neutral and positive, in %; ``dev_loss``.

    Args:
        model: see ``new_targets``.
        data: sentences with targets.
        settings: how to train.
        base_sha256: of the weights of the sentiment model, see ``weights_checksum``.

    Raises:
        InputError: there are no targets to train on, or none to choose the best epoch by.
    """

    def __init__(
        self,
        model: TargetClassifier,
        data: Splits[TargetTree],
        settings: TargetSettings,
        base_sha256: str,
    ) -> None:
        check_targets(data.train, "train data")
        check_targets(data.dev, "dev data")
        super().__init__(model, data, settings)
        self.base_sha256 = base_sha256
        self.optimizers = settings.optimizers(model)
        self._examples = model.encode_training(*_trees_and_places(data.train))
        self._dev = _trees_and_places(data.dev)

    def batches(self, rng: np.random.Generator) -> list[list[int]]:
        """See ``Task``."""
        size = self.settings.batch_size
        if isinstance(self._examples[0].words, np.ndarray):
            return shuffled(len(self._examples), size, rng)
        sizes = self.sizes(range(len(self._examples)))
        return shuffled_by_length(sizes, size, rng)

    def sizes(self, examples: Sequence[int]) -> list[int]:
        """See ``Task``."""
        return [self._examples[i].structure.num_nodes for i in examples]

    def divisor(self, batch: Sequence[int]) -> int:
        """See ``Task``."""
        return sum(len(self.data.train[i].targets) for i in batch)

    def prepare(self, batch: Sequence[int]) -> Prepared:
        """See ``Task``."""
        inputs = self.model.collate([self._examples[i] for i in batch])
        rows = np.concatenate([self.data.train[i].targets for i in batch])
        targets = torch.from_numpy(rows)
        return Prepared(inputs, (targets, _with_shares(targets)))

    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        """See ``Task``."""
        losses, strengths = (target_loss(scores, targets) for targets in prepared.targets)
        return (losses + _STRENGTH_WEIGHT * strengths).sum()

    def evaluate(self, model: TargetClassifier) -> dict[str, float | None]:
        """See ``Task``."""
        rows = np.concatenate(model.distributions(*self._dev))
        targets = np.concatenate([tree.targets for tree in self.data.dev])
        if not np.isfinite(rows).all():
            return {"dev_accuracy": math.nan}
        found = target_accuracy(rows, targets)
        return {
            "dev_accuracy": found.accuracy,
            "dev_recall": found.macro_recall,
            "dev_loss": mean_loss(rows, targets),
        }

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """See ``Task``."""
        return metrics["dev_accuracy"], -metrics["dev_loss"]

    @staticmethod
    def summary(examples: Sequence[TargetTree]) -> dict[str, Any]:
        """See ``Task``."""
        values = (
            [*(place.node for place in tree.places), *tree.targets.tolist()] for tree in examples
        )
        trees = tree_summary([tree.tree for tree in examples])
        count = sum(len(tree.places) for tree in examples)
        return {**trees, "targets": count, "targets_sha256": fingerprint(values)}

    def provenance(self) -> dict[str, Any]:
        """See ``Task``."""
        return {**super().provenance(), "base_sha256": self.base_sha256}


def _with_shares(targets: Tensor) -> Tensor:
    """Targets with a distribution in place of a set of the two classes of a side; zeros for other
    targets."""
    sides = torch.stack([targets[:, :2].sum(1) == 2, targets[:, 3:].sum(1) == 2], 1)
    alone = targets.sum(1) == 2
    return (sides & alone.unsqueeze(1)).to(targets) @ _SHARES.to(targets)


def new_targets(base: TreeClassifier, settings: TargetSettings) -> TargetClassifier:
    """An untrained target classifier, which starts from the weights of a sentiment model.

    Args:
        base: the sentiment model.
        settings: configuration, seed, tuning of the encoder.

    Raises:
        InputError: the settings need an encoder, and the model has none.
    """
    if settings.tuning != "frozen" and not isinstance(base.embedding, Encoder):
        raise InputError(f"tuning is {settings.tuning!r}, but the model has no encoder to train")
    config = replace(
        settings.model,
        input_size=base.config.embedding_size,
        hidden_size=base.config.hidden_size,
        cell=base.config.cell,
    )
    with new_model(settings.seed):
        model = TargetClassifier(config, base, settings.encoder_tuning())
    model.start_from_base()
    return model.to(base.device)


def store_with_model(folder: Path, base: Path) -> None:
    """Copy a model folder, so that a target classifier can be trained for it there.

    Args:
        folder: where to; left as it is if it has the same model already.
        base: the model folder.

    Raises:
        InputError: ``folder`` has another model.
    """
    if folder.resolve() == base.resolve():
        return
    if (folder / CONFIG).exists():
        if weights_checksum(folder) != weights_checksum(base):
            raise InputError(f"{folder}: has another model, choose another folder")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES[::-1]:
        shutil.copyfile(base / name, folder / name)
    if (base / LEXICON).exists():
        shutil.copyfile(base / LEXICON, folder / LEXICON)


def _trees_and_places(examples: Sequence[TargetTree]) -> tuple[list[Tree], list[tuple[Place, ...]]]:
    return [each.tree for each in examples], [each.places for each in examples]


def target_data(
    parser: Parser, data: Sequence[str], dev_data: Path | None, seed: int
) -> tuple[Splits[TargetTree], int]:
    """Sentences with targets to train on.

    Args:
        parser: of the sentences.
        data: files, see ``treernn.corpora.aspect_terms``, or names of ``SETS``.
        dev_data: another file; without one a random tenth of the texts of ``data`` is held out.
        seed: draws them.

    Returns:
        The sentences; and the number of targets that are in none.

    Raises:
        MissingDataError, DataError: a file is missing or damaged.
    """
    texts = [text for name in data for text in _read(name)]
    if dev_data is not None:
        parts = Splits(texts, read_labelled_targets(dev_data))
    else:
        parts = held_out(texts, seed)
    (train, missed), (dev, missed_dev) = (
        target_trees(each, parser) for each in (parts.train, parts.dev)
    )
    return Splits(train, dev), missed + missed_dev


def _read(name: str) -> Sequence[TargetText]:
    return SETS[name]() if name in SETS else read_labelled_targets(name)
