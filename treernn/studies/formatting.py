"""How results over several seeds are shown: mean and standard deviation, differences, tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from statistics import fmean, stdev


def mean_and_deviation(values: Sequence[float]) -> str:
    """Mean and standard deviation (n − 1); a single value as it is, no values as a dash.

    >>> mean_and_deviation([50.0, 52.0]), mean_and_deviation([50.04]), mean_and_deviation([])
    ('51.0 ± 1.4', '50.0', '–')
    """
    if not values:
        return "–"
    return plus_minus(fmean(values), stdev(values) if len(values) > 1 else None)


def plus_minus(mean: float, deviation: float | None) -> str:
    """The same from a mean and a standard deviation, where there is one."""
    return f"{mean:.1f}" if deviation is None else f"{mean:.1f} ± {deviation:.1f}"


def signed(difference: float | None) -> str:
    """A difference with its sign; a dash for None.

    >>> signed(0.44), signed(-1.0), signed(-0.04), signed(None)
    ('+0.4', '−1.0', '0.0', '–')
    """
    if difference is None:
        return "–"
    return f"{difference:+.1f}".replace("-", "−") if round(difference, 1) else "0.0"


def markdown_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], text: Collection[str] = ()
) -> str:
    """A table in CommonMark.

    Args:
        headings: of the columns.
        rows: one cell per column.
        text: headings of the columns that are aligned to the left; the others are numbers.
    """
    rules = ["---" if heading in text else "--:" for heading in headings]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
        for row in (headings, rules, *rows)
    )
