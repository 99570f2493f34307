"""The chart over time: drawn by matplotlib, coloured by the page, so that it is light or dark."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from treernn.classes import PLACES
from treernn.opinions.findings import Period
from treernn.optional import require

NARROW, WIDE = 4.3, 9.6
"""Widths of the chart in inches, of which a screen has 96 pixels: on a phone and on a desk."""

_SVG = "http://www.w3.org/2000/svg"
_SIZE = 10  # of letters, in points
# Colours that stand for what the page's style names, see report.css.
_CLASSES = {place: f"#00000{place + 1}" for place in range(5)}
_TEXT, _GRID = "#000010", "#000020"
_NAMES = {colour: f"c{place}" for place, colour in _CLASSES.items()} | {
    _TEXT: "letters",
    _GRID: "grid",
}
_PROPERTY = re.compile(r"(fill|stroke):\s*(#[0-9a-f]{6})")


def check_charts() -> None:
    """Raise ``MissingPackageError`` if matplotlib, which draws them, is not installed."""
    require("matplotlib", extra="plots")


def chart_of(periods: Sequence[Period], width: float = WIDE) -> str:
    """The share of each class in each period, and below how many reviews there are, as SVG.

    Raises:
        MissingPackageError: matplotlib is not installed.
    """
    matplotlib = require("matplotlib", extra="plots")
    figure = require("matplotlib.figure", extra="plots").Figure
    style = {"svg.fonttype": "none", "svg.hashsalt": f"treernn {width}", "font.size": _SIZE}
    style |= dict.fromkeys(("text.color", "xtick.color", "ytick.color"), _TEXT)
    with matplotlib.rc_context(style):
        drawing = figure(figsize=(width, 3.4), layout="constrained")
        shares, numbers = drawing.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
        _draw(shares, numbers, periods)
        _name_periods(numbers, periods, most=max(2, int(width / 0.95)))
        content = io.StringIO()
        drawing.savefig(content, format="svg", metadata={"Date": None}, transparent=True)
    return _for_page(content.getvalue())


def _draw(shares: Any, numbers: Any, periods: Sequence[Period]) -> None:
    places = PLACES[len(periods[0].counts)]
    xs = range(len(periods))
    totals = [sum(period.counts) for period in periods]
    bottoms = [0.0] * len(periods)
    for number, place in enumerate(places):
        heights = [
            100 * period.counts[number] / total if total else 0.0
            for period, total in zip(periods, totals, strict=True)
        ]
        shares.bar(xs, heights, 0.86, bottoms, color=_CLASSES[place], linewidth=0)
        bottoms = [sum(pair) for pair in zip(bottoms, heights, strict=True)]
    numbers.bar(xs, totals, 0.86, color=_GRID, linewidth=0)
    shares.set(ylim=(0, 100), yticks=(0, 50, 100), yticklabels=("0 %", "50 %", "100 %"))
    most = max(totals)
    numbers.set(yticks=(0, most), yticklabels=("0", f"{most:,}"), xlim=(-0.6, len(periods) - 0.4))
    for axes in (shares, numbers):
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.grid(visible=False)
    numbers.set_ylabel("reviews", color=_TEXT)


def _name_periods(axes: Any, periods: Sequence[Period], most: int) -> None:
    step = -(-len(periods) // most)
    xs = range(0, len(periods), step)
    axes.set_xticks([*xs], [periods[x].name for x in xs])


def _for_page(svg: str) -> str:
    """The drawing without styles of its own, which the page's policy forbids, nor ids, which two
    drawings on a page would share."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(svg)  # noqa: S314  matplotlib has just written it
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag.rpartition("}")[2] in ("defs", "metadata"):
                parent.remove(child)
    for element in root.iter():
        style = element.attrib.pop("style", "")
        names = {_NAMES[colour] for _, colour in _PROPERTY.findall(style) if colour in _NAMES}
        if element.tag == f"{{{_SVG}}}text":
            names.add("letters")
            if anchor := re.search(r"text-anchor:\s*(\w+)", style):
                element.set("text-anchor", anchor[1])
        elif not names and "path" in element.tag:
            element.set("fill", "none")
        if names:
            element.set("class", " ".join(sorted(names)))
        for name in ("id", "clip-path"):
            element.attrib.pop(name, None)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("aria-hidden", "true")
    return re.sub(r"\s*\n\s*", "\n", ElementTree.tostring(root, "unicode"))
