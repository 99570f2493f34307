"""Days put together to periods: as many as a chart can show, and its reader can take in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from treernn.opinions.findings import Counts, Period

MOST_PERIODS = 40
_REVIEWS = 4  # that a period should have, in the mean


def periods_of(days: Sequence[tuple[int, Counts]]) -> tuple[Period, ...]:
    """Days, weeks, months, quarters, years or decades: the shortest of which there are at most
    ``MOST_PERIODS``, and few enough for the reviews; those without a review are periods too.

    Args:
        days: days as ``date.toordinal``, in order, with the reviews by class.
    """
    if not days:
        return ()
    first, last = date.fromordinal(days[0][0]), date.fromordinal(days[-1][0])
    classes = len(days[0][1])
    most = min(MOST_PERIODS, max(2, sum(sum(counts) for _, counts in days) // _REVIEWS))
    for start_of, name_of in _KINDS:  # noqa: B007
        starts = _starts(first, last, start_of)
        if len(starts) <= most:
            break
    found = {start: [0] * classes for start in starts}
    for day, counts in days:
        held = found[start_of(date.fromordinal(day))]
        for place, count in enumerate(counts):
            held[place] += count
    return tuple(Period(name_of(start), start, tuple(found[start])) for start in starts)


def middle_of(days: Sequence[tuple[int, Counts]]) -> int | None:
    """The day that begins the later half of the reviews; None where all are of one day.

    >>> middle_of([(1, (2, 1)), (5, (1, 1)), (9, (0, 2))]), middle_of([(1, (2, 1))])
    (5, None)
    """
    total, before = sum(sum(counts) for _, counts in days), 0
    best: tuple[int, int] | None = None
    for day, counts in days:
        if before:
            best = min(best or (total, day), (abs(total - 2 * before), day))
        before += sum(counts)
    return best and best[1]


def _starts(first: date, last: date, start_of: Callable[[date], date]) -> list[date]:
    starts = [start_of(first)]
    while len(starts) <= MOST_PERIODS or start_of is _KINDS[-1][0]:
        day = starts[-1] + timedelta(days=1)
        while day <= last and start_of(day) == starts[-1]:
            day += timedelta(days=1)
        if day > last:
            break
        starts.append(day)
    return starts


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _quarter(day: date) -> date:
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def _iso(start: date) -> str:
    return start.isoformat()


_KINDS: tuple[tuple[Callable[[date], date], Callable[[date], str]], ...] = (
    (lambda day: day, _iso),
    (_week, _iso),
    (lambda day: day.replace(day=1), lambda day: f"{day:%Y-%m}"),
    (_quarter, lambda day: f"{day:%Y} Q{(day.month + 2) // 3}"),
    (lambda day: date(day.year, 1, 1), lambda day: f"{day.year}"),
    (lambda day: date(day.year - day.year % 10, 1, 1), lambda day: f"{day.year - day.year % 10}s"),
)
