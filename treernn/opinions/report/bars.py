"""Small drawings in lines of text: bars of classes, and shares with their intervals.

They have no styles of their own, which the page's policy forbids; classes of report.css colour
them.
"""

from __future__ import annotations

from treernn.classes import PLACES, names
from treernn.opinions.findings import Counts
from treernn.opinions.report.wording import number, percent
from treernn.opinions.shares import Share


def bar(counts: Counts, size: str = "") -> str:
    """A bar with a part for each class, from negative to positive."""
    total = sum(counts)
    if not total:
        return ""
    parts, start = [], 0.0
    for place, count in zip(PLACES[len(counts)], counts, strict=True):
        width = 100 * count / total
        parts.append(
            f'<rect class="c{_shade(place, len(counts))}" x="{start:.3f}%" width="{width:.3f}%" '
            'height="100%"/>'
        )
        start += width
    said = ", ".join(
        f"{name} {count:,}" for name, count in zip(names(len(counts)), counts, strict=True)
    )
    return f'<svg class="bar {size}" role="img" aria-label="{said}">{"".join(parts)}</svg>'


def legend(counts: Counts) -> str:
    """The classes with their colours and numbers."""
    total = sum(counts)
    items = "".join(
        f'<li><svg class="key" aria-hidden="true"><rect class="c{_shade(place, len(counts))}" '
        f'width="100%" height="100%"/></svg>{name} <b>{percent(count / total)}</b> '
        f"<small>{count:,}</small></li>"
        for place, name, count in zip(PLACES[len(counts)], names(len(counts)), counts, strict=True)
    )
    return f'<ul class="legend">{items}</ul>'


def forest(share: Share) -> str:
    """A share as a point, with its interval as a line, between 0 and 100 %."""
    if not share.total:
        return ""
    low, high = (100 * bound for bound in share.interval())
    value = 100 * share.value
    said = f"{percent(share.value)} of {number(share.total, 'review')}"
    side = "c4" if share.value >= 0.5 else "c0"
    return (
        f'<svg class="forest" role="img" aria-label="{said}">'
        '<line class="axis" x1="50%" x2="50%" y1="0" y2="100%"/>'
        f'<line class="whisker" x1="{low:.2f}%" x2="{high:.2f}%" y1="50%" y2="50%"/>'
        f'<circle class="{side}" cx="{value:.2f}%" cy="50%" r="4.5"/></svg>'
    )


def _shade(place: int, classes: int) -> int:
    """The place of the colour: of three and two classes the strong ones, as nothing is stronger."""
    if classes == 5:
        return place
    return {1: 0, 2: 2, 3: 4}[place]
