"""Training a translator.

Adam (Kingma & Ba 2015) with clipped gradients and a learning rate that falls to zero; labels
smoothed (Szegedy et al. 2016, section 7); on both sides a share of the words that are seen is
made unknown. The best epoch is that of the best dev BLEU, greedy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from treernn.checks import check_fractions
from treernn.corpora.parallel import Pair
from treernn.errors import InputError
from treernn.models.decoder import END, MARKS, UNKNOWN, targets
from treernn.models.storage import read_config
from treernn.models.translator import (
    KIND,
    Translator,
    TranslatorConfig,
    characters,
    sources,
    words,
)
from treernn.optional import require
from treernn.training.settings import TrainingSettings
from treernn.training.trainer import (
    Progress,
    Report,
    by_length,
    fingerprint,
    fit,
    rate,
)
from treernn.types import Splits

if TYPE_CHECKING:
    from sacrebleu.metrics.base import Score

# Sentences per batch where nothing is learnt.
_BATCH = 256


@dataclass(frozen=True, kw_only=True)
class Settings(TrainingSettings):
    """How a translator is trained. See ``TrainingSettings`` too.

    Attributes:
        cell: ``elman``, ``gru`` or ``lstm``.
        embedding_size: numbers per character and per word.
        hidden_size: numbers per state, see ``TranslatorConfig``.
        layers: of the encoder and of the decoder.
        attention: whether the decoder sees all states of the encoder, or the last alone.
        dropout: see ``TranslatorConfig``.
        unknown: share of the characters and words seen that is made unknown.
        smoothing: share of a label that goes to all words alike.
        frequent: how often a word must be in the train pairs to be one of the vocabulary.
        batch_size: pairs per step.
        learning_rate: of Adam, at its highest.
        weight_decay: L2, decoupled from the gradient (Loshchilov & Hutter 2019).
        clip: the longest gradient.
    """

    cell: str = "lstm"
    embedding_size: int = 192
    hidden_size: int = 256
    layers: int = 1
    attention: bool = True
    dropout: float = 0.3
    unknown: float = 0.1
    smoothing: float = 0.1
    frequent: int = 2
    epochs: int = 14
    patience: int = 14
    batch_size: int = 64
    learning_rate: float = 0.002
    weight_decay: float = 0.0
    clip: float = 1.0
    ema_decay: float = 0.998
    seed: int = 1

    def __post_init__(self) -> None:
        TranslatorConfig(  # has its own checks
            self.embedding_size,
            self.hidden_size,
            self.cell,
            self.layers,
            self.dropout,
            self.attention,
        )
        super().__post_init__()
        check_fractions(self, "unknown", "smoothing")
        if self.frequent < 1:
            raise InputError(f"frequent is {self.frequent}, expected at least 1")
        if not self.clip > 0:
            raise InputError(f"clip is {self.clip}, expected more than 0")


class Quality(NamedTuple):
    """How good translations are.

    Attributes:
        bleu: BLEU (Papineni et al. 2002), 0 to 100.
        chrf: chrF (Popović 2015), 0 to 100.
        signatures: what sacrebleu says of how it measured each.
    """

    bleu: float
    chrf: float
    signatures: tuple[str, str]


def quality(translations: Sequence[str], references: Sequence[str]) -> Quality:
    """Compare translations with one reference each, by sacrebleu (Post 2018) as it comes.

    Raises:
        InputError: there are none.
        MissingPackageError: sacrebleu is not installed.
    """
    if not references:
        raise InputError("no translations to measure")
    metrics = require("sacrebleu.metrics", extra="translation")
    bleu, chrf = metrics.BLEU(), metrics.CHRF()
    scores: list[Score] = [
        metric.corpus_score(list(translations), [list(references)]) for metric in (bleu, chrf)
    ]
    return Quality(
        scores[0].score,
        scores[1].score,
        (str(bleu.get_signature()), str(chrf.get_signature())),
    )


def vocabulary(sentences: Iterable[Iterable[str]], frequent: int) -> list[str]:
    """Rows of an embedding table: the marks, then the words that stand at least ``frequent`` times
    in the sentences, the most frequent first."""
    counts = Counter(word for sentence in sentences for word in sentence)
    return [*MARKS, *(word for word, count in counts.most_common() if count >= frequent)]


def new_translator(train: Sequence[Pair], settings: Settings) -> Translator:
    """An untrained translator with the vocabularies of ``train``."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return Translator(
            TranslatorConfig(
                settings.embedding_size,
                settings.hidden_size,
                settings.cell,
                settings.layers,
                settings.dropout,
                settings.attention,
            ),
            vocabulary((characters(pair.chinese) for pair in train), settings.frequent),
            vocabulary((words(pair.english) for pair in train), settings.frequent),
        )


