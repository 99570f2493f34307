"""The objects of a store that addresses stand for, as ``inputs`` finds files.

A folder is listed by one request for each thousand objects, which tells their sizes too.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import takewhile

from treernn.errors import InputError, one_line
from treernn.scoring.folders.inputs import InputFile, Inputs, is_hidden, some
from treernn.stores import Stored, is_address, place
from treernn.tables.open import format_of


def find_stored(
    arguments: Sequence[str],
    input_format: str | None = None,
    out: str | os.PathLike[str] | None = None,
) -> Inputs:
    """Find objects; arguments and what is returned are those of ``inputs.find_inputs``.

    Raises:
        InputError: as there; or a store does not answer, or files of this machine are named too.
    """
    written = None if out is None or not is_address(out) else f"{place(out)}/"
    roots: list[str] = []
    sizes: dict[str, int] = {}
    skipped: dict[str, None] = {}
    for argument in arguments:
        root, named, objects = _expand(argument)
        roots.append(f"{root}/")
        if named:
            sizes |= objects
            continue
        if written is not None and f"{root}/".startswith(written):
            raise InputError(
                f"{out}: holds the inputs of {argument}, so its files would be inputs too; write "
                "to another folder"
            )
        for path, size in objects.items():
            if any(map(is_hidden, path.removeprefix(f"{root}/").split("/"))):
                continue
            if written is not None and path.startswith(written):
                continue
            if input_format is None and format_of(path) is None:
                skipped[path] = None
            else:
                sizes[path] = size
    base = _common(roots)
    left_out = tuple(sorted(path.removeprefix(base) for path in skipped))
    if not sizes:
        there = f", but {some(left_out)}" if left_out else ""
        raise InputError(f"{', '.join(arguments)}: no file that can be read{there}")
    files = [InputFile(path, path.removeprefix(base), size) for path, size in sizes.items()]
    return Inputs(base, tuple(sorted(files, key=lambda file: file.name)), left_out)


def _expand(argument: str) -> tuple[Stored, bool, dict[str, int]]:
    """The folder that an argument begins with, whether the argument is one object, and the objects
    that it stands for, with their sizes."""
    where = place(argument)
    if not isinstance(where, Stored):
        raise InputError(f"{argument}: no address as the others; score them separately")
    pattern = where.key.split("/")
    fixed = [*takewhile(lambda part: not glob.has_magic(part), pattern)]
    if not fixed:
        raise InputError(f"{argument}: the name of a bucket cannot be a pattern")
    root = Stored(where.scheme, "/".join(fixed))
    try:
        if len(fixed) == len(pattern) > 1 and not argument.endswith("/") and where.is_file():
            folder = Stored(where.scheme, "/".join(pattern[:-1]))
            return folder, True, {str(where): where.stat().st_size}
        objects = {
            str(each): size for each, size in root.walk() if _matches(each.key.split("/"), pattern)
        }
    except OSError as error:
        raise InputError(f"{argument}: cannot be read ({one_line(error)})") from None
    if not objects:
        raise InputError(f"{argument}: no such object, nor a folder with any")
    return root, False, objects


def _matches(key: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a key has a pattern, or lies in a folder that has it.

    >>> _matches(["b", "x", "y", "z.csv"], ["b", "**", "*.csv"])
    True
    """
    if not pattern:
        return True
    if pattern[0] == "**":
        return _matches(key, pattern[1:]) or (bool(key) and _matches(key[1:], pattern))
    return bool(key) and fnmatchcase(key[0], pattern[0]) and _matches(key[1:], pattern[1:])


def _common(roots: Sequence[str]) -> str:
    """The address that all begin with, up to a slash."""
    parts = zip(*(root.split("/") for root in roots), strict=False)
    common = [names[0] for names in takewhile(lambda names: len({*names}) == 1, parts)]
    if len(common) < 3:  # of an address: the scheme, nothing, the bucket
        raise InputError("the inputs are in several buckets; score them separately")
    return "/".join(common).rstrip("/") + "/"
