"""All figures of a GPU in one run of some minutes: trees, chains, a scored file, the start of a
training.

A step is that of ``treernn.studies.benchmarks.common``, with batches collated and moved ahead of it
by another thread, as in training. Its speed is measured over steps that follow each other, by the
device's clock. The same runs on a CPU, in a small size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, groupby, islice
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from rich.console import Group
from rich.table import Table

from treernn import strict_json
from treernn.cells import CELLS
from treernn.corpora import glove, sst
from treernn.corpora.brackets import format_tree
from treernn.engine import Backend
from treernn.errors import InputError
from treernn.studies.benchmarks import chain
from treernn.studies.benchmarks.common import (
    HIDDEN_SIZE,
    INPUT_SIZE,
    Classifier,
    Mode,
)
from treernn.studies.benchmarks.engine import Engine, Plain, check_same, examples_of
from treernn.studies.benchmarks.score import plain_texts, run_command, score_file
from treernn.studies.machine import device_name, machine, seconds
from treernn.studies.report import Report, table
from treernn.training.loop.ahead import map_ahead
from treernn.training.loop.trainer import METRICS
from treernn.types import Tree

CELL = "lstm"


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        batches: batch sizes of trees and chains.
        examples: that are computed at each batch size, but in at least ``least`` and at most
            ``most`` steps; half as many come before them.
        trees: of the treebank; None: all.
        copies: of each test sentence in the file that is scored.
        sentences: of the test sentences; None: all.
        vectors: whether the training starts from word vectors, if they are on this machine.
    """

    batches: tuple[int, ...] = (25, 256, 1024, 4096)
    examples: int = 60_000
    least: int = 20
    most: int = 200
    trees: int | None = None
    copies: int = 40
    sentences: int | None = None
    vectors: bool = True


SMALL = Size((4, 16), 64, 2, 4, 60, 1, 20, False)
"""For a CPU: shows that all works."""

READY = 8
"""Batches that are on the device before their steps."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The speed of an implementation.

    Attributes:
        of: ``trees`` or ``chains``.
        implementation: a backend of the engine; ``plain``, see ``Plain``; ``torch``, its own layer,
            on a GPU that of cuDNN.
        mode: ``train`` or ``inference``.
        batch_size: trees or sentences in a step.
        per_s: of them, with batches that another thread collates and moves meanwhile.
        ready_per_s: the same, with batches that are on the device before.
    """

    of: str
    implementation: str
    mode: Mode
    batch_size: int
    per_s: float
    ready_per_s: float


def bench(
    device: torch.device | str, source: Any = None, on_part: Callable[[str], None] = lambda _: None
) -> Report:
    """Measure everything.

    Args:
        device: on a CPU ``SMALL`` is measured.
        source: the treebank; see ``treernn.corpora.sst.load``.
        on_part: called with what is measured next.

    Returns:
        ``rates``; ``left_out``, the backends that cannot run here, with the reason;
        ``score_per_s``, sentences of a file by the command; ``train_start_s``, the time of a
        training but for its epoch; ``machine``.

    Raises:
        TreernnError: two implementations have different states, or a command fails.
        MissingDataError: the treebank is missing.
    """
    device = torch.device(device)
    size = SMALL if device.type == "cpu" else Size()
    trees = sst.load("train", source)[: size.trees]
    texts = plain_texts(sst.load("test", source)[: size.sentences])
    on_part("trees")
    kinds, left_out = tree_kinds(trees, device)
    rates = [*_rates("trees", *kinds, size)]
    on_part("chains")
    rates += _rates("chains", *chain_kinds(trees, device), size)
    on_part("a file")
    where = ("--device", str(device))
    score_per_s = len(texts) * size.copies / score_file(texts, size.copies, where)
    on_part("the start of a training")
    known = size.vectors and glove.find() is not None
    start = train_start(trees, where if known else (*where, "--vectors", "none"))
    about = machine(device=device_name(device), cell=CELL, input=INPUT_SIZE, hidden=HIDDEN_SIZE)
    values = {
        "rates": [asdict(rate) for rate in rates],
        "left_out": left_out,
        "score_per_s": round(score_per_s, 1),
        "train_start_s": round(start, 2),
        "machine": about,
    }
    return Report(values, Group(*_tables(values)))


