"""Pictures drawn with matplotlib, which is imported when a picture is wanted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from treernn.errors import InputError
from treernn.files import whole_file
from treernn.optional import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".svg", ".png")


def check_ending(path: str | os.PathLike[str]) -> str:
    """``"svg"`` or ``"png"``, as the name of a picture ends.

    Raises:
        InputError: it ends otherwise.
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path}: a picture's name ends with {' or '.join(ENDINGS)}")
    return ending[1:]


def save_figure(make: Callable[[], Figure], path: str | os.PathLike[str]) -> None:
    """Write what ``make`` draws with matplotlib; the same figure gives the same bytes.

    Args:
        make: called here, where matplotlib is known to be there.
        path: the picture, replaced if it is there.

    Raises:
        InputError: the name ends otherwise, or the file cannot be written.
        MissingPackageError: matplotlib is not installed.
    """
    format = check_ending(path)
    matplotlib = require("matplotlib", extra="plots")
    with matplotlib.rc_context({"svg.hashsalt": "treernn", "mathtext.fontset": "cm"}):
        figure = make()
        with whole_file(path) as fresh:
            dated = {"Date": None} if format == "svg" else {}
            figure.savefig(fresh, format=format, dpi=160, metadata=dated)
