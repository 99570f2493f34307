"""What the runs came to, beside the figures in print, and whether the order of print holds."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from treernn.studies.reproduction.published import PUBLISHED, Published
from treernn.studies.reproduction.rows import ROWS, TASKS, Ensemble, Task

Key = Literal["all_five", "root_five", "all_binary", "root_binary"]
KEYS: tuple[Key, ...] = ("all_five", "root_five", "all_binary", "root_binary")

# A figure is of a task's model: binary ones come in two kinds.
HEADINGS: dict[tuple[Task, Key], str] = {
    ("five", "all_five"): "all 5",
    ("five", "root_five"): "root 5",
    ("five", "all_binary"): "all 2, five-class model",
    ("five", "root_binary"): "root 2, five-class model",
    ("binary", "root_binary"): "root 2, two-class model",
}

# Phrases of so many words; bounds are those between the lengths in a run's file.
LENGTHS = (("1 word", 1, 1), ("2 to 5", 2, 5), ("6 to 15", 6, 15), ("over 15", 16, 10**9))

# What the papers say of the order, each as pairs of a lower and a higher row.
CLAIMS: dict[str, tuple[tuple[str, str], ...]] = {
    "chain below tree": tuple(
        (chain, "constituency-tuned") for chain in ("lstm", "bilstm", "lstm-2", "bilstm-2")
    ),
    "Elman below LSTM": (("rnn", "constituency-tuned"),),
    "random below fixed below tuned vectors": (
        ("constituency-random", "constituency-fixed"),
        ("constituency-fixed", "constituency-tuned"),
    ),
    "mean of the words below recursive net": (("vecavg", "rnn"),),
    "RNN below RNTN": (("rnn", "rntn"),),
}
_CLAIMED: tuple[tuple[Task, Key], ...] = (
    ("five", "root_five"),
    ("five", "root_binary"),
    ("binary", "root_binary"),
    ("five", "all_five"),
)

NEAR = 1.5
"""Points below print that still count as reached."""


@dataclass(frozen=True)
class Figure:
    """One figure over the seeds.

    Attributes:
        values: one a seed, at least one.
    """

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return statistics.fmean(self.values)

    @property
    def median(self) -> float:
        """Over the seeds."""
        return statistics.median(self.values)

    @property
    def sd(self) -> float | None:
        """Standard deviation (n − 1); None of a single seed."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def count(self) -> int:
        """How many seeds."""
        return len(self.values)


@dataclass(frozen=True)
class RowSummary:
    """All runs of one row; of a row that was not run, the published figures alone.

    Attributes:
        name: of the row, as ``--rows`` takes it.
        published: the figures in print, None where there are none.
        seeds: by task, in order; a task that was not run is not there.
        test: by task and key, per cent.
        dev: the same.
        minutes: of training, by task.
        epochs: the chosen ones, by task; not of models without epochs.
        by_length: five classes over the test phrases by how many words they have, per cent.
        understood: by analysis, see ``treernn.studies.reproduction.runs.understood``, per cent.
        hidden_size: None of a model that has none.
        weights: learnt numbers outside the word vectors, None of a model that is no net.
        vectors: what the word vectors begin with.
        quick: whether the runs were quick ones.
    """

    name: str
    published: Published | None
    seeds: Mapping[Task, tuple[int, ...]]
    test: Mapping[Task, Mapping[Key, Figure]]
    dev: Mapping[Task, Mapping[Key, Figure]]
    minutes: Mapping[Task, Figure]
    epochs: Mapping[Task, Figure]
    by_length: Mapping[str, Figure]
    understood: Mapping[str, Figure]
    hidden_size: int | None
    weights: int | None
    vectors: str
    quick: bool

    @property
    def title(self) -> str:
        """The model as print calls it, else the row's name."""
        return self.published.title if self.published else self.name

    def ours(self, task: Task, key: Key) -> Figure | None:
        """The figure on the test part, None where nothing was measured."""
        return self.test.get(task, {}).get(key)

    def in_print(self, task: Task, key: Key) -> tuple[float, float | None] | None:
        """Published figure and its standard deviation; None where print has none of this kind."""
        if self.published is None or (
            key.endswith("binary") and self.published.binary_task != task
        ):
            return None
        value = getattr(self.published, key)
        if value is None or (key.endswith("five") and task != "five"):
            return None
        return value, getattr(self.published, f"{key}_sd", None)

    def difference(self, task: Task, key: Key) -> float | None:
        """Our mean less the published figure, in points."""
        ours, printed = self.ours(task, key), self.in_print(task, key)
        return None if ours is None or printed is None else ours.mean - printed[0]