def tree_kinds(
    trees: Sequence[Tree], device: torch.device
) -> tuple[tuple[dict[str, Classifier], Sequence[Any]], dict[str, str]]:
    """The implementations for trees with their examples; and why others are left out.

    Raises:
        TreernnError: their states differ.
    """
    examples, vectors = examples_of(trees)
    vectors, batch = vectors.to(device), examples[:64]
    plain = Plain(vectors, CELLS[CELL](INPUT_SIZE, HIDDEN_SIZE), HIDDEN_SIZE)
    kinds: dict[str, Classifier] = {}
    left_out: dict[str, str] = {}
    for backend in get_args(Backend):
        if backend in ("auto", "dgl"):  # one of the others; measured by ``treernn bench engine``
            continue
        engine = Engine(vectors, CELLS[CELL](INPUT_SIZE, HIDDEN_SIZE), HIDDEN_SIZE)
        engine.load_state_dict(plain.state_dict())
        engine.backend = backend
        try:
            check_same(engine, plain, batch)
            kinds[backend] = engine
        except InputError as error:
            left_out[backend] = str(error)
    return (kinds | {"plain": plain}, examples), left_out


def chain_kinds(
    trees: Sequence[Tree], device: torch.device
) -> tuple[dict[str, Classifier], Sequence[Any]]:
    """The engine and torch for chains, with their examples."""
    examples, vectors = chain.examples_of(trees)
    engine, reference = chain.both(CELL, vectors.to(device), examples[:64])
    return {"engine": engine, "torch": reference}, examples


def _rates(
    of: str, kinds: dict[str, Classifier], examples: Sequence[Any], size: Size
) -> Iterator[Rate]:
    """Of all implementations, on the same batches in turn."""
    for mode in get_args(Mode):
        for batch_size in size.batches:
            rng = np.random.default_rng(1)
            steps = min(size.most, max(size.least, size.examples // batch_size))
            batches = [
                [examples[i] for i in rng.integers(len(examples), size=batch_size)]
                for _ in range(steps)
            ]
            for name, kind in kinds.items():
                speeds = _per_s(kind, mode, batches)
                yield Rate(of, name, mode, batch_size, *(round(speed, 1) for speed in speeds))


def _per_s(kind: Classifier, mode: Mode, batches: Sequence[Sequence[Any]]) -> tuple[float, float]:
    """Examples per second in steps that follow each other; and of ``READY`` batches in turn."""
    device, count = kind.vectors.device, sum(map(len, batches))
    ready = [kind.collated(batch) for batch in batches[:READY]]

    def steps(collated: Iterable[Any]) -> None:
        for each in collated:
            kind.run(each, mode)

    steps(kind.collated(batch) for batch in batches[: len(batches) // 2])
    taken = seconds(lambda: steps(map_ahead(kind.collated, batches)), device)
    rest = seconds(lambda: steps(islice(cycle(ready), len(batches))), device)
    return count / taken, count / rest


def train_start(trees: Sequence[Tree], options: Sequence[str]) -> float:
    """Seconds of the command ``treernn train sentiment`` with one epoch, but for the epoch."""
    with tempfile.TemporaryDirectory() as folder:
        out, file = Path(folder, "model"), Path(folder, "trees.txt")
        file.write_text("".join(f"{format_tree(tree)}\n" for tree in trees), "utf-8")
        arguments = ("--trees", str(file), "--epochs", "1", "--out", str(out))
        taken = run_command("train", "sentiment", *arguments, *options)
        [epoch] = (out / METRICS).read_text("utf-8").splitlines()
        return taken - float(strict_json.loads(epoch)["seconds"])


def _tables(values: dict[str, Any]) -> Iterator[Table]:
    """Speeds of trees and chains, then the rest."""
    rates = [Rate(**row) for row in values["rates"]]
    for of in ("trees", "chains"):
        names = list(dict.fromkeys(rate.implementation for rate in rates if rate.of == of))
        about = {"in brackets:": "batches that are on the device before"}
        shown = table(about, (f"{of} per second", "batch", *names, f"{names[0]} / {names[-1]}"))
        for (mode, size), found in groupby(
            (rate for rate in rates if rate.of == of), lambda rate: (rate.mode, rate.batch_size)
        ):
            speeds = [*found]
            cells = (f"{each.per_s:,.0f} ({each.ready_per_s:,.0f})" for each in speeds)
            ratio = f"{speeds[0].per_s / speeds[-1].per_s:.2f}"
            shown.add_row(mode, f"{size:,}", *cells, ratio)
        yield shown
    rest = table(values["machine"], ("", ""))
    rest.add_row("sentences per second of a file, as a command", f"{values['score_per_s']:,.0f}")
    rest.add_row("seconds until a training starts", f"{values['train_start_s']:.1f}")
    for backend, reason in values["left_out"].items():
        rest.add_row(f"without {backend}", reason)
    yield rest
