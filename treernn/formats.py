"""Numbers of the formats of files: what is said where a treernn cannot read one.

What a number means, and how long it is read, is promised in docs/compatibility.md.
"""

from __future__ import annotations

import os

from treernn.checks import brief
from treernn.errors import ModelError, TreernnError
from treernn.version import __version__


def check_format(
    found: object,
    newest: int,
    path: str | os.PathLike[str],
    error: type[TreernnError] = ModelError,
) -> None:
    """Refuse a file of a format that is not read.

    Args:
        found: the number that the file has; None if it has none.
        newest: the format that is written, and the only one that is read.
        path: of the file or folder, for the message.
        error: the kind of error for such a file.

    Raises:
        TreernnError: it is of another format; of a newer one, the message says to update.
    """
    if type(found) is int and found == newest:
        return
    if type(found) is int and found > newest:
        raise error(
            f"{path}: has format {brief(found)}, written by a newer treernn; treernn {__version__} "
            f"reads format {newest}, update it with pip install --upgrade treernn"
        )
    has = "no format version" if found is None else f"format {brief(found)}"
    raise error(f"{path}: has {has}, this treernn reads format {newest}")
