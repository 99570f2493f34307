"""Training a tree classifier.

The optimiser is that of Tai et al. (2015, section 5.4): AdaGrad with L2 on all but the word
vectors, these by plain gradient steps; the loss is summed over the labelled nodes of each tree.
The weights that are kept are a moving average (Polyak & Juditsky 1992).
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.files import sweep, whole_file
from treernn.models.classifier import KIND, Batch, ClassifierConfig, Example, TreeClassifier
from treernn.models.folder import CONFIG, FILES, read_config
from treernn.structure.plan import graph_library
from treernn.training.checkpoint import (
    below,
    load_checkpoint,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
)
from treernn.training.evaluation import evaluate
from treernn.types import LABELS, UNLABELLED, Tree

UNKNOWN = "<unk>"
CHECKPOINT, METRICS = "checkpoint.safetensors", "metrics.jsonl"


@dataclass(frozen=True)
class Settings:
    """How a classifier is trained; the defaults made the shipped model.

    Attributes:
        cell: the merge rule, see ``ClassifierConfig``.
        hidden_size: numbers per node state.
        dropout: share left out of word vectors, and of states before the classifier.
        epochs: passes over the trees at most.
        patience: epochs without a better dev result after which training ends.
        batch_size: trees per step.
        learning_rate: of AdaGrad.
        embedding_learning_rate: of the word vectors' plain gradient steps.
        weight_decay: L2 on all but the word vectors.
        averaging: share of the old average at each step.
        root_weight: how many times the loss of a root counts.
        seed: of the initial weights, the order of the trees and dropout.
    """

    cell: str = "lstm"
    hidden_size: int = 150
    dropout: float = 0.5
    epochs: int = 26
    patience: int = 8
    batch_size: int = 25
    learning_rate: float = 0.05
    embedding_learning_rate: float = 0.3
    weight_decay: float = 1e-4
    averaging: float = 0.9995
    root_weight: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        ClassifierConfig(1, self.hidden_size, self.cell, self.dropout)  # has its own checks
        for name in ("epochs", "patience", "batch_size"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}, expected at least 1")
        for name in ("learning_rate", "embedding_learning_rate", "weight_decay", "root_weight"):
            if not 0 <= getattr(self, name) < 1e38:  # what float32 holds
                raise InputError(f"{name} is {getattr(self, name)}, expected 0 or more, below 1e38")
        if not 0 <= self.averaging < 1:
            raise InputError(f"averaging is {self.averaging}, expected from 0 to below 1")
        if not 0 <= self.seed < 2**63:
            raise InputError(f"seed is {self.seed}, expected from 0 to below 2**63")


_TYPES = {int: "a whole number", float: "a number", str: "a text"}


def settings_from(values: Mapping[str, Any]) -> Settings:
    """Settings of names and values, such as those of a TOML file.

    Raises:
        InputError: a name is unknown, or a value has the wrong type or lies out of range.
    """
    defaults = asdict(Settings())
    chosen = {}
    for name, value in values.items():
        if name not in defaults:
            raise InputError(f"no setting is called {name!r}; there are {', '.join(defaults)}")
        wanted = type(defaults[name])
        fits = isinstance(value, wanted) or (wanted is float and isinstance(value, int))
        if not fits or isinstance(value, bool):
            raise InputError(f"{name} is {value!r}, expected {_TYPES[wanted]}")
        chosen[name] = wanted(value)
    return Settings(**chosen)


@dataclass(frozen=True)
class Epoch:
    """What one pass over the trees gave.

    Attributes:
        epoch: its number, from 1.
        loss: mean over trees of the loss summed over a tree's nodes, in nats.
        dev_root: root accuracy on the dev trees, five classes, per cent.
        dev_binary: the same, positive against negative; None where all dev roots are neutral.
        dev_all: accuracy over all labelled nodes, five classes.
        seconds: time taken, measuring included.
    """

    epoch: int
    loss: float
    dev_root: float
    dev_binary: float | None
    dev_all: float
    seconds: float


def vocabulary(trees: Sequence[Tree], vectors: WordVectors | None, frequent: int) -> list[str]:
    """The rows of the embedding table: unknown, the words of ``trees`` in lower case by frequency,
    then the ``frequent`` most frequent words of ``vectors``, which come in order of frequency."""
    counts = Counter(word.lower() for tree in trees for word in tree.words)
    words = dict.fromkeys((UNKNOWN, *(word for word, _ in counts.most_common())))
    if vectors is not None:
        words.update(dict.fromkeys(vectors.words[:frequent]))
    return list(words)


def new_classifier(
    settings: Settings, words: Sequence[str], vectors: WordVectors | None, size: int = 100
) -> TreeClassifier:
    """An untrained classifier.

    Args:
        settings: sizes, cell and seed.
        words: the vocabulary.
        vectors: what the rows of these words begin with; other rows begin with small random
            numbers.
        size: numbers per word vector, where there are no ``vectors``.
    """
    if vectors is not None:
        size = vectors.dimension
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        config = ClassifierConfig(size, settings.hidden_size, settings.cell, settings.dropout)
        model = TreeClassifier(config, words)
        weight = model.embedding.weight.data
        weight.normal_(std=0.05)
    weight[0] = 0
    if vectors is not None:
        row = {word: number for number, word in enumerate(words)}
        found = [(row[word], at) for at, word in enumerate(vectors.words) if word in row]
        if found:
            rows, at = (list(column) for column in zip(*found, strict=True))
            weight[rows] = torch.from_numpy(vectors.vectors[at])
    return model


def train_classifier(
    model: TreeClassifier,
    train: Sequence[Tree],
    dev: Sequence[Tree],
    settings: Settings,
    out: Path,
    about: Mapping[str, Any] | None = None,
    progress: Callable[[int, int, int], None] = lambda _epoch, _done, _steps: None,
    report: Callable[[Epoch], None] = lambda _epoch: None,
) -> Epoch:
    """Train ``model`` and write the best one; an interrupted run goes on where it was.

    In ``out`` grow ``metrics.jsonl``, one ``Epoch`` a line, and ``checkpoint.safetensors``, written
    after each epoch; a run that finds its checkpoint there goes on to the very result that it
    would have come to unbroken. In the end the model's own files join them, and the checkpoint
    goes. A run that is finished already is left as it is.

    Args:
        model: untrained, as ``new_classifier`` makes it.
        train: trees, at least one node labelled.
        dev: trees to choose the best epoch by; those whose roots are labelled count.
        settings: how.
        out: the model folder.
        about: what else ``config.json`` should say, such as where the trees came from.
        progress: called after each step with the epoch, the steps done in it and all its steps.
        report: called after each epoch.

    Returns:
        The epoch whose weights are in ``out``: best dev root accuracy, five classes.

    Raises:
        InputError: trees that nothing can be learnt from or chosen by; or ``out`` cannot be
            written, or holds a model or an unfinished run of other settings, data or word
            vectors; or the loss is no number any more.
        ModelError: ``out`` holds a damaged checkpoint, or a model of another kind.
    """
    _check(train, dev)
    described = {"settings": asdict(settings), **_origin(model, train, dev), **(about or {})}
    described = json.loads(json.dumps(described))
    path = out / CHECKPOINT
    best = _finished(out, described)
    if best is None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{out}: cannot be made a folder ({error.strerror})") from None
        for name in (CHECKPOINT, METRICS, *FILES):
            sweep(out / name)
        run = _Run(model, train, dev, settings)
        run.restore(path, described)
        with torch.random.fork_rng(devices=[model.device] if model.device.type == "cuda" else []):
            while run.wants_more():
                epoch = run.epoch(progress)
                # Should it be killed between the two, the next run writes the line anew.
                with whole_file(out / METRICS) as fresh:
                    lines = (json.dumps(line) + "\n" for line in run.history)
                    fresh.write_text("".join(lines), "utf-8")
                save_checkpoint(path, run.tensors(), {"about": described, "epochs": run.history})
                report(epoch)
        model.load_state_dict(run.best_weights)
        model.eval().save(out, compact=True, **described, chosen=run.best)
        best = Epoch(**run.best)
    path.unlink(missing_ok=True)
    return best


def _check(train: Sequence[Tree], dev: Sequence[Tree]) -> None:
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


def _origin(model: TreeClassifier, train: Sequence[Tree], dev: Sequence[Tree]) -> dict[str, Any]:
    """Where a run begins: enough to tell one run from another."""
    start = hashlib.sha256(json.dumps(model.vocabulary.words).encode())
    for name, tensor in model.state_dict().items():
        start.update(name.encode() + tensor.cpu().numpy().tobytes())
    return {
        "data": {"train": _summary(train), "dev": _summary(dev)},
        "untrained": {"words": len(model.vocabulary), "sha256": start.hexdigest()},
    }


def _summary(trees: Sequence[Tree]) -> dict[str, Any]:
    digest = hashlib.sha256()
    for tree in trees:
        plain = json.dumps((tree.words, tree.children, tree.labels), default=int)
        digest.update(plain.encode() + b"\n")
    return {
        "trees": len(trees),
        "nodes": sum(tree.num_nodes for tree in trees),
        "sha256": digest.hexdigest(),
    }


def _finished(out: Path, described: Mapping[str, Any]) -> Epoch | None:
    """The chosen epoch of the run if it is finished already."""
    if not (out / CONFIG).exists():
        return None
    config = read_config(out, KIND)
    if any(config.get(name) != value for name, value in described.items()):
        raise InputError(
            f"{out} holds a model of other settings, data or word vectors; choose another folder, "
            "or remove this one"
        )
    return Epoch(**config["chosen"])


class _Run:
    """A run's state between epochs: everything in it is in its checkpoint."""

    def __init__(
        self, model: TreeClassifier, train: Sequence[Tree], dev: Sequence[Tree], settings: Settings
    ) -> None:
        self.model, self.settings, self.dev = model, settings, dev
        self.library = graph_library()
        self.examples = model.examples(train, self.library)
        self.average = copy.deepcopy(model)
        # Rows of words that no tree has never change: averaging leaves them alone.
        self.rows = 1 + int(max(example.words.max() for example in self.examples))
        table = model.embedding.weight
        others = [weight for weight in model.parameters() if weight is not table]
        self.optimizer = torch.optim.Adagrad(
            others, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.table_optimizer = torch.optim.SGD([table], lr=settings.embedding_learning_rate)
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Any] = {}
        self.best_weights: dict[str, Tensor] = {}

    def tensors(self) -> dict[str, Tensor]:
        """All tensors of the run, by name."""
        return {
            **{f"model.{name}": value for name, value in self.model.state_dict().items()},
            **{f"average.{name}": value for name, value in self.average.state_dict().items()},
            **{f"best.{name}": value for name, value in self.best_weights.items()},
            **{
                f"optimizer.{name}": value
                for name, value in optimizer_tensors(self.optimizer).items()
            },
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
        self.model.load_state_dict(below("model.", checkpoint.tensors))
        self.average.load_state_dict(below("average.", checkpoint.tensors))
        restore_optimizer(self.optimizer, below("optimizer.", checkpoint.tensors))
        self.best_weights = below("best.", checkpoint.tensors)
        self.history = checkpoint.values["epochs"]
        self.best = max(self.history, key=_merit)

    def wants_more(self) -> bool:
        """Whether another epoch is due."""
        done = len(self.history)
        if done >= self.settings.epochs:
            return False
        return done - (self.best["epoch"] if self.best else 0) < self.settings.patience

    def epoch(self, progress: Callable[[int, int, int], None]) -> Epoch:
        """One pass over the trees, and what it gave on the dev trees."""
        settings, began = self.settings, time.perf_counter()
        number = len(self.history) + 1
        # All that is random in an epoch follows from the seed and its number, so that a
        # checkpoint need not hold the state of a generator.
        random = np.random.default_rng((settings.seed, number))
        torch.manual_seed(int(random.integers(2**62)))
        order = random.permutation(len(self.examples))
        starts = range(0, len(order), settings.batch_size)
        self.model.train()
        total = 0.0
        for step, start in enumerate(starts, 1):
            chosen = [self.examples[i] for i in order[start : start + settings.batch_size]]
            loss = self._step(chosen)
            if not math.isfinite(loss):
                raise _diverged(number, step)
            total += loss
            self._average((number - 1) * len(starts) + step)
            progress(number, step, len(starts))
        distributions = self.average.distributions(self.dev)
        if not all(np.isfinite(rows).all() for rows in distributions):
            raise _diverged(number, len(starts))
        found = evaluate(self.dev, distributions)
        epoch = Epoch(
            epoch=number,
            loss=total / len(order),
            dev_root=found.root.five,
            dev_binary=found.root.binary if found.root.count_binary else None,
            dev_all=found.all.five,
            seconds=time.perf_counter() - began,
        )
        self.history.append(asdict(epoch))
        if not self.best or _merit(self.history[-1]) > _merit(self.best):
            self.best = self.history[-1]
            self.best_weights = {
                name: value.clone() for name, value in self.average.state_dict().items()
            }
        return epoch

    def _step(self, examples: Sequence[Example]) -> float:
        batch = self.model.batch(examples, self.library).to(self.model.device)
        loss = _loss(self.model(batch), batch, self.settings.root_weight)
        (loss / len(examples)).backward()
        for optimizer in (self.optimizer, self.table_optimizer):
            optimizer.step()
            optimizer.zero_grad()
        return loss.item()

    @torch.no_grad()
    def _average(self, step: int) -> None:
        # Early on the average is young too, lest the initial weights linger in it.
        share = 1 - min(self.settings.averaging, step / (step + 10))
        for mean, weight in zip(self.average.parameters(), self.model.parameters(), strict=True):
            if weight is self.model.embedding.weight:
                mean[: self.rows].lerp_(weight[: self.rows], share)
            else:
                mean.lerp_(weight, share)


def _diverged(epoch: int, step: int) -> InputError:
    return InputError(
        f"the loss is no number any more in epoch {epoch}, step {step}: take a lower "
        "learning_rate or embedding_learning_rate"
    )


def _merit(epoch: Mapping[str, Any]) -> tuple[float, float]:
    """What the best epoch is best in."""
    return epoch["dev_root"], epoch["dev_all"]


def _loss(scores: Tensor, batch: Batch, root_weight: float) -> Tensor:
    """Cross-entropy summed over the labelled nodes, in nats."""
    if root_weight == 1:
        return F.cross_entropy(scores, batch.labels, reduction="sum", ignore_index=UNLABELLED)
    each = F.cross_entropy(scores, batch.labels, reduction="none", ignore_index=UNLABELLED)
    weight = torch.ones_like(each)
    weight[batch.plan.roots] = root_weight
    return each @ weight