def train_translator(
    train: Sequence[Pair],
    dev: Sequence[Pair],
    settings: Settings,
    out: Path,
    device: torch.device | str = "cpu",
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
) -> dict[str, Any]:
    """Train a translator and write the best one; see ``treernn.training.trainer.fit``.

    Args:
        train: pairs to learn from.
        dev: pairs to choose the best epoch by.
        settings: how.
        out: the model folder.
        device: where to train.
        about: what else ``config.json`` should say, such as where the pairs came from.
        progress, report: see ``fit``.

    Returns:
        The epoch whose weights are in ``out``, with ``dev_loss``, the mean over dev words in nats,
        and ``dev_bleu``.

    Raises:
        InputError: no pairs, or what ``fit`` raises.
        ModelError: what ``fit`` raises.
    """
    for name, pairs in (("train", train), ("dev", dev)):
        if not pairs:
            raise InputError(f"no {name} pairs")
    described = {
        "settings": asdict(settings),
        "data": _summary(train, dev),
        **(about or {}),
    }
    task = _Translation(new_translator(train, settings).to(device), train, dev, settings)
    return fit(task, settings, out, described, progress, report)


def check_held_out(model: Path, parts: Splits[Pair]) -> None:
    """Make sure that a model has not learnt from what it shall be measured with.

    Args:
        model: its folder.
        parts: of the pairs to measure it with.

    Raises:
        InputError: it was trained or chosen with other pairs than ``parts`` has for it.
        ModelError: it is no translation model.
    """
    found, expected = read_config(model, KIND).get("data"), _summary(parts.train, parts.dev)
    if found != expected:
        raise InputError(
            f"{model} learnt from other pairs than the train and dev parts of this file, so the "
            "test part may be known to it; measure it with the file that it was trained from"
        )


def _summary(train: Sequence[Pair], dev: Sequence[Pair]) -> dict[str, Any]:
    return {
        name: {"pairs": len(pairs), "sha256": fingerprint(pair[:2] for pair in pairs)}
        for name, pairs in (("train", train), ("dev", dev))
    }


class _Translation:
    """See ``treernn.training.trainer.Task``."""

    kind = KIND

    def __init__(
        self, model: Translator, train: Sequence[Pair], dev: Sequence[Pair], settings: Settings
    ) -> None:
        self.model: nn.Module = model
        self.translator, self.dev, self.settings = model, dev, settings
        self.pairs = _rows(model, train)
        self.dev_pairs = sorted(_rows(model, dev), key=lambda pair: len(pair[1]))
        self.lengths = [len(target) * 1000 + len(source) for source, target in self.pairs]
        self.examples = len(train)
        self.optimizers: Sequence[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                model.parameters(),
                lr=settings.learning_rate,
                weight_decay=settings.weight_decay,
                fused=True,
            )
        ]

    def batches(self, random: np.random.Generator) -> list[list[int]]:
        """Of like length, of the translation first."""
        return by_length(self.lengths, self.settings.batch_size, random)

    def step(self, numbers: Sequence[int], done: float) -> float:
        """One step of Adam; the learning rate rises for the first fiftieth of the run."""
        optimizer, settings = self.optimizers[0], self.settings
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * rate(done, 1 / 50)
        read = sources([self.pairs[i][0] for i in numbers])
        written = targets([self.pairs[i][1] for i in numbers])
        read = read._replace(seen=self._hide(read.seen)).to(self.translator.device)
        written = written._replace(seen=self._hide(written.seen)).to(self.translator.device)
        loss = F.cross_entropy(
            self.translator(read, written),
            written.gold,
            label_smoothing=settings.smoothing,
            reduction="sum",
        )
        optimizer.zero_grad()
        (loss / len(written.gold)).backward()
        nn.utils.clip_grad_norm_(self.translator.parameters(), settings.clip)
        optimizer.step()
        return float(loss.detach())

    def _hide(self, seen: Tensor) -> Tensor:
        """A share of the words, the marks excepted, as unknown ones."""
        hidden = (torch.rand(len(seen)) < self.settings.unknown) & (seen != END)
        return seen.masked_fill(hidden, UNKNOWN)

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        """Loss per dev word, unsmoothed, and BLEU of greedy translations."""
        assert isinstance(model, Translator)
        loss, count = 0.0, 0
        with torch.inference_mode():
            for first in range(0, len(self.dev_pairs), _BATCH):
                read, written = zip(*self.dev_pairs[first : first + _BATCH], strict=True)
                wanted = targets(written).to(model.device)
                scores = model(sources(read).to(model.device), wanted)
                loss += float(F.cross_entropy(scores, wanted.gold, reduction="sum"))
                count += len(wanted.gold)
        found = model.translate([pair.chinese for pair in self.dev], beam=1, batch=_BATCH)
        bleu = quality(found, [pair.english for pair in self.dev]).bleu
        return {"dev_loss": loss / count, "dev_bleu": bleu}

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        """BLEU, then the loss."""
        return epoch["dev_bleu"], -epoch["dev_loss"]

    def save(self, out: Path, **about: Any) -> None:
        """Write the model folder."""
        self.translator.save(out, **about)


def _rows(model: Translator, pairs: Sequence[Pair]) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(model.source_rows(pair.chinese), model.target_rows(pair.english)) for pair in pairs]
