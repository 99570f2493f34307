"""Training a sentiment model of any structure; see ``treernn.training.structures``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from treernn.corpora.glove import WordVectors
from treernn.encoders.stored import encoder_config
from treernn.encoders.word_pieces import CONTINUATION
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.word_embeddings import WordTable
from treernn.training.data import summary
from treernn.training.phrases import phrases_of
from treernn.training.soft_targets import SoftTargets
from treernn.training.structures import SentimentSettings
from treernn.training.trainer import (
    Progress,
    Report,
    fingerprint,
    fit,
    shuffled,
    weights_fingerprint,
)
from treernn.types import LABELS, UNLABELLED, AnyTree

UNKNOWN = "<unk>"


def vocabulary(
    trees: Sequence[AnyTree], vectors: WordVectors | None, frequent: int, composing: bool = True
) -> list[str]:
    """The rows of the embedding table: unknown, the words of ``trees`` in lower case by frequency,
    then the ``frequent`` most frequent words of ``vectors``, which come in order of frequency.

    Where the model is ``composing`` unknown words, and ``vectors`` has pieces to do so, these come
    last, and words of ``trees`` without a vector have no row: they are composed as others are, and
    unknown where no pieces fit.
    """
    known = () if vectors is None else vectors.words
    pieces = [word for word in known if word.startswith(CONTINUATION)] if composing else []
    counts = Counter(word.lower() for tree in trees for word in tree.words)
    own = [word for word, _ in counts.most_common()]
    if pieces:
        rows = set(known)
        own = [word for word in own if word in rows]
    return list(dict.fromkeys((UNKNOWN, *own, *known[:frequent], *pieces)))


def train_sentiment(
    model: PhraseClassifier,
    train: Sequence[AnyTree],
    dev: Sequence[AnyTree],
    settings: SentimentSettings,
    out: Path,
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
    soft: SoftTargets | None = None,
) -> dict[str, Any]:
    """Train ``model`` and write the best one, as ``treernn.training.trainer.fit`` does.

    Args:
        model: untrained, as ``settings.new`` makes it.
        train: trees, at least one node labelled.
        dev: trees to choose the best epoch by; those whose roots are labelled count.
        settings: how.
        out: the model folder.
        about: what else ``config.json`` should say, such as where the trees came from.
        progress: as in ``fit``.
        report: as in ``fit``.
        soft: what the phrases of ``train`` should be given, in place of their labels.

    Returns:
        The epoch whose weights are in ``out``, see ``SentimentSettings.merit``: ``epoch``,
        ``loss`` (per tree, summed over its nodes, nats), ``dev_root`` and ``dev_all`` (five
        classes, roots and all labelled nodes, per cent), ``dev_binary`` (roots, positive against
        negative; None where all are neutral), ``seconds``.

    Raises:
        InputError: trees that nothing can be learnt from or chosen by; or as ``fit``.
        ModelError: as ``fit``.
    """
    check_trees(train, dev)
    described = {
        "settings": asdict(settings),
        "data": {"train": summary(train), "dev": summary(dev)},
        "untrained": {**_words(model), "sha256": weights_fingerprint(model)},
        "soft": soft and soft.described(),
        **(about or {}),
    }
    task = _Sentiment(model, train, dev, settings, soft)
    return fit(task, settings, out, described, progress, report)


def check_trees(train: Sequence[AnyTree], dev: Sequence[AnyTree]) -> None:
    """Raise where there is nothing to learn from or to choose by, or a label that is none."""
    for name, trees in (("train", train), ("dev", dev)):
        if not trees:
            raise InputError(f"no {name} trees")
        for number, tree in enumerate(trees, 1):
            if len(tree.labels) not in (0, tree.num_nodes):
                raise InputError(
                    f"{name} tree {number} has {len(tree.labels)} labels for its "
                    f"{tree.num_nodes} nodes"
                )
            wrong = set(tree.labels).difference(range(UNLABELLED, len(LABELS)))
            if wrong:
                raise InputError(
                    f"{name} tree {number} has the label {wrong.pop()}, expected 0 to 4, or -1"
                )
    if not any(max(tree.labels, default=UNLABELLED) >= 0 for tree in train):
        raise InputError("no train tree has a label to learn from")
    if not any(tree.labels and tree.labels[-1] >= 0 for tree in dev):
        raise InputError("no dev tree has a label at its root to choose the best epoch by")


def _words(model: PhraseClassifier) -> dict[str, Any]:
    """What tells the words of an untrained model from others."""
    if not isinstance(model.embedding, WordTable):
        return {"encoder": encoder_config(model.embedding)}
    words = model.embedding.vocabulary.words
    return {"words": len(words), "vocabulary": fingerprint([words])}


def dev_figures(trees: Sequence[AnyTree], distributions: Sequence[np.ndarray]) -> dict[str, Any]:
    """What an epoch is judged by, see ``train_sentiment``; NaN once the model diverged."""
    if not all(np.isfinite(rows).all() for rows in distributions):
        return {"dev_root": math.nan}
    found = evaluate(trees, distributions)
    return {
        "dev_root": found.root.five,
        "dev_binary": found.root.binary if found.root.count_binary else None,
        "dev_all": found.all.five,
    }


class _Sentiment:
    """Sentiment over phrases, as the trainer sees it."""

    def __init__(
        self,
        model: PhraseClassifier,
        train: Sequence[AnyTree],
        dev: Sequence[AnyTree],
        settings: SentimentSettings,
        soft: SoftTargets | None = None,
    ) -> None:
        self.kind, self.model, self.settings, self.dev = model.KIND, model, settings, dev
        self.phrases = phrases_of(train) if settings.phrases else []
        # With targets for all phrases there is something to learn of those without a label too.
        self.encode = model.encode_training if soft is None else model.encode
        self.soft = soft
        self.prepared = self.encode(train)
        self.targets = [] if soft is None else [*soft.targets]
        self.trees, self.whole = len(train), len(self.prepared)
        self.examples = self.whole
        self.optimizers = settings.optimizers(model)

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        chosen = [*range(self.whole)] if self.soft is None else self.soft.drawn(random)
        if self.phrases:
            chosen += self._draw_phrases(random)
        self.examples = len(chosen)
        steps = shuffled(self.examples, self.settings.batch_size, random)
        return [[chosen[i] for i in step] for step in steps]

    def _draw_phrases(self, random: np.random.Generator) -> list[int]:
        """Put the phrases of an epoch behind the trees; their numbers."""
        trees = self.trees if self.soft is None else self.soft.per_epoch
        count = min(round(self.settings.phrases * trees), len(self.phrases))
        numbers = random.choice(len(self.phrases), count, replace=False).tolist()
        drawn = [self.phrases[i] for i in numbers]
        self.prepared[self.whole :] = self.encode([phrase.tree for phrase in drawn])
        if self.soft is not None:
            targets = self.soft.targets
            self.targets[self.whole :] = [targets[each.of][each.nodes] for each in drawn]
        return [*range(self.whole, len(self.prepared))]

    def step(self, numbers: Sequence[int], done: float) -> float:
        batch = self.model.collate([self.prepared[i] for i in numbers]).to(self.model.device)
        targets = None
        if self.targets:
            rows = torch.from_numpy(np.concatenate([self.targets[i] for i in numbers]))
            targets = self.model.to_batch_order(rows.to(self.model.device), batch)
        loss = self.settings.loss(self.model(batch), batch, targets)
        self.model.zero_grad()
        (loss / len(numbers)).backward()
        self.settings.before_step(self.optimizers, done)
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.item()

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        assert isinstance(model, PhraseClassifier)
        return dev_figures(self.dev, model.distributions(self.dev))

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        return self.settings.merit(epoch)

    def save(self, out: Path, **about: Any) -> None:
        self.model.save(out, self.settings.storage_dtype, **about)
