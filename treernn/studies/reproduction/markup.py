"""Tables of figures in Markdown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from treernn.studies.reproduction.summary import Figure


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], words: Collection[str]) -> str:
    """A table in CommonMark.

    Args:
        headings: of the columns.
        rows: a cell for each heading.
        words: headings of columns of words, which stand to the left; numbers to the right.
    """
    rules = ["---" if heading in words else "--:" for heading in headings]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
        for cells in (headings, rules, *rows)
    )


def spread(value: float, sd: float | None) -> str:
    """A mean and its standard deviation where there is one."""
    return f"{value:.1f}" if sd is None else f"{value:.1f} ± {sd:.1f}"


def shown(figure: Figure | None) -> str:
    """A figure over the seeds, a dash for none."""
    return "–" if figure is None else spread(figure.mean, figure.sd)