@dataclass(frozen=True)
class Verdict:
    """Whether one row lies above another, as it does in print.

    Attributes:
        claim: one of ``CLAIMS``.
        lower, higher: the rows.
        task, key: the figure.
        difference: mean of ``higher`` less mean of ``lower``, in points.
        interval: the 95 % interval of the difference by Welch's t, over the seeds; None where a
            row has a single seed.
        in_print: the published difference, where both have the figure.
    """

    claim: str
    lower: RowSummary
    higher: RowSummary
    task: Task
    key: Key
    difference: float
    interval: tuple[float, float] | None
    in_print: float | None

    @property
    def words(self) -> str:
        """``holds`` or ``does not hold, clearly reversed`` where the interval excludes zero; else
        what is so on average."""
        if self.interval is None:
            doubt = "on average, of a single seed"
        elif self.interval[0] <= 0 <= self.interval[1]:
            doubt = "on average, not clearly"
        else:
            return "holds" if self.difference > 0 else "does not hold, clearly reversed"
        return f"holds {doubt}" if self.difference > 0 else f"does not hold {doubt}"


def summarise(runs: Sequence[Mapping[str, Any]]) -> list[RowSummary]:
    """Every published row in the order of print, then our own, in the order of ``ROWS``.

    Args:
        runs: as ``treernn.studies.reproduction.runs.run`` gives them, in any order, each once.
    """
    by_row: dict[str, list[Mapping[str, Any]]] = {}
    for run in sorted(runs, key=lambda run: run["seed"]):
        by_row.setdefault(run["row"], []).append(run)
    names = dict.fromkeys((*PUBLISHED, *(name for name in ROWS if name in by_row), *sorted(by_row)))
    return [_summary(name, by_row.get(name, [])) for name in names]


def _summary(name: str, runs: Sequence[Mapping[str, Any]]) -> RowSummary:
    tasks = {task: [run for run in runs if run["task"] == task] for task in TASKS}
    tasks = {task: found for task, found in tasks.items() if found}
    first = next(iter(tasks.values()))[0] if tasks else {}
    return RowSummary(
        name=name,
        published=PUBLISHED.get(name),
        seeds={task: tuple(run["seed"] for run in found) for task, found in tasks.items()},
        test={task: _figures(run["test"] for run in found) for task, found in tasks.items()},
        dev={task: _figures(run["dev"] for run in found) for task, found in tasks.items()},
        minutes={
            task: Figure(tuple(run["seconds"] / 60 for run in found))
            for task, found in tasks.items()
        },
        epochs={
            task: Figure(tuple(run["chosen"]["epoch"] for run in found))
            for task, found in tasks.items()
            if all("epoch" in run["chosen"] for run in found)
        },
        by_length=_by_length(run["test"] for run in tasks.get("five", ())),
        understood=_understood(tasks.get("five", ())),
        hidden_size=first.get("settings", {}).get("hidden_size"),
        weights=first.get("weights"),
        vectors="; ".join(sorted({run["vectors"] for run in runs})),
        quick=any(run["quick"] for run in runs),
    )


def _figures(measured: Iterable[Mapping[str, Any]]) -> dict[Key, Figure]:
    each = list(measured)
    found: dict[Key, Figure] = {}
    for key in KEYS:
        nodes, classes = key.split("_")
        values = [one.get(nodes, {}).get(classes) for one in each]
        known = tuple(float(value) for value in values if value is not None)
        if known:
            found[key] = Figure(known)
    return found


