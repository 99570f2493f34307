"""The one training loop: epochs, the best of them by the dev data, and a way back after a kill.

The weights that are kept are a moving average, see ``treernn.training.moving_average``.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from treernn.errors import InputError
from treernn.files import atomic_write, remove_temporary
from treernn.models.storage import CONFIG, FILES, read_config, trainable_state
from treernn.training.checkpoint import (
    below,
    load_checkpoint,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
)
from treernn.training.moving_average import MovingAverage
from treernn.training.settings import TrainingSettings

CHECKPOINT, METRICS = "checkpoint.safetensors", "metrics.jsonl"

Progress = Callable[[int, int, int], None]
Report = Callable[[dict[str, Any]], None]


class Task(Protocol):
    """What is trained, how a step is made, and what counts as good."""

    @property
    def kind(self) -> str:
        """Of the model folder, see ``treernn.models.storage``."""

    @property
    def model(self) -> nn.Module:
        """Trained in place."""

    @property
    def optimizers(self) -> Sequence[torch.optim.Optimizer]:
        """All whose state belongs into a checkpoint."""

    @property
    def examples(self) -> int:
        """How many there are."""

    def batches(self, random: np.random.Generator) -> Sequence[Sequence[int]]:
        """The steps of one epoch: numbers of examples, each once."""

    def step(self, numbers: Sequence[int], done: float) -> float:
        """Learn from these examples; ``done`` is the share of the run that lies behind, 0 to 1.
        The loss, summed over the examples, in nats. The gradients stay until the next step."""

    def measure(self, model: nn.Module) -> dict[str, float | None]:
        """Figures on the dev data of the averaged model; no number is NaN unless it diverged."""

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        """What the best epoch is best in; greater is better."""

    def save(self, out: Path, **about: Any) -> None:
        """Write ``model`` as a model folder; ``about`` goes into its ``config.json``."""


def fit(
    task: Task,
    settings: TrainingSettings,
    out: Path,
    described: Mapping[str, Any],
    progress: Progress = lambda _epoch, _done, _steps: None,
    report: Report = lambda _epoch: None,
) -> dict[str, Any]:
    """Train and write the best model, or the last; an interrupted run goes on where it was.

    In ``out`` grow ``metrics.jsonl``, one epoch a line, and ``checkpoint.safetensors``, written
    after each epoch; a run that finds its checkpoint there goes on to the very result that it
    would have come to unbroken. In the end the model's own files join them, and the checkpoint
    goes. A run that is finished already is left as it is.

    Args:
        task: what to train, untrained.
        settings: how long, how the weights are averaged, and the seed.
        out: the model folder.
        described: what tells this run from others, plain values; goes into ``config.json``.
        progress: called after each step with the epoch, the steps done in it and all its steps.
        report: called after each epoch with its figures.

    Returns:
        The epoch whose weights are in ``out``: its number ``epoch``, the mean ``loss`` of an
        example, what ``task.measure`` gave, ``seconds`` taken.

    Raises:
        InputError: ``out`` cannot be written, or holds a model or an unfinished run of other
            settings or data; or the loss is no number any more.
        ModelError: ``out`` holds a damaged checkpoint, or a model of another kind.
    """
    described = json.loads(json.dumps(described))
    path = out / CHECKPOINT
    best = _finished(task.kind, out, described)
    if best is None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{out}: cannot be made a folder ({error.strerror})") from None
        for name in (CHECKPOINT, METRICS, *FILES):
            remove_temporary(out / name)
        run = _Run(task, settings)
        run.restore(path, described)
        device = next(task.model.parameters()).device
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            while run.wants_more():
                epoch = run.epoch(progress)
                # Should it be killed between the two, the next run writes the line anew.
                with atomic_write(out / METRICS) as fresh:
                    lines = (json.dumps(line) + "\n" for line in run.history)
                    fresh.write_text("".join(lines), "utf-8")
                save_checkpoint(path, run.tensors(), {"about": described, "epochs": run.history})
                report(epoch)
        task.model.load_state_dict(run.best_weights, strict=False)
        task.model.eval()
        task.save(out, **described, chosen=run.best)
        best = run.best
    path.unlink(missing_ok=True)
    return best


def shuffled(count: int, size: int, random: np.random.Generator) -> list[list[int]]:
    """The numbers up to ``count`` in random order, ``size`` to a batch."""
    order = random.permutation(count).tolist()
    return [order[start : start + size] for start in range(0, count, size)]


def by_length(lengths: Sequence[int], size: int, random: np.random.Generator) -> list[list[int]]:
    """The same, those of like length together; the batches in random order."""
    order = random.permutation(len(lengths))
    order = order[np.argsort(np.asarray(lengths)[order], kind="stable")].tolist()
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    return [batches[i] for i in random.permutation(len(batches))]


def rate(done: float, warm_up: float) -> float:
    """The learning rate's share of its highest: it rises over the first ``warm_up`` of a run, of
    which ``done`` lies behind, and falls to zero in a line.

    >>> [round(rate(done, 0.1), 3) for done in (0.0, 0.05, 0.1, 0.5, 1.0)]
    [0.0, 0.475, 0.9, 0.5, 0.0]
    """
    return min(1.0, done / warm_up if warm_up else 1.0) * (1 - done)


def fingerprint(values: Iterable[Any]) -> str:
    """SHA-256 of plain values, which tells one set of data from another."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(json.dumps(value, default=int).encode() + b"\n")
    return digest.hexdigest()


