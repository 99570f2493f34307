"""The training loop: optimizer steps, epochs, the choice of the best epoch, checkpoints.

The saved weights are a moving average, see ``treernn.training.loop.moving_average``. Several
processes train one model if they have joined, see ``treernn.training.loop.parallel``.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from treernn import strict_json
from treernn.errors import InputError, ModelError, TrainingWarning
from treernn.files import atomic_write, remove_temporary
from treernn.locks import locked, remove_stale
from treernn.models.storage import CONFIG, FILES, read_config, trainable_state
from treernn.outputs import folder_of
from treernn.training.loop.ahead import map_ahead
from treernn.training.loop.checkpoint import (
    check_state,
    load_checkpoint,
    not_a_checkpoint,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
    with_prefix,
)
from treernn.training.loop.moving_average import MovingAverage
from treernn.training.loop.parallel import Replica, Workers, connected
from treernn.training.loop.step import Share, prepare, step
from treernn.training.loop.task import Task

CHECKPOINT, METRICS = "checkpoint.safetensors", "metrics.jsonl"

READ_STEPS = 50
"""Steps after which their losses are read: on a GPU, nothing waits for a step before."""

OnStep = Callable[[int, int, int], None]
OnEpoch = Callable[[dict[str, Any]], None]


def fit(
    task: Task,
    out: Path,
    metadata: Mapping[str, Any] | None = None,
    on_step: OnStep = lambda _epoch, _step, _steps: None,
    on_epoch: OnEpoch = lambda _metrics: None,
) -> dict[str, Any]:
    """Train the model of a task and save the best epoch, or the last one.

    ``out`` receives ``metrics.jsonl``, one line per epoch, and ``checkpoint.safetensors``, written
    after each epoch. If a checkpoint is there, training resumes from it and ends with the same
    weights, bit for bit, as an uninterrupted run. At the end the model files are written and the
    checkpoint is removed. A finished run is not repeated. Only one training at a time writes into a
    folder.

    In several processes, each calls this with the same arguments. Process 0 alone reads and writes
    ``out``, evaluates, and calls ``on_step`` and ``on_epoch``.

    Args:
        task: the untrained model, its data and its settings.
        out: the model folder.
        metadata: further plain values for ``config.json``, such as the source of the data. They
            identify the run together with ``task.provenance()``.
        on_step: called after each step with the epoch, the step and the steps per epoch.
        on_epoch: called after each epoch with its metrics.

    Returns:
        Metrics of the saved epoch: its number ``epoch``, the mean ``loss`` per example, those of
        ``task.evaluate``, and ``seconds``.

    Raises:
        InputError: ``out`` cannot be written, or another process trains into it, or it holds a
            model or an unfinished run with other settings or data; or the loss became NaN or
            infinite; or processes differ, or there are more than examples in a batch.
        ProcessError: another process has ended.
        ModelError: ``out`` holds a damaged checkpoint, or a model of another kind.
    """
    provenance = json.loads(json.dumps({**task.provenance(), **(metadata or {})}))
    out = folder_of(out)
    workers = Workers.current()
    finished = functools.partial(_finished, task.model.KIND, out, provenance)
    with connected(workers), contextlib.ExitStack() as stack:
        workers.check_same(provenance)
        best = workers.of_first(finished)
        if best is None:
            workers.of_first(lambda: stack.enter_context(locked(out)))
            best = workers.of_first(finished)  # by the one who was here before
            best = best or _train(task, workers, out, provenance, on_step, on_epoch)
    # The process that trained it may have been killed at its very end.
    if workers.rank == 0:
        remove_stale(out)
        (out / CHECKPOINT).unlink(missing_ok=True)
    return best


def _train(
    task: Task,
    workers: Workers,
    out: Path,
    provenance: Mapping[str, Any],
    on_step: OnStep,
    on_epoch: OnEpoch,
) -> dict[str, Any]:
    """Train, or resume; see ``fit``."""
    if workers.count > task.settings.batch_size:
        raise InputError(
            f"batch_size is {task.settings.batch_size}, expected at least one example for each of "
            f"{workers.count} processes"
        )

    def clean() -> None:
        for name in (CHECKPOINT, METRICS, *FILES):
            remove_temporary(out / name)

    def write() -> None:
        # If the process is killed between the two writes, the resumed run repeats them.
        with atomic_write(out / METRICS) as fresh:
            lines = (strict_json.dumps(line) + "\n" for line in run.history)
            fresh.write_text("".join(lines), "utf-8")
        header = {
            "provenance": provenance,
            "history": run.history,
            "processes": workers.count,
        }
        save_checkpoint(out / CHECKPOINT, run.tensors(), header)

    workers.of_first(clean)
    run = _Run(task, workers)
    run.restore(out / CHECKPOINT, provenance)
    device = next(task.model.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        while run.wants_more():
            metrics = run.epoch(on_step)
            workers.of_first(write)
            if workers.rank == 0:
                on_epoch(metrics)
    task.model.load_state_dict(run.best_weights, strict=False)
    task.model.eval()
    workers.of_first(lambda: task.save(out, **provenance, chosen=run.best))
    return run.best


def _prepared(task: Task, workers: Workers, batches: Sequence[Sequence[int]]) -> Iterator[Share]:
    """The shares of this process."""
    own = functools.partial(prepare, task, workers)
    return map_ahead(own, batches) if task.prepares_ahead else map(own, batches)


def _finished(kind: str, out: Path, provenance: Mapping[str, Any]) -> dict[str, Any] | None:
    """The metrics of the saved epoch if the run is already finished."""
    if not (out / CONFIG).exists():
        return None
    config = read_config(out, kind)
    if any(config.get(name) != value for name, value in provenance.items()):
        raise InputError(
            f"{out} holds a model of other settings, data or word vectors; choose another folder, "
            "or remove this one"
        )
    chosen = config.get("chosen")
    if not _are_metrics(chosen):
        raise ModelError(f"{out / CONFIG}: damaged, it does not say which epoch was chosen")
    return chosen


def _are_metrics(values: Any) -> bool:
    """Whether these can be the metrics of an epoch, as ``_Run.epoch`` makes them."""
    if not isinstance(values, dict) or not values.keys() >= {"epoch", "loss", "seconds"}:
        return False
    largest = sys.float_info.max  # NaN and whole numbers without a float are not within it
    return isinstance(values["epoch"], int) and all(
        value is None or (isinstance(value, int | float) and abs(value) <= largest)
        for value in values.values()
    )


class _Run:
    """The state of a run between epochs; a checkpoint holds all of it."""

    def __init__(self, task: Task, workers: Workers) -> None:
        self.task, self.settings, self.workers = task, task.settings, workers
        self.average = copy.deepcopy(task.model)
        for module in self.average.modules():  # the copy has a piece of memory for each weight
            if isinstance(module, nn.RNNBase):
                module.flatten_parameters()
        self.replica = Replica(task, workers)
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
            prefix + name: value for prefix, part in parts.items() for name, value in part.items()
        }

    def restore(self, path: Path, provenance: Mapping[str, Any]) -> None:
        """Resume from the checkpoint at ``path``, if there is one."""
        tensors: dict[str, Tensor] = {}

        def header_of_checkpoint() -> dict[str, Any] | None:
            checkpoint = load_checkpoint(path)
            if checkpoint is None:
                return None
            if checkpoint.header.get("provenance") != provenance:
                raise InputError(
                    f"{path.parent} holds an unfinished run of other settings, data or word "
                    "vectors; resume it with those, choose another folder, or remove its "
                    f"{path.name}"
                )
            before = checkpoint.header.get("processes", 1)
            if before != self.workers.count:
                warnings.warn(
                    f"{path.parent} was trained by {before} process(es) so far and goes on with "
                    f"{self.workers.count}: the model is about as good, but not the same",
                    TrainingWarning,
                    stacklevel=2,
                )
            tensors.update(checkpoint.tensors)
            return checkpoint.header

        header = self.workers.of_first(header_of_checkpoint)
        if header is None:
            return
        try:
            self._restore(self.workers.tensors_of_first(tensors), header["history"])
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            raise not_a_checkpoint(path, error) from None

    def _restore(self, tensors: Mapping[str, Tensor], history: Any) -> None:
        """Resume from a checkpoint whose content may be any."""
        if not (isinstance(history, list) and all(map(_are_metrics, history))):
            raise ValueError("the metrics of its epochs are none")
        if not history or [each["epoch"] for each in history] != [*range(1, len(history) + 1)]:
            raise ValueError("its epochs are not 1, 2, …")
        best_weights = with_prefix("best.", tensors)
        check_state(self.average, best_weights)
        for prefix, module in (("model.", self.task.model), ("average.", self.average)):
            weights = with_prefix(prefix, tensors)
            check_state(module, weights)
            module.load_state_dict(weights, strict=False)
        for number, optimizer in enumerate(self.task.optimizers):
            restore_optimizer(optimizer, with_prefix(f"optimizer.{number}.", tensors))
        self.best_weights, self.history = best_weights, history
        self.best = max(self.history, key=self.selection_key)

    def selection_key(self, metrics: Mapping[str, Any]) -> tuple[float, ...]:
        """The epoch with the greatest key is saved."""
        return (metrics["epoch"],) if self.settings.keep_last else self.task.selection_key(metrics)

    def wants_more(self) -> bool:
        """Whether to train another epoch."""
        completed = len(self.history)
        if completed >= self.settings.epochs:
            return False
        return completed - (self.best["epoch"] if self.best else 0) < self.settings.patience

    def epoch(self, on_step: OnStep) -> dict[str, Any]:
        """Train one epoch and evaluate it; returns its metrics."""
        task, start = self.task, time.perf_counter()
        number = len(self.history) + 1
        # The seed and the number of the epoch determine all random numbers of the epoch, so that
        # a checkpoint needs no generator state.
        rng = np.random.default_rng((self.settings.seed, number))
        torch.manual_seed(int(rng.integers(2**62)) + self.workers.rank)
        batches = task.batches(rng)
        task.model.train()
        steps_before = (number - 1) * len(batches)
        average = MovingAverage(self.average, task.model, self.settings.ema_decay, steps_before)
        losses: list[float] = []
        unread: list[Tensor] = []
        for count, share in enumerate(_prepared(task, self.workers, batches), 1):
            progress = (number - 1 + (count - 1) / len(batches)) / self.settings.epochs
            unread.append(step(self.replica, share, progress))
            average.update()
            if count % READ_STEPS == 0 or count == len(batches):
                losses += _read(self.workers.add_up(torch.stack(unread)))
                if not math.isfinite(losses[-1]):
                    raise _diverged(number, len(losses))
                unread.clear()
            if self.workers.rank == 0:
                on_step(number, count, len(batches))
        average.settle()
        for sums in task.sums():
            self.workers.add_up(sums)

        def evaluated() -> dict[str, Any]:
            try:
                evaluation = task.evaluate(self.average.eval())
            except ModelError:  # its scores are not numbers
                raise _diverged(number, len(batches)) from None
            if any(value is not None and not math.isfinite(value) for value in evaluation.values()):
                raise _diverged(number, len(batches))
            loss = math.fsum(losses) / sum(map(len, batches))
            seconds = time.perf_counter() - start
            return {"epoch": number, "loss": loss, **evaluation, "seconds": seconds}

        metrics = self.workers.of_first(evaluated)
        self.history.append(metrics)
        if not self.best or self.selection_key(metrics) > self.selection_key(self.best):
            self.best = metrics
            self.best_weights = {
                name: value.clone() for name, value in trainable_state(self.average).items()
            }
        return metrics


def _read(losses: Tensor) -> list[float]:
    """The values of losses up to the first that is not finite, for which this waits."""
    values: list[float] = losses.tolist()
    wrong = (place for place, value in enumerate(values, 1) if not math.isfinite(value))
    return values[: next(wrong, None)]


def _diverged(epoch: int, step: int) -> InputError:
    return InputError(
        f"the loss became NaN or infinite in epoch {epoch}, step {step}: lower the learning_rate "
        "or embedding_learning_rate"
    )
