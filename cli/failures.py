"""Messages on standard error; packages that are installed badly, or not at all."""

from __future__ import annotations

import sys
import traceback

from treernn.printing import shown


def report(message: object) -> None:
    """One line on standard error; characters that a terminal would not show are escaped."""
    print(f"treernn: {shown(str(message))}", file=sys.stderr)


def failed_import(error: ImportError | OSError) -> str | None:
    """One line about a package of others that cannot be imported; None for another error."""
    package = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if top == "treernn":
            package = None
        elif frame.f_code.co_name == "<module>":  # it is being imported; the last one fails
            package = top
    if package is None and isinstance(error, ModuleNotFoundError):
        package = str(error.name).partition(".")[0]
    if package in (None, "treernn"):
        return None
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"{package} cannot be imported ({reason}): install it again, pip install {package}"