def weights_fingerprint(model: nn.Module) -> str:
    """SHA-256 of a model's weights, which tells where a run begins."""
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(name.encode() + tensor.cpu().numpy().tobytes())
    return digest.hexdigest()


def _finished(kind: str, out: Path, described: Mapping[str, Any]) -> dict[str, Any] | None:
    """The chosen epoch of the run if it is finished already."""
    if not (out / CONFIG).exists():
        return None
    config = read_config(out, kind)
    if any(config.get(name) != value for name, value in described.items()):
        raise InputError(
            f"{out} holds a model of other settings, data or word vectors; choose another folder, "
            "or remove this one"
        )
    return config["chosen"]


class _Run:
    """A run's state between epochs: everything in it is in its checkpoint."""

    def __init__(self, task: Task, settings: TrainingSettings) -> None:
        self.task, self.settings = task, settings
        self.average = copy.deepcopy(task.model)
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Any] = {}
        self.best_weights: dict[str, Tensor] = {}

    def tensors(self) -> dict[str, Tensor]:
        """All tensors of the run, by name."""
        parts = {
            "model.": trainable_state(self.task.model),
            "average.": trainable_state(self.average),
            "best.": self.best_weights,
            **{
                f"optimizer.{number}.": optimizer_tensors(optimizer)
                for number, optimizer in enumerate(self.task.optimizers)
            },
        }
        return {
            start + name: value for start, part in parts.items() for name, value in part.items()
        }

    def restore(self, path: Path, described: Mapping[str, Any]) -> None:
        """Take up the run that ``path`` holds, if there is one."""
        checkpoint = load_checkpoint(path)
        if checkpoint is None:
            return
        if checkpoint.values["about"] != described:
            raise InputError(
                f"{path.parent} holds an unfinished run of other settings, data or word vectors; "
                f"finish it as it was begun, choose another folder, or remove its {path.name}"
            )
        self.task.model.load_state_dict(below("model.", checkpoint.tensors), strict=False)
        self.average.load_state_dict(below("average.", checkpoint.tensors), strict=False)
        for number, optimizer in enumerate(self.task.optimizers):
            restore_optimizer(optimizer, below(f"optimizer.{number}.", checkpoint.tensors))
        self.best_weights = below("best.", checkpoint.tensors)
        self.history = checkpoint.values["epochs"]
        self.best = max(self.history, key=self.merit)

    def merit(self, epoch: Mapping[str, Any]) -> tuple[float, ...]:
        """What the epoch that is kept is greatest in."""
        return (epoch["epoch"],) if self.settings.keep_last else self.task.merit(epoch)

    def wants_more(self) -> bool:
        """Whether another epoch is due."""
        done = len(self.history)
        if done >= self.settings.epochs:
            return False
        return done - (self.best["epoch"] if self.best else 0) < self.settings.patience

    def epoch(self, progress: Progress) -> dict[str, Any]:
        """One pass over the examples, and what it gave on the dev data."""
        task, began = self.task, time.perf_counter()
        number = len(self.history) + 1
        # All that is random in an epoch follows from the seed and its number, so that a
        # checkpoint need not hold the state of a generator.
        random = np.random.default_rng((self.settings.seed, number))
        torch.manual_seed(int(random.integers(2**62)))
        batches = task.batches(random)
        task.model.train()
        before = (number - 1) * len(batches)
        average = MovingAverage(self.average, task.model, self.settings.ema_decay, before)
        total = 0.0
        for step, batch in enumerate(batches, 1):
            done = (number - 1 + (step - 1) / len(batches)) / self.settings.epochs
            loss = task.step(batch, done)
            if not math.isfinite(loss):
                raise _diverged(number, step)
            total += loss
            average.update()
            progress(number, step, len(batches))
        average.settle()
        figures = task.measure(self.average.eval())
        if any(value is not None and not math.isfinite(value) for value in figures.values()):
            raise _diverged(number, len(batches))
        epoch = {
            "epoch": number,
            "loss": total / task.examples,
            **figures,
            "seconds": time.perf_counter() - began,
        }
        self.history.append(epoch)
        if not self.best or self.merit(epoch) > self.merit(self.best):
            self.best = epoch
            self.best_weights = {
                name: value.clone() for name, value in trainable_state(self.average).items()
            }
        return epoch


def _diverged(epoch: int, step: int) -> InputError:
    return InputError(
        f"the loss is no number any more in epoch {epoch}, step {step}: take a lower "
        "learning_rate or embedding_learning_rate"
    )
