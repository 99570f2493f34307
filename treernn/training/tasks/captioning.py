"""Training of captioners.

AdamW (Loshchilov & Hutter 2019) with a linearly decaying learning rate. An image with several
captions is several examples.
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

from treernn.checks import check_sizes
from treernn.corpora import digits
from treernn.corpora.captions import Captioned
from treernn.corpora.digits import SIZE
from treernn.errors import InputError
from treernn.evaluation.captioning import caption_metrics
from treernn.models.captioner import Captioner, CaptionerConfig, tokenize_caption
from treernn.models.decoder import SPECIAL_WORDS, collate_targets
from treernn.models.vocabulary import build_vocabulary
from treernn.training.data.provenance import fingerprint
from treernn.training.loop.optimizers import AdamW
from treernn.training.loop.settings import TrainingSettings
from treernn.training.loop.task import Prepared, Task, shuffled
from treernn.training.tasks.new_model import new_model
from treernn.types import Splits


@dataclass(frozen=True, kw_only=True)
class CaptioningSettings(TrainingSettings):
    """How a captioner is trained.

    Attributes:
        model: its ``feature_size`` is replaced by that of the images.
        min_count: occurrences in the training captions that a word of the vocabulary needs.
        distortion: strength of the random affine distortion of digits, 0 to 1, see ``_distorted``.
    """

    model: CaptionerConfig = CaptionerConfig()
    epochs: int = 25
    patience: int = 10
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    ema_decay: float = 0.999
    min_count: int = 1
    distortion: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(self, "min_count")
        if not 0 <= self.distortion <= 1:
            raise InputError(f"distortion is {self.distortion}, expected from 0 to 1")


def load_digits(count: int = 15_000) -> Splits[Captioned]:
    """``count`` rows of digits for training, and 1,000 dev rows."""
    return Splits(digits.rows("train", count), digits.rows("dev", 1000))


def new_captioner(settings: CaptioningSettings, train: Sequence[Captioned]) -> Captioner:
    """An untrained captioner; global random state is left as it was.

    Args:
        settings: configuration and seed.
        train: training data: the words to know and the size of the images.

    Raises:
        InputError: there are no images, or no words in their captions.
    """
    if not train:
        raise InputError("no train images")
    captions = (tokenize_caption(caption) for image in train for caption in image.captions)
    words = build_vocabulary(SPECIAL_WORDS, captions, min_count=settings.min_count)
    if len(words) == len(SPECIAL_WORDS):
        raise InputError(f"no word occurs {settings.min_count} times in the train captions")
    first = train[0].image
    with new_model(settings.seed):
        feature_size = len(first) if first.ndim == 1 else 0
        return Captioner(replace(settings.model, feature_size=feature_size), words)


class CaptioningTask(Task[Captioner, CaptioningSettings]):
    """Training of a captioner.

    Metrics of an epoch: ``loss`` per caption in nats; ``dev_exact`` and ``dev_bleu``, see
    ``CaptionMetrics``.

    Args:
        model: untrained, see ``new_captioner``.
        data: images with captions.
        settings: how to train.

    Raises:
        InputError: there are no images, or the model does not take them.
    """

    def __init__(
        self, model: Captioner, data: Splits[Captioned], settings: CaptioningSettings
    ) -> None:
        if not data.dev:
            raise InputError("no dev images")
        super().__init__(model, data, settings)
        self._images = model.collate([image.image for image in data.train])
        model.collate([image.image for image in data.dev])  # raises errors before an epoch
        pairs = [(i, caption) for i, image in enumerate(data.train) for caption in image.captions]
        self._image_of = torch.tensor([i for i, _ in pairs])
        self._captions = [model.vocabulary.ids(tokenize_caption(caption)) for _, caption in pairs]
        lr, decay = settings.learning_rate, settings.weight_decay
        self.optimizers = [AdamW(model.parameters(), lr, weight_decay=decay, fused=True)]

    def batches(self, rng: np.random.Generator) -> list[list[int]]:
        return shuffled(len(self._captions), self.settings.batch_size, rng)

    def sizes(self, examples: Sequence[int]) -> list[int]:
        return [len(self._captions[i]) + 1 for i in examples]

    def prepare(self, batch: Sequence[int]) -> Prepared:
        images = self._images[self._image_of[list(batch)]]
        captions = collate_targets([self._captions[i] for i in batch])
        return Prepared((images, captions), captions.labels)

    def scores(self, inputs: Any) -> Tensor:
        images, captions = inputs
        if images.dim() == 3:
            images = _distorted(images, self.settings.distortion)
        return self.model(images, captions)

    def total_loss(self, scores: Tensor, prepared: Prepared) -> Tensor:
        return F.cross_entropy(scores, prepared.targets, reduction="sum")

    def evaluate(self, model: Captioner) -> dict[str, float | None]:
        captions = model.caption([image.image for image in self.data.dev])
        metrics = caption_metrics([caption.text for caption in captions], self.data.dev)
        return {"dev_exact": metrics.exact, "dev_bleu": metrics.bleu}

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        return metrics["dev_exact"], metrics["dev_bleu"]

    @staticmethod
    def summary(examples: Sequence[Captioned]) -> dict[str, Any]:
        plain_values = (
            (
                image.name,
                image.image.shape,
                hashlib.sha256(image.image.tobytes()).hexdigest(),
                image.captions,
            )
            for image in examples
        )
        return {
            "images": len(examples),
            "captions": sum(len(image.captions) for image in examples),
            "sha256": fingerprint(plain_values),
        }


def _distorted(rows: Tensor, strength: float) -> Tensor:
    """Distort each digit by a random affine map (Simard et al. 2003).

    Args:
        rows: ``[B, SIZE, SIZE * digits]``.
        strength: maximal difference between each entry of the map and the identity, in units of
            half the side of a digit.
    """
    digits = rows.unflatten(2, (-1, SIZE)).transpose(1, 2).reshape(-1, 1, SIZE, SIZE)
    drawn = torch.rand(len(digits), 2, 3, device=rows.device)
    maps = torch.eye(2, 3, device=rows.device) + strength * (2 * drawn - 1)
    grid = F.affine_grid(maps, list(digits.shape), align_corners=False)
    moved = F.grid_sample(digits, grid, align_corners=False)  # zeros, paper, outside of the digit
    return moved.view(len(rows), -1, SIZE, SIZE).transpose(1, 2).flatten(2)
