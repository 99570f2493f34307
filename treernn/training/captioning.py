"""Training a captioner, and measuring one.

Adam with weight decay of its own (Loshchilov & Hutter 2019) under a rate that falls to nothing
over the run; the loss is summed over the words of a caption. An image with several captions is as
many examples.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.corpora import digits
from treernn.corpora.captions import Captioned
from treernn.corpora.digits import SIZE
from treernn.errors import InputError
from treernn.models.captioner import KIND, Captioner, CaptionerConfig, words_of
from treernn.models.decoder import MARKS, targets
from treernn.optional import require
from treernn.training.settings import TrainingSettings
from treernn.training.trainer import (
    Progress,
    Report,
    fingerprint,
    fit,
    shuffled,
    weights_fingerprint,
)


@dataclass(frozen=True, kw_only=True)
class Settings(TrainingSettings):
    """How a captioner is trained; the defaults are those that the documents measure. See
    ``TrainingSettings`` too.

    Attributes:
        cell: the merge rule, see ``CaptionerConfig``.
        embedding_size: numbers per word vector.
        hidden_size: numbers per state.
        layers: chains on top of each other.
        dropout: share left out of the image's vector and of the chain, see ``CaptionerConfig``.
        frequency: how often a word must stand in the train captions to have a row of its own.
        distortion: how much digits are turned, stretched and moved at random, see ``_distorted``.
        batch_size: captions per step.
        learning_rate: of Adam at first; it falls to 0 over all epochs.
        weight_decay: share of the rate by which weights shrink at each step.
        seed: of distortion too.
    """

    cell: str = "lstm"
    embedding_size: int = 64
    hidden_size: int = 128
    layers: int = 1
    dropout: float = 0.3
    frequency: int = 1
    distortion: float = 0.1
    epochs: int = 25
    patience: int = 10
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    ema_decay: float = 0.999
    seed: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        CaptionerConfig(  # has its own checks
            0, self.embedding_size, self.hidden_size, self.cell, self.layers, self.dropout
        )
        if self.frequency < 1:
            raise InputError(f"frequency is {self.frequency}, expected at least 1")
        if not 0 <= self.distortion <= 1:
            raise InputError(f"distortion is {self.distortion}, expected from 0 to 1")


@dataclass(frozen=True)
class Measured:
    """How well captions fit.

    Attributes:
        exact: per cent of the images whose caption is one of theirs, word by word.
        bleu: BLEU of all captions together (Papineni et al. 2002), per cent, against all of an
            image's own; from words as ``words_of`` finds them.
        images: how many.
    """

    exact: float
    bleu: float
    images: int


def measured(captions: Sequence[str], images: Sequence[Captioned]) -> Measured:
    """Compare what was said of images with their own captions.

    Args:
        captions: one for each image; words with spaces between them.
        images: at least one.

    Raises:
        InputError: there are no images, or not as many captions.
        MissingPackageError: sacrebleu is not installed.
    """
    if not images or len(captions) != len(images):
        raise InputError(f"{len(captions)} captions of {len(images)} images, expected one of each")
    metrics = require("sacrebleu.metrics", extra="captioning")
    own = [[" ".join(words_of(each)) for each in image.captions] for image in images]
    right = sum(caption in each for caption, each in zip(captions, own, strict=True))
    most = max(map(len, own))
    # sacrebleu takes the first captions of all images, then the second; None where there is none.
    columns: Any = [[each[n] if n < len(each) else None for each in own] for n in range(most)]
    bleu = metrics.BLEU(tokenize="none", force=True).corpus_score(list(captions), columns)
    return Measured(100 * right / len(images), bleu.score, len(images))


def vocabulary(images: Iterable[Captioned], frequency: int = 1) -> list[str]:
    """The marks, then the words of all captions, the most frequent first; those that stand there
    less than ``frequency`` times are left out."""
    counts = Counter(
        word for image in images for caption in image.captions for word in words_of(caption)
    )
    return [*MARKS, *(word for word, count in counts.most_common() if count >= frequency)]


def digit_data(count: int = 15_000) -> tuple[list[Captioned], list[Captioned]]:
    """Rows of digits to learn from, ``count`` of them, and 1,000 to choose the best epoch by."""
    return digits.rows("train", count), digits.rows("dev", 1000)


def new_captioner(settings: Settings, train: Sequence[Captioned]) -> Captioner:
    """An untrained captioner for the images and the words of ``train``.

    Raises:
        InputError: there are no images, or no words in their captions.
    """
    if not train:
        raise InputError("no train images")
    words = vocabulary(train, settings.frequency)
    if len(words) == len(MARKS):
        raise InputError("no word of the train captions is frequent enough to be learnt")
    first = train[0].image
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return Captioner(
            CaptionerConfig(
                feature_size=len(first) if first.ndim == 1 else 0,
                embedding_size=settings.embedding_size,
                hidden_size=settings.hidden_size,
                cell=settings.cell,
                layers=settings.layers,
                dropout=settings.dropout,
            ),
            words,
        )


def train_captioner(
    model: Captioner,
    train: Sequence[Captioned],
    dev: Sequence[Captioned],
    settings: Settings,
    out: Path,
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
) -> dict[str, Any]:
    """Train ``model`` and write the best one; an interrupted run goes on where it was, see ``fit``.

    Args:
        model: untrained, as ``new_captioner`` makes it.
        train: images to learn from.
        dev: images to choose the best epoch by.
        settings: how.
        out: the model folder.
        about: what else ``config.json`` should say, such as where the images came from.
        progress: called after each step with the epoch, the steps done in it and all its steps.
        report: called after each epoch.

    Returns:
        The epoch whose weights are in ``out``: most exact dev captions, then best BLEU.

    Raises:
        InputError: there are no images, or some that the model cannot look at; or as ``fit``.
        MissingPackageError: sacrebleu is not installed.
        ModelError: as ``fit``.
    """
    if not dev:
        raise InputError("no dev images")
    task = _Captioning(model, train, dev, settings)
    described = {
        "settings": asdict(settings),
        "data": {"train": _summary(train), "dev": _summary(dev)},
        "untrained": {"words": len(model.vocabulary), "sha256": weights_fingerprint(model)},
        **(about or {}),
    }
    return fit(task, settings, out, described, progress, report)


def _summary(images: Sequence[Captioned]) -> dict[str, Any]:
    plain = (
        (image.name, image.image.shape, hashlib.sha256(image.image.tobytes()).hexdigest(), said)
        for image in images
        for said in [image.captions]
    )
    return {
        "images": len(images),
        "captions": sum(len(image.captions) for image in images),
        "sha256": fingerprint(plain),
    }


class _Captioning:
    """The task as the training loop sees it."""

    kind = KIND

    def __init__(
        self,
        model: Captioner,
        train: Sequence[Captioned],
        dev: Sequence[Captioned],
        settings: Settings,
    ) -> None:
        self.model: nn.Module = model
        self.captioner, self.settings, self.dev = model, settings, dev
        self.images = model.collate([image.image for image in train])
        model.collate([image.image for image in dev])  # is checked before, not after, an epoch
        pairs = [(i, said) for i, image in enumerate(train) for said in image.captions]
        self.image_of = torch.tensor([i for i, _ in pairs])
        self.texts = [model.vocabulary.ids(words_of(said)) for _, said in pairs]
        self.examples = len(pairs)
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.optimizers: Sequence[torch.optim.Optimizer] = [self.optimizer]

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        return shuffled(self.examples, self.settings.batch_size, random)

    def step(self, numbers: Sequence[int], done: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * (1 - done)
        batch = self.images[self.image_of[list(numbers)]].to(self.captioner.device)
        if batch.dim() == 3:
            batch = _distorted(batch, self.settings.distortion)
        wanted = targets([self.texts[i] for i in numbers]).to(self.captioner.device)
        loss = F.cross_entropy(self.captioner(batch, wanted), wanted.gold, reduction="sum")
        self.optimizer.zero_grad()
        (loss / len(numbers)).backward()
        self.optimizer.step()
        return loss.item()

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        assert isinstance(model, Captioner)
        said = model.caption([image.image for image in self.dev])
        found = measured([caption.text for caption in said], self.dev)
        return {"dev_exact": found.exact, "dev_bleu": found.bleu}

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        return epoch["dev_exact"], epoch["dev_bleu"]

    def save(self, out: Path, **about: Any) -> None:
        self.captioner.save(out, **about)


def _distorted(rows: Tensor, most: float) -> Tensor:
    """Rows of digits, each digit in its place turned, stretched and moved at random, by an affine
    map that differs from the identity by at most ``most`` in each number (Simard et al. 2003);
    half a side is 1."""
    digits = rows.unflatten(2, (-1, SIZE)).transpose(1, 2).reshape(-1, 1, SIZE, SIZE)
    maps = torch.eye(2, 3) + most * (2 * torch.rand(len(digits), 2, 3) - 1)
    grid = F.affine_grid(maps.to(rows.device), list(digits.shape), align_corners=False)
    moved = F.grid_sample(digits, grid, align_corners=False)  # beyond its border is paper
    return moved.view(len(rows), -1, SIZE, SIZE).transpose(1, 2).flatten(2)
