"""The files that folders, patterns and names stand for, and which of them are one shard's."""

from __future__ import annotations

import glob
import heapq
import os
import stat
from collections.abc import Iterator, Sequence
from itertools import dropwhile
from pathlib import Path
from typing import NamedTuple

from treernn.errors import InputError, one_line
from treernn.stores import is_address
from treernn.tables.open import format_of

LARGE_FILE = 1 << 19
"""Bytes of a file that takes several processes longer to score than to start."""

_COST_OF_A_FILE = 1 << 12
"""Bytes that are scored in the time that a file takes to open and to write."""


class InputFile(NamedTuple):
    """A file to score.

    Attributes:
        path: where it is, absolute.
        name: its path below the folder that all inputs have in common, with ``/`` on all systems.
        size: bytes; 0 where the system does not tell.
    """

    path: str
    name: str
    size: int


class Inputs(NamedTuple):
    """What arguments stand for.

    Attributes:
        base: the folder that all inputs have in common, absolute.
        files: those to score, by name.
        skipped: names of files in folders that no format can read.
        special: names of what is no file in folders: pipes, devices and sockets.
    """

    base: str
    files: tuple[InputFile, ...]
    skipped: tuple[str, ...]
    special: tuple[str, ...] = ()


def find_inputs(
    arguments: Sequence[str],
    input_format: str | None = None,
    out: str | os.PathLike[str] | None = None,
) -> Inputs:
    """Find files.

    Args:
        arguments: folders, whose files are taken with those of folders in them; patterns as
            ``glob`` reads them, ``**`` for folders in folders; and files. Of folders and patterns,
            names that begin with ``_`` or a dot are left out, which mark other things than data.
        input_format: of all files; without it those of folders and patterns are taken whose ending
            says a format.
        out: the output folder; what is in it is no input.

    Raises:
        InputError: an argument stands for no file, a folder cannot be read, or all inputs would
            lie inside ``out``.
    """
    roots: list[str] = []
    found: dict[str, None] = {}
    skipped: dict[str, None] = {}
    special: dict[str, None] = {}
    written = None if out is None or is_address(out) else os.path.realpath(out)
    for argument in arguments:
        if _is_named(argument):
            path = os.path.abspath(argument)
            roots.append(os.path.dirname(path))
            found[path] = None
            continue
        root, paths = _expand(argument, written)
        roots.append(root)
        if written is not None and _is_inside(os.path.realpath(root), written):
            raise InputError(
                f"{out}: holds the inputs of {argument}, so its files would be inputs too; write "
                "to another folder"
            )
        for path in paths:
            readable = input_format is not None or format_of(path) is not None
            (special if _is_special(path) else found if readable else skipped)[path] = None
    try:
        base = os.path.commonpath(roots)
    except ValueError:
        raise InputError("the inputs have no folder in common; score them one by one") from None

    def name(path: str) -> str:
        return Path(path).relative_to(base).as_posix()

    files = [InputFile(path, name(path), _size(path)) for path in found]
    if not files:
        others = sorted(map(name, (*skipped, *special)))
        there = f", but {some(others)}" if others else ""
        raise InputError(f"{', '.join(arguments)}: no file that can be read{there}")
    files.sort(key=lambda file: file.name)
    unread = (tuple(sorted(map(name, names))) for names in (skipped, special))
    return Inputs(base, tuple(files), *unread)


def is_pattern(argument: str) -> bool:
    """Whether an argument is a pattern of names of files, and neither one of a file nor a text: it
    ends as a file does and has no white space, or there are such files.

    >>> is_pattern("2024/*.csv"), is_pattern("good or bad?"), is_pattern("5*/10")
    (True, False, False)
    """
    if not glob.has_magic(argument) or "\0" in argument or os.path.lexists(argument):
        return False
    if is_address(argument):
        return True
    if format_of(argument) is not None and len(argument.split()) == 1:
        return True
    return os.sep in argument and next(_matches(argument), None) is not None


