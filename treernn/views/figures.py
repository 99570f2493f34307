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

INK, GREY = "#1f2933", "#8a96a3"
BLUE, ORANGE = "#0b5c94", "#c4560f"
PALETTE = (BLUE, ORANGE, "#00755a", "#8c3a78", "#6e6000", "#4b4b9b")


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
    axes.grid(color="#e3e7eb", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, which="both")
    for label in (axes.xaxis.label, axes.yaxis.label, axes.title):
        label.set_color(INK)


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure as SVG or PNG, by suffix; the same figure gives the same bytes.

    Raises:
        InputError: the path has another suffix or cannot be written.
    """
    file_format = check_figure_path(path)
    rc_context = require("matplotlib", extra="plots").rc_context
    metadata = {"Date": None} if file_format == "svg" else {}
    with rc_context({"svg.hashsalt": "treernn"}), atomic_write(path) as fresh:
        figure.savefig(fresh, format=file_format, dpi=160, metadata=metadata)
