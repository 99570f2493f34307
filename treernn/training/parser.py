"""Training a parser on the brackets of a treebank, and on what other parsers say of text.

The loss is the negative log-likelihood of a tree among all binary ones (Zhang, Zhou and Li 2020,
section 3.2). Where teachers say how probable each span is, that takes the place of the one tree:
the score of a tree being a sum over its spans, the loss is then the cross-entropy between the
teachers' distribution over trees and the parser's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from treernn.errors import InputError
from treernn.evaluation.brackets import bracket_score
from treernn.parsing.chart_parser import ChartParser
from treernn.parsing.cky import log_partition
from treernn.training.data import summary
from treernn.training.parser_settings import ParserSettings
from treernn.training.phrases import phrases_of
from treernn.training.soft_targets import SoftTargets
from treernn.training.trainer import Progress, Report, fingerprint, fit, weights_fingerprint
from treernn.types import Tree


def train_parser(
    parser: ChartParser,
    train: Sequence[Tree],
    dev: Sequence[Tree],
    settings: ParserSettings,
    out: Path,
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
    soft: SoftTargets | None = None,
    sentences: Sequence[Sequence[str]] = (),
) -> dict[str, Any]:
    """Train ``parser`` and write the best one, as ``treernn.training.trainer.fit`` does.

    Args:
        parser: untrained, as ``settings.new`` makes it.
        train: binary trees.
        dev: binary trees to choose the best epoch by.
        settings: how.
        out: the model folder.
        about: what else ``config.json`` should say, such as where the trees came from.
        progress: as in ``fit``.
        report: as in ``fit``.
        soft: for each of ``train``, then of ``sentences``, the spans that it should have, see
            ``spans_of``, in place of its tree.
        sentences: what to learn from besides, none longer than ``ChartParser.max_words`` words.

    Returns:
        The epoch whose weights are in ``out``, see ``ParserSettings.merit``: ``epoch``, ``loss``
        (per sentence, nats), ``dev_f1`` (brackets, per cent), ``seconds``.

    Raises:
        InputError: a tree is not binary, or there is no tree to train or to measure on; or as
            ``fit``.
        ModelError: as ``fit``.
    """
    check_trees(train, dev)
    if len(sentences) + len(train) != (len(soft.targets) if soft else len(train)):
        raise InputError("soft has the spans of all trees and sentences, each once")
    described = {
        "settings": asdict(settings),
        "data": {"train": summary(train), "dev": summary(dev)},
        "untrained": {"sha256": weights_fingerprint(parser)},
        "soft": soft and {**soft.described(), "text": fingerprint(sentences)},
        **(about or {}),
    }
    task = _Parsing(parser, train, dev, settings, soft, sentences)
    return fit(task, settings, out, described, progress, report)


def check_trees(train: Sequence[Tree], dev: Sequence[Tree]) -> None:
    """Raise where there is nothing to learn from or to choose by, or a tree that is not binary."""
    if not train or not dev:
        raise InputError("a parser needs trees to train on and trees to measure on")
    for name, trees in (("train", train), ("dev", dev)):
        for number, tree in enumerate(trees, 1):
            if any(len(children) != 2 for children in tree.children):
                raise InputError(
                    f"{name} tree {number} ({' '.join(tree.words[:6])} …) is not binary; a parser "
                    "learns from nodes with two children"
                )
            if len(tree.words) > ChartParser.max_words:
                raise InputError(
                    f"{name} tree {number} ({' '.join(tree.words[:6])} …) has {len(tree.words)} "
                    f"words; a parser learns from at most {ChartParser.max_words}, leave it out"
                )


def sentences_to_learn(sentences: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Those of which there is a choice of trees, and that are parsed whole."""
    return [words for words in sentences if 2 < len(words) <= ChartParser.max_words]


def spans_of(tree: Tree) -> np.ndarray:
    """The spans of two or more words of a tree: float32 ``[spans, 3]``, start, end, and 1."""
    spans = np.array(tree.spans()[len(tree.words) :], np.float32).reshape(-1, 2)
    return np.insert(spans, 2, 1.0, axis=1)


