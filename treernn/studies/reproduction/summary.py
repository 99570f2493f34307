"""All runs of a row beside its published figures, and whether the papers' claims hold."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

from treernn.optional import require
from treernn.studies.formatting import mean_and_deviation, signed
from treernn.studies.reproduction.published import PUBLISHED, Published
from treernn.studies.reproduction.records import Record
from treernn.studies.reproduction.rows import ROWS, TASKS, Ensemble, Task

Accuracy = Literal["all_five", "root_five", "all_binary", "root_binary"]

HEADINGS: dict[tuple[Task, Accuracy], str] = {
    ("five", "all_five"): "all 5",
    ("five", "root_five"): "root 5",
    ("five", "all_binary"): "all 2, five-class model",
    ("five", "root_binary"): "root 2, five-class model",
    ("binary", "root_binary"): "root 2, two-class model",
}
"""The compared accuracies, by the task of the model and name."""

# What the papers claim: pairs of rows, the second more accurate than the first.
CLAIMS: dict[str, tuple[tuple[str, str], ...]] = {
    "trees beat chains": tuple(
        (chain, "constituency-tuned") for chain in ("lstm", "bilstm", "lstm-2", "bilstm-2")
    ),
    "LSTM beats Elman": (("rnn", "constituency-tuned"),),
    "tuned vectors beat fixed, fixed beat random": (
        ("constituency-random", "constituency-fixed"),
        ("constituency-fixed", "constituency-tuned"),
    ),
    "recursive net beats mean of the words": (("vecavg", "rnn"),),
    "RNTN beats RNN": (("rnn", "rntn"),),
}
_CLAIMED: tuple[tuple[Task, Accuracy], ...] = (
    ("five", "root_five"),
    ("five", "root_binary"),
    ("binary", "root_binary"),
    ("five", "all_five"),
)


@dataclass(frozen=True)
class RowSummary:
    """All runs of a row.

    Attributes:
        name: of the row.
        records: by task, in the order of the seeds; empty for a published row without runs.
    """

    name: str
    records: Mapping[Task, Sequence[Record]]

    @property
    def published(self) -> Published:
        """The published figures."""
        return PUBLISHED.get(self.name, Published(self.name))

    @property
    def vectors(self) -> str:
        """The word vectors, or the encoder."""
        records = itertools.chain.from_iterable(self.records.values())
        return "; ".join(sorted({record.vectors for record in records}))

    @property
    def seeds(self) -> str:
        """Number of seeds: ``5``, or ``5 + 4`` if the tasks have different numbers."""
        numbers = dict.fromkeys(str(len(records)) for records in self.records.values())
        return " + ".join(numbers) or "–"

    def values(self, task: Task, figure: str) -> list[float]:
        """A figure of ``Record.figures``, one value per seed."""
        records = self.records.get(task, ())
        return [record.figures[figure] for record in records if figure in record.figures]

    def mean(self, task: Task, figure: str) -> str:
        """Mean ± standard deviation over the seeds."""
        return mean_and_deviation(self.values(task, figure))

    def minutes(self, task: Task) -> str:
        """Median duration of training."""
        return f"{median(self.values(task, 'seconds')) / 60:.1f}"

    def difference(self, task: Task, accuracy: Accuracy) -> float | None:
        """Our mean minus the published accuracy, in points."""
        ours, published = self.values(task, accuracy), self.published.figure(task, accuracy)
        return fmean(ours) - published[0] if ours and published else None

    def with_difference(self, task: Task, accuracy: Accuracy) -> str:
        """Our mean ± standard deviation, and in brackets the difference."""
        difference = self.difference(task, accuracy)
        ours = self.mean(task, accuracy)
        return ours if difference is None else f"{ours} ({signed(difference)})"


@dataclass(frozen=True)
class Comparison:
    """A claim about two rows, tested by one accuracy.

    Attributes:
        claim: a key of ``CLAIMS``.
        lower, higher: the rows; the claim is that ``higher`` is more accurate.
        task, accuracy: a key of ``HEADINGS``.
        difference: our mean of ``higher`` minus that of ``lower``, in points.
        interval: 95 % confidence interval of the difference; None if a row has a single seed.
        published: the published difference, where both rows have the accuracy.
    """

    claim: str
    lower: RowSummary
    higher: RowSummary
    task: Task
    accuracy: Accuracy
    difference: float
    interval: tuple[float, float] | None
    published: float | None

    @property
    def verdict(self) -> str:
        """Whether the claim holds, and whether the difference is significant (5 %)."""
        if self.interval is None:
            doubt = "on average, single seed"
        elif self.interval[0] <= 0 <= self.interval[1]:
            doubt = "on average, not significant"
        else:
            return "holds" if self.difference > 0 else "reversed"
        return f"holds {doubt}" if self.difference > 0 else f"does not hold {doubt}"


def summarise(records: Iterable[Record]) -> list[RowSummary]:
    """All published rows in the order of the papers, then the other rows in the order of ``ROWS``.

    Args:
        records: in any order, each run once.
    """
    by_row: dict[str, dict[Task, list[Record]]] = {}
    for record in sorted(
        records, key=lambda record: (TASKS.index(record.run.task), record.run.seed)
    ):
        by_row.setdefault(record.run.row, {}).setdefault(record.run.task, []).append(record)
    names = (*PUBLISHED, *(name for name in ROWS if name in by_row), *sorted(by_row))
    return [RowSummary(name, by_row.get(name, {})) for name in dict.fromkeys(names)]


def check_claims(rows: Iterable[RowSummary]) -> list[Comparison]:
    """Test ``CLAIMS``, in their order, by each accuracy that both rows have."""
    by_name = {row.name: row for row in rows}
    comparisons = []
    for claim, pairs in CLAIMS.items():
        for (task, accuracy), pair in itertools.product(_CLAIMED, pairs):
            lower, higher = (by_name[name] for name in pair)
            low, high = lower.values(task, accuracy), higher.values(task, accuracy)
            if low and high:
                below, above = (row.published.figure(task, accuracy) for row in (lower, higher))
                published = above[0] - below[0] if above and below else None
                ours = fmean(high) - fmean(low), welch_interval(low, high)
                comparison = Comparison(claim, lower, higher, task, accuracy, *ours, published)
                comparisons.append(comparison)
    return comparisons


def welch_interval(lower: Sequence[float], higher: Sequence[float]) -> tuple[float, float] | None:
    """95 % confidence interval of the mean of ``higher`` minus that of ``lower``, by Welch's t.

    None if one of them has a single value.
    """
    if len(lower) < 2 or len(higher) < 2:
        return None
    if len({*lower}) == len({*higher}) == 1:
        return (higher[0] - lower[0],) * 2
    ttest_ind = require("scipy.stats", extra="reproduction").ttest_ind
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # raised if one of them is constant
        interval = ttest_ind(higher, lower, equal_var=False).confidence_interval()
    return float(interval.low), float(interval.high)


def missing_runs(records: Iterable[Record]) -> list[str]:
    """Runs that would complete the others: all tasks of every row that was run, up to the highest
    seed of any row except members of ensembles. One line per row and task."""
    done = {(record.run.row, record.run.task, record.run.seed) for record in records}
    rows = {row for row, _, _ in done}
    members = {row.settings.row for row in ROWS.values() if isinstance(row.settings, Ensemble)}
    highest = max((seed for row, _, seed in done if row not in members), default=0)
    missing = []
    for name, row in ROWS.items():
        for task in row.tasks if name in rows else ():
            seeds = range(1, highest + 1 if row.seeded else 2)
            absent = [str(seed) for seed in seeds if (name, task, seed) not in done]
            if absent:
                missing.append(f"{name}, {task}, seed{'s' * (len(absent) > 1)} {', '.join(absent)}")
    return missing
