"""Figures drawn by matplotlib: their style, and files of them.

Matplotlib is an optional package and slow to import, so functions import it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from treernn.errors import InputError
from treernn.files import atomic_write
from treernn.optional import require
from treernn.outputs import check_writable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, GRID, PAPER = "#1f2933", "#8a96a3", "#e3e7eb", "#ffffff"
BLUE, ORANGE = "#0b5c94", "#c4560f"
PALETTE = (BLUE, ORANGE, "#00755a", "#8c3a78", "#6e6000", "#4b4b9b")
ON_LIGHT, ON_DARK = "#101820", "#fefefe"
"""Text on an area that has one colour on light and dark pages."""

IN_THE_DARK = {
    INK: "#e6edf3",
    GREY: "#8d96a0",
    GRID: "#2b323a",
    PAPER: "#0d1117",
    BLUE: "#58a6ff",
    ORANGE: "#f0883e",
    "#00755a": "#3fb68b",
    "#8c3a78": "#d894c4",
    "#6e6000": "#d3c03c",
    "#4b4b9b": "#a3a3f5",
    "#b8480f": "#f0883e",
    "#8a1f2d": "#ff7b86",
    "#3f6212": "#a0c468",
    "#eef1f4": "#21262d",
    "#f7f8fa": "#161b22",
}
"""What a colour becomes on a dark page; others stay as they are."""


def check_figure_path(path: str | os.PathLike[str]) -> str:
    """The format, ``"svg"`` or ``"png"``; to be called before anything slow.

    Raises:
        InputError: the path has another suffix, or no file can be written there.
        MissingPackageError: matplotlib is not installed.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".svg", ".png"):
        raise InputError(f"{path}: expected a file name that ends in .svg or .png")
    check_writable(path)
    require("matplotlib", extra="plots")
    return suffix[1:]


def new_figure(width: float, height: float, layout: str | None = "constrained") -> Figure:
    """An empty figure, sizes in inches.

    Raises:
        MissingPackageError: matplotlib is not installed.
    """
    figure = require("matplotlib.figure", extra="plots").Figure
    return figure(figsize=(width, height), layout=layout)


def style_axes(axes: Axes) -> None:
    """A light grid, no box, ticks and labels in ``INK``."""
    axes.grid(color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, which="both")
    for label in (axes.xaxis.label, axes.yaxis.label, axes.title):
        label.set_color(INK)


def legend_above(figure: Figure, axes: Axes, columns: int = 4) -> None:
    """One legend for all panels, above them."""
    handles, names = axes.get_legend_handles_labels()
    style = {"frameon": False, "fontsize": 10, "labelcolor": INK}
    legend = figure.legend(handles, names, loc="outside upper center", ncols=columns, **style)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a name is no formula


def with_dark(svg: str) -> str:
    """A picture that has its colours of ``IN_THE_DARK`` where the reader prefers dark pages.

    Args:
        svg: a picture whose colours are written as styles or as attributes.
    """
    rules = "".join(
        f'[style*="{name}: {light}"],[{name}="{light}"]{{{name}:{dark} !important}}'
        for light, dark in IN_THE_DARK.items()
        for name in ("fill", "stroke")
        if light in svg
    )
    start = svg.index(">", svg.index("<svg")) + 1
    ink = f"svg{{fill:{IN_THE_DARK[INK]}}}"  # of text without a colour
    style = f"<style>@media (prefers-color-scheme: dark){{{ink}{rules}}}</style>"
    return f"{svg[:start]}\n {style}{svg[start:]}"


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure as SVG, for light and dark pages, or as PNG, by suffix; the same figure gives
    the same bytes.

    Raises:
        InputError: the path has another suffix or cannot be written.
    """
    file_format = check_figure_path(path)
    rc_context = require("matplotlib", extra="plots").rc_context
    metadata = {"Date": None} if file_format == "svg" else {}
    with rc_context({"svg.hashsalt": "treernn"}), atomic_write(path) as fresh:
        figure.savefig(fresh, format=file_format, dpi=160, metadata=metadata)
        if file_format == "svg":
            fresh.write_text(with_dark(fresh.read_text("utf-8")), "utf-8")
