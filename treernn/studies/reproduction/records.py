"""Records: what a run measured, as its JSON file holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from treernn import strict_json
from treernn.errors import DataError, InputError
from treernn.studies.reproduction.rows import TASKS, Task
from treernn.types import LABELS

Number = TypeVar("Number", int, float)

# Phrase lengths in words; their bounds are bounds of the lengths in a record too.
LENGTHS = {"1 word": (1, 1), "2 to 5": (2, 5), "6 to 15": (6, 15), "over 15": (16, 10**9)}


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes:
        row: a name in ``treernn.studies.reproduction.rows.ROWS``.
        task: see ``treernn.studies.reproduction.rows.Row``.
        seed: random seed.
    """

    row: str
    task: Task
    seed: int

    @property
    def name(self) -> str:
        """Name of the model folder, and of the JSON file without its suffix."""
        return f"{self.row}-{self.task}-seed{self.seed}"


@dataclass(frozen=True)
class Length:
    """Test accuracy (%) over phrases of ``low`` to ``high`` words."""

    low: int
    high: int
    count: int
    five: float | None
    binary: float | None


@dataclass(frozen=True)
class Record:
    """What a run measured.

    Attributes:
        run: which run.
        quick: whether it was a quick run, on part of the training trees.
        vectors: the word vectors, or the encoder.
        hidden_size: size of a node state; None for models without one.
        weights: number of trained parameters besides the word vectors.
        machine: processor and versions.
        figures: by name. ``root_five``, ``root_binary``, ``all_five`` and ``all_binary`` are test
            accuracies (%), those with ``dev_`` in front dev accuracies; the keys of ``LENGTHS`` are
            five-class test accuracies by phrase length; the figures of
            ``treernn.studies.reproduction.runs.analyses``; ``seconds`` of training; the chosen
            ``epoch``. A figure without cases is missing.
        lengths: test accuracies by phrase length.
        confusion: ``confusion[gold][predicted]``, counts at the test roots.
        curves: ``dev_root`` and ``dev_all``, five-class dev accuracies (%) by epoch; empty for
            models without epochs.
    """

    run: Run
    quick: bool
    vectors: str
    hidden_size: int | None
    weights: int
    machine: str
    figures: Mapping[str, float]
    lengths: Sequence[Length]
    confusion: Sequence[Sequence[int]]
    curves: Mapping[str, Sequence[float]]


def read_record(path: Path) -> Record:
    """Read the file of a run.

    Raises:
        DataError: it is damaged, or not the file of this run.
    """
    try:
        content = strict_json.read_file(path, strict_json.MAX_JSON)
        return parse_record(path.stem, strict_json.loads(content))
    except (
        DataError,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        OverflowError,
    ) as error:
        problem = f"not the record of a run ({type(error).__name__}: {error})"
        raise DataError(f"{problem}; remove the file to run it again", path) from None


def read_records(out: Path) -> dict[Path, Record]:
    """All records of the folder ``out``, by path.

    Raises:
        InputError: there are none.
        DataError: one is damaged.
    """
    paths = sorted((out / "runs").glob("[!.]*.json"))
    if not paths:
        raise InputError(f"{out / 'runs'}: no runs in it; treernn reproduce makes them")
    return {path: read_record(path) for path in paths}


def parse_record(name: str, values: Any) -> Record:
    """The record of the run ``name`` from the JSON values; wrong ones raise one of many errors."""
    run = Run(values["row"], values["task"], int(values["seed"]))
    if run.name != name or run.task not in TASKS:
        raise ValueError(f"it is of the run {run.name}")
    test, machine = values["test"], values["machine"]
    lengths = [
        Length(
            *(int(group[name]) for name in ("from", "to", "count")),
            *(_optional(float, group[name]) for name in ("five", "binary")),
        )
        for group in test["by_length"]
    ]
    confusion = [[int(count) for count in counts] for counts in test["confusion"]]
    if [len(counts) for counts in confusion] != [len(LABELS)] * len(LABELS):
        raise ValueError("the confusion is not that of five classes")
    figures = {
        **_accuracies(test),
        **{f"dev_{name}": value for name, value in _accuracies(values["dev"]).items()},
        **{name: _accuracy(lengths, *bounds) for name, bounds in LENGTHS.items()},
        **values.get("analyses", {}),
        "seconds": float(values["seconds"]),
        "epoch": values["chosen"].get("epoch"),
    }
    history = values["history"]
    return Record(
        run=run,
        quick=bool(values["quick"]),
        vectors=str(values["vectors"]),
        hidden_size=_optional(int, values["settings"].get("hidden_size")),
        weights=int(values["weights"]),
        machine=(
            f"{machine['cpu']}, {machine['cores']} cores, threads per run: {machine['threads']}; "
            f"treernn {values['treernn']}, torch {machine['torch']}, Python {machine['python']}"
        ),
        figures={name: float(value) for name, value in figures.items() if value is not None},
        lengths=lengths,
        confusion=confusion,
        curves={
            name: [float(epoch[name]) for epoch in history]
            for name in ("dev_root", "dev_all")
            if any("epoch" in entry for entry in history)
        },
    )


def _accuracies(measured: Mapping[str, Mapping[str, float | None]]) -> dict[str, float | None]:
    return {
        f"{nodes}_{classes}": measured[nodes][classes]
        for nodes in ("all", "root")
        for classes in ("five", "binary")
    }


def _accuracy(lengths: Sequence[Length], low: int, high: int) -> float | None:
    """Five-class accuracy over the phrases of ``low`` to ``high`` words."""
    groups = [group for group in lengths if low <= group.low <= high and group.five is not None]
    count = sum(group.count for group in groups)
    return sum((group.five or 0) * group.count for group in groups) / count if count else None


def _optional(kind: Callable[[Any], Number], value: Any) -> Number | None:
    return None if value is None else kind(value)
