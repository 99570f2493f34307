"""Training a tagger of words or of frames.

Adam (Kingma & Ba 2015) with decoupled weight decay, its learning rate falling to nothing over the
run; word vectors learn by plain gradient steps, as in ``treernn.training.sentiment``. A share of
the words is made unknown at each step, so that the parts of a word learn to stand for it.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from treernn.checks import check_fractions, check_non_negative
from treernn.corpora.frames import read_videos
from treernn.corpora.glove import WordVectors
from treernn.corpora.tagged import SUFFIX, read_tagged, read_treebank, split_documents
from treernn.errors import DataError, InputError
from treernn.models.tagger import KIND, UNTAGGED, Frames, Steps, Tagger, TaggerConfig
from treernn.models.word_embeddings import WordFeatures, normalize
from treernn.training.settings import TrainingSettings
from treernn.training.trainer import (
    Progress,
    Report,
    fingerprint,
    fit,
    shuffled,
    weights_fingerprint,
)

UNKNOWN = "<unk>"
DEV_SHARE = 0.1  # of one's own data, where there are no dev data

Tagged = tuple[Steps, Sequence[str]]
"""A sequence and the tag of each of its steps, as ``TaggedSentence`` and ``TaggedFrames`` are."""


@dataclass(frozen=True, kw_only=True)
class Settings(TrainingSettings):
    """How a tagger is trained; the defaults are for words. See ``TrainingSettings`` too.

    Attributes:
        cell: the merge rule: ``lstm``, ``gru`` or ``elman``.
        hidden_size: numbers per state, in each direction.
        layers: chains upon chains.
        bidirectional: chains in both directions; otherwise a tag depends on no later step.
        embedding_size: numbers per word vector where none are given; of frames, units of the
            layer that sees them.
        dropout: share left out of inputs, between layers, and before the softmax.
        word_dropout: share of the words of a step that are made unknown.
        batch_size: sequences per step.
        learning_rate: of Adam, at the start.
        embedding_learning_rate: of the word vectors' plain gradient steps, at the start.
        weight_decay: decoupled, on all but the word vectors.
    """

    cell: str = "lstm"
    hidden_size: int = 128
    layers: int = 2
    bidirectional: bool = True
    embedding_size: int = 100
    dropout: float = 0.5
    word_dropout: float = 0.1
    epochs: int = 12
    patience: int = 6
    batch_size: int = 16
    learning_rate: float = 2e-3
    embedding_learning_rate: float = 0.1
    weight_decay: float = 1e-2
    ema_decay: float = 0.998
    seed: int = 1

    def __post_init__(self) -> None:
        _config(self, self.embedding_size)  # has its own checks
        super().__post_init__()
        check_non_negative(self, "embedding_learning_rate")
        check_fractions(self, "word_dropout")


class Data(NamedTuple):
    """Sequences with their tags: to learn from, to choose by, to measure on (perhaps none)."""

    train: list[Tagged]
    dev: list[Tagged]
    test: list[Tagged]


def read_data(train: Path, dev: Path | None = None, column: str = "tag", seed: int = 1) -> Data:
    """What a tagger learns from.

    Args:
        train: a treebank (folder or archive with files ``*.mrg``), which is split by documents; or
            a folder of videos, see ``treernn.corpora.frames``; or a file of words and tags, see
            ``treernn.corpora.tagged``.
        dev: the same, unless it is a treebank; without it a tenth of ``train``, drawn by ``seed``.
        column: of the tags of videos.
        seed: see above.

    Raises:
        MissingDataError, DataError: a file is missing or faulty, or holds a single example, of
            which none can be held out.
        InputError: dev data beside a treebank.
    """
    if _is_treebank(train):
        if dev is not None:
            raise InputError(f"{train}: a treebank has dev sentences of its own, give none")
        parts = split_documents(read_treebank(train))
        return Data(list(parts.train), list(parts.dev), list(parts.test))
    found = _read(train, column)
    if dev is not None:
        return Data(found, _read(dev, column), [])
    if len(found) < 2:
        raise DataError("one example only, at least two are needed to hold one out", train)
    held_out = max(1, round(DEV_SHARE * len(found)))
    order = np.random.default_rng(seed).permutation(len(found)).tolist()
    return Data(
        [found[i] for i in sorted(order[held_out:])],
        [found[i] for i in sorted(order[:held_out])],
        [],
    )


def read_gold(path: Path, column: str = "tag") -> list[Tagged]:
    """What a tagger is measured on: as for ``read_data``; of a treebank its test part.

    Raises:
        MissingDataError, DataError: a file is missing or faulty.
    """
    if _is_treebank(path):
        return list(split_documents(read_treebank(path)).test)
    return _read(path, column)


def _is_treebank(path: Path) -> bool:
    return path.suffix == ".zip" or any(path.rglob(f"*{SUFFIX}"))


def _read(path: Path, column: str) -> list[Tagged]:
    return list(read_videos(path, column)) if path.is_dir() else list(read_tagged(path))


def tags_of(train: Sequence[Tagged]) -> list[str]:
    """The tags that occur, in order of their names."""
    return sorted({tag for _, tags in train for tag in tags})


def new_tagger(
    settings: Settings,
    train: Sequence[Tagged],
    vectors: WordVectors | None = None,
    frequent: int = 50_000,
) -> Tagger:
    """An untrained tagger of what ``train`` holds, words or frames.

    Args:
        settings: sizes, cell and seed.
        train: what it will learn from: the words and tags to know, or the frames' mean and spread.
        vectors: what the vectors of these words begin with; others begin with small random
            numbers.
        frequent: how many of the most frequent words of ``vectors`` to know besides.

    Raises:
        InputError: nothing to learn from.
    """
    _check("train", train)
    first = train[0][0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        if isinstance(first, np.ndarray):
            config = _config(settings, settings.embedding_size, first.shape[1])
            model = Tagger(config, tags_of(train))
            _standardise(model.inputs, train)
        else:
            words = _vocabulary(train, vectors, frequent)
            size = settings.embedding_size if vectors is None else vectors.dimension
            model = Tagger(_config(settings, size), tags_of(train), words)
            _put_in(model.inputs, words, vectors)
    return model


def _config(settings: Settings, embedding_size: int, frame_size: int = 0) -> TaggerConfig:
    parts = {"subword_size": 0, "subword_rows": 0} if frame_size else {}
    return TaggerConfig(
        embedding_size,
        settings.hidden_size,
        settings.layers,
        settings.cell,
        settings.bidirectional,
        settings.dropout,
        frame_size=frame_size,
        **parts,
    )


def _vocabulary(
    train: Sequence[Tagged], vectors: WordVectors | None, frequent: int
) -> tuple[str, ...]:
    """Unknown, the words of ``train`` in lower case by frequency, then those of ``vectors``."""
    counts = Counter(normalize(word).lower() for words, _ in train for word in words)
    rows = dict.fromkeys((UNKNOWN, *(word for word, _ in counts.most_common())))
    if vectors is not None:
        rows.update(dict.fromkeys(vectors.words[:frequent]))
    return tuple(rows)


def _put_in(inputs: nn.Module, words: Sequence[str], vectors: WordVectors | None) -> None:
    assert isinstance(inputs, WordFeatures)
    weight = inputs.embedding.weight.data
    weight.normal_(std=0.05)
    weight[0] = 0
    if vectors is not None:
        row = {word: number for number, word in enumerate(words)}
        at = [n for n, word in enumerate(vectors.words) if word in row]
        weight[[row[vectors.words[n]] for n in at]] = torch.from_numpy(vectors.vectors[at])


def _standardise(inputs: nn.Module, train: Sequence[Tagged]) -> None:
    """Mean and spread of the frames; a number that never changes is left as it is."""
    assert isinstance(inputs, Frames)
    frames = np.concatenate([frames for frames, _ in train]).astype(np.float64)
    spread = frames.std(0)
    inputs.mean.copy_(torch.from_numpy(frames.mean(0)))
    inputs.spread.copy_(torch.from_numpy(np.where(spread > 0, spread, 1)))


def train_tagger(
    model: Tagger,
    train: Sequence[Tagged],
    dev: Sequence[Tagged],
    settings: Settings,
    out: Path,
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
) -> dict[str, Any]:
    """Train ``model`` and write the best one; see ``treernn.training.trainer.fit``.

    Args:
        model: untrained, as ``new_tagger`` makes it.
        train: sequences with their tags.
        dev: the same, to choose the best epoch by.
        settings: how.
        out: the model folder.
        about: what else ``config.json`` should say, such as where the data came from.
        progress: called after each step with the epoch, the steps done in it and all its steps.
        report: called after each epoch with what it gave.

    Returns:
        The epoch whose weights are in ``out``, the one with the best ``dev_accuracy``.

    Raises:
        InputError: nothing to learn from or to choose by, tags and steps differ in number, or as
            ``fit``.
    """
    _check("train", train)
    _check("dev", dev)
    described = {
        "settings": asdict(settings),
        "data": {name: _summary(part) for name, part in (("train", train), ("dev", dev))},
        "untrained": weights_fingerprint(model),
        **(about or {}),
    }
    task = _Tagging(model, train, dev, settings)
    return fit(task, settings, out, described, progress, report)


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
                "as many, and at least one"
            )


def _summary(sequences: Sequence[Tagged]) -> dict[str, Any]:
    parts = (
        (
            hashlib.sha256(steps.tobytes()).hexdigest() if isinstance(steps, np.ndarray) else steps,
            tags,
        )
        for steps, tags in sequences
    )
    return {
        "sequences": len(sequences),
        "steps": sum(len(tags) for _, tags in sequences),
        "sha256": fingerprint(parts),
    }


class _Tagging:
    """The task of tagging, for the trainer."""

    kind = KIND

    def __init__(
        self, model: Tagger, train: Sequence[Tagged], dev: Sequence[Tagged], settings: Settings
    ) -> None:
        self.tagger, self.settings, self.dev = model, settings, dev
        self.model: nn.Module = model
        self.train = model.encode(*zip(*train, strict=True))
        self.examples = len(train)
        tables = []
        if isinstance(model.inputs, WordFeatures):
            tables = [model.inputs.embedding.weight]
        others = [weight for weight in model.parameters() if all(weight is not t for t in tables)]
        optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(others, lr=settings.learning_rate, weight_decay=settings.weight_decay)
        ]
        if tables:
            optimizers.append(torch.optim.SGD(tables, lr=settings.embedding_learning_rate))
        self.optimizers: Sequence[torch.optim.Optimizer] = optimizers
        self.rates = [each.param_groups[0]["lr"] for each in self.optimizers]

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        """Sequences in any order."""
        return shuffled(self.examples, self.settings.batch_size, random)

    def step(self, numbers: Sequence[int], done: float) -> float:
        """Cross-entropy of the tags, summed over steps."""
        batch = self.tagger.collate([self.train[i] for i in numbers])
        if isinstance(self.tagger.inputs, WordFeatures) and self.settings.word_dropout:
            rows, parts = batch.inputs
            unknown = torch.rand(len(rows)) < self.settings.word_dropout
            batch = batch._replace(inputs=(rows.masked_fill(unknown, 0), parts))
        batch = batch.to(self.tagger.device)
        loss = F.cross_entropy(
            self.tagger(batch), batch.tags, reduction="sum", ignore_index=UNTAGGED
        )
        self.tagger.zero_grad()
        (loss / len(batch.tags)).backward()
        for optimizer, rate in zip(self.optimizers, self.rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * (1 - done)
            optimizer.step()
        return loss.item()

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        """Accuracy over the steps of the dev data, per cent, and loss of a step, nats."""
        assert isinstance(model, Tagger)
        found = np.concatenate(model.distributions([steps for steps, _ in self.dev]))
        number = {tag: n for n, tag in enumerate(model.tags)}
        gold = np.array([number.get(tag, UNTAGGED) for _, tags in self.dev for tag in tags])
        known = gold != UNTAGGED
        # A tag that was never learnt cannot be right, and has no probability to be measured.
        loss = -np.log(found[known, gold[known]].clip(1e-9)).mean() if known.any() else 0.0
        return {
            "dev_accuracy": 100 * float((found.argmax(1) == gold).mean()),
            "dev_loss": float(loss),
        }

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        """The best epoch is best in accuracy, then in loss."""
        return epoch["dev_accuracy"], -epoch["dev_loss"]

    def save(self, out: Path, **about: Any) -> None:
        """Write the model folder."""
        self.tagger.save(out, **about)


def accuracy(gold: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> float:
    """Steps with the right tag, per cent.

    >>> accuracy([("DT", "NN")], [("DT", "VB")])
    50.0
    """
    right = [g == f for pair in zip(gold, found, strict=True) for g, f in zip(*pair, strict=True)]
    return 100 * sum(right) / len(right) if right else float("nan")


def f1(gold: Sequence[Sequence[str]], found: Sequence[Sequence[str]], tag: str) -> float:
    """F1 of a rare tag, per cent: how many of its steps are found, how many of the found are its.

    >>> f1([("none", "serve", "none")], [("serve", "serve", "none")], "serve")
    66.66666666666667
    """
    pairs = Counter(
        (g == tag, f == tag)
        for pair in zip(gold, found, strict=True)
        for g, f in zip(*pair, strict=True)
    )
    wrong = pairs[True, False] + pairs[False, True]
    both = 2 * pairs[True, True]
    return 100 * both / (both + wrong) if both + wrong else float("nan")


class MostFrequentTag:
    """Each word's most frequent tag, the most frequent of all for an unknown word: what every
    tagger has to be better than."""

    def __init__(self, train: Sequence[Tagged]) -> None:
        pairs = Counter(pair for words, tags in train for pair in zip(words, tags, strict=True))
        self.tags: dict[Any, str] = {}
        for (word, tag), _ in pairs.most_common():
            self.tags.setdefault(word, tag)
        self.default = Counter(tag for _, tags in train for tag in tags).most_common(1)[0][0]

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """The tags of ``sentences``."""
        return [tuple(self.tags.get(word, self.default) for word in each) for each in sentences]


class Perceptron:
    """NLTK's averaged perceptron (Collins 2002), trained on ``train`` in five passes."""

    def __init__(self, train: Sequence[Tagged], seed: int = 1) -> None:
        state = random.getstate()  # NLTK shuffles by the generator that all share
        from nltk.tag.perceptron import PerceptronTagger

        self.tagger = PerceptronTagger(load=False)
        random.seed(seed)
        self.tagger.train([list(zip(words, tags, strict=True)) for words, tags in train], nr_iter=5)
        random.setstate(state)

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """The tags of ``sentences``."""
        return [tuple(tag for _, tag in self.tagger.tag(list(each))) for each in sentences]