def shard_of(files: Sequence[InputFile], number: int, count: int) -> tuple[InputFile, ...]:
    """The files of one of several processes, which have about as many bytes each.

    Largest first, each to the process with the least so far (Graham 1969, longest processing
    time): who sees the same files with the same sizes shares them out alike.

    Args:
        files: of all processes.
        number: of this one, from 1.
        count: how many there are.

    Returns:
        By name.
    """
    shares = [(0, shard) for shard in range(1, min(count, len(files)) + 1)]  # others have none
    chosen = []
    for file in sorted(files, key=lambda file: (-file.size, file.name)):
        size, shard = shares[0]
        heapq.heapreplace(shares, (size + file.size + _COST_OF_A_FILE, shard))
        if shard == number:
            chosen.append(file)
    return tuple(sorted(chosen, key=lambda file: file.name))


def _is_named(argument: str) -> bool:
    """Whether an argument is a file.

    Raises:
        InputError: there is nothing of this name.
    """
    try:
        mode = os.stat(argument).st_mode
    except (OSError, ValueError) as error:
        if glob.has_magic(argument):
            return False
        raise InputError(f"{argument}: cannot be read ({one_line(error)})") from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{argument}: {_kind(mode)}, expected a file")
    return stat.S_ISREG(mode)


def _expand(argument: str, out: str | None) -> tuple[str, Iterator[str]]:
    """The folder that a folder or a pattern begins with, and the files that it stands for."""
    if os.path.isdir(argument):
        root = os.path.abspath(argument)
        return root, _walk(root, out)
    parts = Path(argument).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    root = os.path.abspath(os.path.join("", *parts[:fixed]))
    matches = [os.path.abspath(match) for match in _matches(argument)]
    if not matches:
        raise InputError(f"{argument}: no file has such a name")

    def paths() -> Iterator[str]:
        for match in matches:
            inside = Path(match).relative_to(root).parts
            if any(map(is_hidden, inside)) or (out and _is_inside(os.path.realpath(match), out)):
                continue
            if os.path.isdir(match):
                yield from _walk(match, out)
            else:
                yield match

    return root, paths()


def _matches(pattern: str) -> Iterator[str]:
    """What a pattern stands for; unlike ``glob``, ``**`` goes no way back through links."""
    parts = Path(pattern).parts
    if "**" not in parts:
        yield from glob.iglob(pattern)
        return
    at = parts.index("**")
    rest = [*dropwhile(lambda part: part == "**", parts[at:])]
    for start in glob.iglob(os.path.join("", *parts[:at])) if at else [os.curdir]:
        if not os.path.isdir(start):
            continue
        if not rest:
            yield start  # which is taken whole
            continue
        for folder, _ in _folders(start, None):
            yield from _matches(os.path.join(glob.escape(folder), *rest))


def _walk(root: str, out: str | None) -> Iterator[str]:
    """The files of a folder and of those in it, also where links lead."""
    for folder, files in _folders(root, out):
        yield from (os.path.join(folder, name) for name in files if not is_hidden(name))


def _folders(root: str, out: str | None) -> Iterator[tuple[str, list[str]]]:
    """A folder and those in it, also where links lead, with the names of their files."""

    def stop(error: OSError) -> None:
        raise InputError(f"{error.filename}: cannot be read ({one_line(error)})")

    # The real folders through which each folder was reached: links may lead back to them.
    ways: dict[str, tuple[str, ...]] = {root: ()}
    for folder, folders, files in os.walk(root, onerror=stop, followlinks=True):
        way = (*ways.pop(folder), os.path.realpath(folder))
        kept = []
        for name in folders:
            path = os.path.join(folder, name)
            there = os.path.realpath(path)
            back = any(_is_inside(passed, there) for passed in way)
            if not (back or is_hidden(name) or there == out):
                kept.append(name)
                ways[path] = way
        folders[:] = kept
        yield folder, files


def is_hidden(name: str) -> bool:
    """Whether a file or a folder of this name is none with data."""
    return name.startswith((".", "_"))


def _is_inside(path: str, folder: str) -> bool:
    """Whether a path is a folder or leads into it; both are absolute, without links."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def _is_special(path: str) -> bool:
    """Whether a path is neither a file nor a link to nothing, which then cannot be read."""
    return os.path.exists(path) and not os.path.isfile(path)


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def some(names: Sequence[str]) -> str:
    """The first of some names, and how many others there are.

    >>> some(["a.csv"]), some(["a.csv", "b.csv", "c.csv"])
    ('a.csv', 'a.csv and 2 others')
    """
    others = len(names) - 1
    return names[0] + (f" and {others} other{'s' * (others > 1)}" if others else "")