def mixed_spans(trees: Sequence[Tree], said: Sequence[np.ndarray], gold: float) -> list[np.ndarray]:
    """What teachers say of spans, mixed with trees as far as there are any.

    Args:
        trees: of the first sentences.
        said: for each sentence ``[spans, 3]``: start, end, probability.
        gold: share of the tree.

    Raises:
        InputError: a share that cannot be.
    """
    if not 0 <= gold <= 1:
        raise InputError(f"gold is {gold}, expected 0 to 1")
    known = [
        np.concatenate((spans_of(tree) * (1, 1, gold), spans * (1, 1, 1 - gold))).astype(np.float32)
        for tree, spans in zip(trees, said, strict=False)
    ]
    return [*known, *said[len(known) :]]


def by_words(
    lengths: np.ndarray, numbers: np.ndarray, size: int, random: np.random.Generator
) -> list[list[int]]:
    """Sentences in batches of like length, in random order.

    Args:
        lengths: words of each sentence.
        numbers: which sentences.
        size: how many a batch has on average; each has about as many words as any other.
        random: draws who is with whom.

    Returns:
        The numbers, longest sentence first.
    """
    words = max(1, round(size * lengths[numbers].mean()))
    order = numbers[np.argsort(lengths[numbers] + random.uniform(0, 4, len(numbers)))]
    ends = np.flatnonzero(np.diff(np.cumsum(lengths[order]) // words)) + 1
    batches = [each[np.argsort(-lengths[each], kind="stable")] for each in np.split(order, ends)]
    return [batches[place].tolist() for place in random.permutation(len(batches))]


class _Parsing:
    """Parsing, as the trainer sees it."""

    def __init__(
        self,
        model: ChartParser,
        train: Sequence[Tree],
        dev: Sequence[Tree],
        settings: ParserSettings,
        soft: SoftTargets | None,
        sentences: Sequence[Sequence[str]],
    ) -> None:
        self.kind, self.model, self.settings, self.dev = model.KIND, model, settings, dev
        phrases = [each.tree for each in phrases_of(train)] if settings.phrases else []
        self.soft = soft or SoftTargets([spans_of(tree) for tree in train], len(train))
        self.targets = [*self.soft.targets, *map(spans_of, phrases)]
        self.phrases = np.arange(len(self.soft.targets), len(self.targets))
        words = [*(tree.words for tree in train), *sentences, *(tree.words for tree in phrases)]
        self.lengths = np.array([len(each) for each in words])
        self.encoded = model.encode_training(words)
        self.examples = len(words)
        self.optimizers = settings.optimizers(model)

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        drawn = self.soft.drawn(random)
        count = min(round(self.settings.phrases * len(drawn)), len(self.phrases))
        phrases = random.choice(self.phrases, count, replace=False)
        self.examples = len(drawn) + count
        chosen = np.concatenate((np.array(drawn), phrases))
        return by_words(self.lengths, chosen, self.settings.batch_size, random)

    def step(self, numbers: Sequence[int], done: float) -> float:
        rows, targets = np.array(numbers), [self.targets[i] for i in numbers]
        scores = self.model(
            self.model.collate([self.encoded[i] for i in numbers]).to(self.model.device)
        )
        place = np.repeat(np.arange(len(rows)), [len(each) for each in targets])
        spans = torch.from_numpy(np.concatenate(targets)).to(scores.device)
        start, end = spans[:, :2].long().T
        lengths = self.lengths[rows]
        # A tree of n words has n - 1 spans; of what teachers say, the improbable is missing.
        sums = np.array([each[:, 2].sum() for each in targets])
        told = torch.from_numpy(np.where(lengths > 1, sums / np.maximum(lengths - 1, 1), 1.0))
        partition = log_partition(scores, torch.from_numpy(lengths).to(scores.device))
        at_spans = scores[torch.from_numpy(place), start, end] @ spans[:, 2]
        loss = partition @ told.to(partition) - at_spans
        self.model.zero_grad()
        (loss / int(lengths.sum())).backward()
        self.settings.before_step(self.optimizers, done)
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.item()

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        assert isinstance(model, ChartParser)
        found = model.parse([tree.words for tree in self.dev])
        return {"dev_f1": 100 * bracket_score(found, self.dev).f1}

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        return self.settings.merit(epoch)

    def save(self, out: Path, **about: Any) -> None:
        self.model.save(out, **about)
