"""What was measured, compared with earlier records: fewer right answers, and less speed."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from treernn.studies.record.accuracy import Count
from treernn.studies.record.records import Record

SLOWER = 0.8
"""A speed is reported below this share of the median of earlier ones: on a busy machine the ratios
of two runs differ by up to a sixth."""

EARLIER = 10
"""So many earlier records, of the same processor."""


def bars(records: Iterable[Record]) -> dict[tuple[str, str], Count]:
    """The count that the next one is compared with, by model and set.

    It is the highest so far, so that it cannot creep down by what rounding changes, a little with
    each record. One that is lower by more than that is in a record only if somebody accepted it,
    and so it is the new bar; so is one of another set.

    Args:
        records: the oldest first.
    """
    found: dict[tuple[str, str], Count] = {}
    for record in records:
        for count in record.accuracy:
            bar = found.get((count.model, count.set))
            if bar is None or count.of != bar.of or count.right >= bar.right or _fell(count, bar):
                found[count.model, count.set] = count
    return found


def _fell(count: Count, bar: Count) -> bool:
    """Whether fewer answers are right than rounding explains."""
    return count.right + count.near < bar.right


def falls(counts: Iterable[Count], earlier: Iterable[Record]) -> list[str]:
    """A line for each count below its bar by more than rounding changes.

    Args:
        counts: the present ones; those that no record has are not compared.
        earlier: the oldest first.
    """
    highest = bars(earlier)
    lines = []
    for now in counts:
        bar = highest.get((now.model, now.set), now)
        what = f"{now.model}, {now.set}"
        if now.of != bar.of:
            lines.append(f"{what}: a set of {now.of} answers, {bar.of} before; record it anew")
        elif _fell(now, bar):
            lines.append(
                f"{what}: {now.right} of {now.of} right, {bar.right} before; rounding can change "
                f"{now.near}"
            )
    return lines


def slower(record: Record, earlier: Sequence[Record]) -> list[str]:
    """A line for each speed below ``SLOWER`` times the median of the ``EARLIER`` last records of
    the same processor.

    Args:
        record: the new one.
        earlier: the oldest first.
    """
    alike = [old for old in earlier if _processor(old) == _processor(record)][-EARLIER:]
    lines = []
    for name, ratio in record.speed.items():
        before = [old.speed[name] for old in alike if name in old.speed]
        if before and ratio < SLOWER * (usual := statistics.median(before)):
            lines.append(f"{name}: {ratio:.2f} of its reference, {usual:.2f} before")
    return lines


def _processor(record: Record) -> tuple[Any, Any]:
    return record.machine.get("cpu"), record.machine.get("instructions")