def _by_length(measured: Iterable[Mapping[str, Any]]) -> dict[str, Figure]:
    values: dict[str, list[float]] = {}
    for each in measured:
        for title, low, high in LENGTHS:
            rows = [
                (row["five"], row["count"])
                for row in each.get("by_length", ())
                if low <= row["from"] <= high and row["five"] is not None
            ]
            if count := sum(number for _, number in rows):
                right = sum(share * number for share, number in rows)
                values.setdefault(title, []).append(right / count)
    return {title: Figure(tuple(found)) for title, found in values.items()}


def _understood(runs: Iterable[Mapping[str, Any]]) -> dict[str, Figure]:
    shares: dict[str, list[float]] = {}
    for run in runs:
        for name, share in run.get("understood", {}).items():
            if share is not None:
                shares.setdefault(name, []).append(share)
    return {name: Figure(tuple(values)) for name, values in shares.items()}


def missing(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Runs that are not there: all rows that were run, their tasks, up to the highest seed of any
    row but those that ensembles are made of; a row and task each."""
    there = {(run["row"], run["task"], run["seed"]) for run in runs}
    rows = dict.fromkeys(row for row, _, _ in there)
    members = {row.settings.row for row in ROWS.values() if isinstance(row.settings, Ensemble)}
    highest = max((seed for row, _, seed in there if row not in members), default=0)
    found = []
    for name, row in ROWS.items():
        for task in row.tasks if name in rows else ():
            seeds = range(1, highest + 1 if row.seeded else 2)
            left = [str(seed) for seed in seeds if (name, task, seed) not in there]
            if left:
                found.append(f"{name}, {task}, seed{'s' * (len(left) > 1)} {', '.join(left)}")
    return found


def interval(lower: Figure, higher: Figure) -> tuple[float, float] | None:
    """The 95 % interval of ``higher``'s mean less ``lower``'s: Welch's t, variances unequal.

    None where one of them has a single value.
    """
    from scipy.stats import ttest_ind

    if lower.sd is None or higher.sd is None:
        return None
    if lower.sd == higher.sd == 0:
        return (higher.mean - lower.mean,) * 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # SciPy warns if one of them is constant
        found = ttest_ind(higher.values, lower.values, equal_var=False).confidence_interval()
    return float(found.low), float(found.high)


def verdicts(summaries: Sequence[RowSummary]) -> list[Verdict]:
    """What holds of ``CLAIMS``, in its order, for each figure that both rows have."""
    rows = {each.name: each for each in summaries}
    found = (
        _verdict(claim, rows[lower], rows[higher], task, key)
        for claim, pairs in CLAIMS.items()
        for task, key in _CLAIMED
        for lower, higher in pairs
        if lower in rows and higher in rows
    )
    return [each for each in found if each is not None]


def _verdict(
    claim: str, lower: RowSummary, higher: RowSummary, task: Task, key: Key
) -> Verdict | None:
    low, high = lower.ours(task, key), higher.ours(task, key)
    if low is None or high is None:
        return None
    below, above = lower.in_print(task, key), higher.in_print(task, key)
    return Verdict(
        claim=claim,
        lower=lower,
        higher=higher,
        task=task,
        key=key,
        difference=high.mean - low.mean,
        interval=interval(low, high),
        in_print=above[0] - below[0] if above and below else None,
    )


def near_print(summaries: Sequence[RowSummary]) -> tuple[list[str], list[str]]:
    """The figures that are at most ``NEAR`` points below print or above it, and the others."""
    reached: list[str] = []
    short: list[str] = []
    for row in summaries:
        for (task, key), heading in HEADINGS.items():
            difference = row.difference(task, key)
            if difference is not None:
                line = f"`{row.name}` {heading} {signed(difference)}"
                (reached if round(difference, 2) >= -NEAR else short).append(line)
    return reached, short


def signed(points: float | None) -> str:
    """For people: ``+0.4``, ``−1.0``, ``–`` where there is nothing."""
    if points is None:
        return "–"
    return f"{points:+.1f}".replace("-", "−") if round(points, 1) else "0.0"
