"""A summary of reviews that are kept in parts: two readings of them, and a look at a few texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from treernn.opinions.aspects import AspectCounts, names
from treernn.opinions.findings import SHOWN_ASPECTS, Counts, Group, LeftOut
from treernn.opinions.gather import Gathered, certain_change
from treernn.opinions.opinion import Review, decode, texts_of
from treernn.opinions.periods import middle_of, periods_of
from treernn.opinions.scales import scale_of
from treernn.opinions.shares import Share
from treernn.opinions.summary import Summary
from treernn.opinions.tally import Tally, tally_of
from treernn.opinions.work import Settings

MOST_ASPECTS, MOST_GROUPS = 40, 20
MOST_CHARACTERS = 1_500
"""Of a review that is quoted; a longer one is cut around its first quote."""

_BEFORE, _NEUTRAL = 300, 2

Part = Path | bytes


def summary_of(parts: Sequence[Part], settings: Settings, title: str = "") -> Summary:
    """The summary of reviews.

    Args:
        parts: of ``opinion.encode``, in the order of the rows.
        settings: by which they were made.
        title: of the reviews.
    """
    tally = tally_of(_reviews(parts))
    days = tally.days.items()
    middle = middle_of(days)
    groups = sorted(tally.groups.items(), key=lambda each: (-sum(each[1]), each[0]))
    scale = scale_of(tally.ratings.counts)
    gathered = Gathered(
        aspects_of(parts, settings), [name for name, _ in groups[:MOST_GROUPS]], scale, middle
    )
    for review in _reviews(parts):
        gathered.add(review)
    ratings = None if gathered.ratings is None else gathered.ratings.ratings()
    counts = tuple(tally.counts)
    summary = Summary(
        title,
        settings.model,
        settings.columns.scored is not None,
        settings.known_targets,
        tally.rows,
        counts,
        tally.confidence / (sum(counts) or 1),
        gathered.aspects(),
        gathered.phrases.strongest(),
        periods_of(days),
        tuple(
            Group(name, each, gathered.of_group(name, True), gathered.of_group(name, False))
            for name, each in groups[:MOST_GROUPS]
        ),
        ratings,
        _change(days, middle),
        _left_out(tally, settings, gathered, len(groups)),
    )
    return with_texts(summary, parts)


def aspects_of(parts: Sequence[Part], settings: Settings) -> dict[str, str]:
    """The name of the aspect for each key that belongs to one."""
    if settings.listed is not None:
        return {name: name for name in settings.listed.aspects}
    counts = AspectCounts()
    for review in _reviews(parts):
        counts.add((each.key, 1 - each.distribution[_NEUTRAL]) for each in review.opinions)
    return names(counts.aspects(MOST_ASPECTS))


def with_texts(summary: Summary, parts: Sequence[Part]) -> Summary:
    """The same with the texts of the reviews that are quoted."""
    from dataclasses import replace

    quoted: dict[int, str] = {}
    for aspect in (*summary.praised[:SHOWN_ASPECTS], *summary.criticised[:SHOWN_ASPECTS]):
        for quote in (*aspect.praise, *aspect.criticism):
            quoted.setdefault(quote.row, quote.text.strip("…"))
    if summary.ratings is not None:
        quoted |= {each.row: "" for each in summary.ratings.disagreements if each.row not in quoted}
    quoted |= {each.row: "" for each in summary.strongest if each.row not in quoted}
    left = sorted(quoted)
    texts: dict[int, str] = {}
    for part in parts:
        if len(texts) == len(left):
            break
        texts |= texts_of(part, left)
    return replace(summary, quoted=tuple((row, _excerpt(texts[row], quoted[row])) for row in left))


def _reviews(parts: Sequence[Part]) -> Iterator[Review]:
    for part in parts:
        yield from decode(part)


def _excerpt(text: str, quote: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    start = max(0, text.find(quote) - _BEFORE)
    start = min(start, len(text) - MOST_CHARACTERS)
    end = start + MOST_CHARACTERS
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _change(
    days: Sequence[tuple[int, Counts]], middle: int | None
) -> tuple[float, float, float] | None:
    if middle is None:
        return None
    halves = []
    for later in (False, True):
        counts = [each for day, each in days if (day >= middle) == later]
        positive = sum(sum(each[-(len(each) // 2) :]) for each in counts)
        halves.append(Share(positive, sum(map(sum, counts))))
    return certain_change(*halves)


def _left_out(
    tally: Tally, settings: Settings, gathered: Gathered, groups: int
) -> tuple[LeftOut, ...]:
    reasons = tally.reasons
    found = [
        LeftOut(reason, count, tuple(reasons.first[reason]), reasons.examples[reason])
        for reason, count in reasons.counts.most_common()
    ]
    for column, count, what in (
        (settings.columns.time, tally.no_time, "no date"),
        (settings.columns.group, tally.no_group, "no group"),
        (settings.columns.rating, tally.no_rating, "no rating"),
    ):
        if column is not None and count:
            found.append(LeftOut(f"{what} in {column}", count))
    if groups > MOST_GROUPS:
        found.append(LeftOut("smaller groups, which are not shown", groups - MOST_GROUPS))
    if gathered.ratings is not None and gathered.ratings.outside:
        outside, rows = gathered.ratings.outside, tuple(gathered.ratings.outside_rows)
        found.append(LeftOut(f"the rating is outside {gathered.ratings.scale}", outside, rows))
    return tuple(found)
