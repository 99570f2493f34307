"""Texts of commands: arguments, standard input, and what may not be read or written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from treernn.errors import InputError


def texts_or_input(texts: list[str] | None) -> list[str]:
    """The texts; without any ``-``, for standard input, unless that is a terminal."""
    if texts:
        return texts
    try:
        piped = not sys.stdin.isatty()
        sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # there is none, or it is closed
        return []
    return ["-"] if piped else []


def standard_input(encoding: str | None = None) -> str:
    """All text of standard input; a note on standard error if some bytes are no text.

    Args:
        encoding: of the text; default: UTF-8, or what the bytes show.

    Raises:
        InputError: there is no such encoding, or standard input cannot be read.
    """
    from treernn.tables.encoding import check_encoding, find_encoding, not_decodable

    known = None if encoding is None else check_encoding(encoding)
    try:
        data = sys.stdin.buffer.read()
    except (AttributeError, OSError, ValueError) as error:
        raise InputError(f"standard input: cannot be read ({error})") from None
    chosen = known or find_encoding(data[:4096])
    try:
        text = data.decode(chosen)
    except UnicodeDecodeError:
        text = _decode_badly(data, chosen, not_decodable(chosen, data))
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _decode_badly(data: bytes, encoding: str, problem: str) -> str:
    """Text in another encoding, or with U+FFFD; says so on standard error."""
    replaced = data.decode(encoding, "replace")
    bad = replaced.count("\ufffd")
    lines = sum("\ufffd" in line for line in replaced.split("\n"))
    where = f"{bad} byte{'s' * (bad > 1)} on {lines} line{'s' * (lines > 1)}"
    suggested = problem.rpartition(" ")[2]
    read_as = "replaced by U+FFFD"
    # Text of which a part is UTF-8 is not in another encoding as a whole.
    if suggested == "cp1252" and replaced.replace("\ufffd", "").isascii():
        replaced, read_as = data.decode(suggested), "read as cp1252"
        problem = problem.replace("try", "if that is wrong, use").replace("cp1252", "NAME")
    print(f"treernn: standard input: {where}: {problem}; {read_as}", file=sys.stderr)
    return replaced


def check_output(out: Path | None, *inputs: str | os.PathLike[str] | None) -> None:
    """Check that a file can be written without losing what is read.

    Raises:
        InputError: ``out`` is a folder, or one of the inputs, by whatever name.
    """
    if out is None:
        return
    if out.is_dir():
        raise InputError(f"{out}: cannot be written, it is a folder")
    for path in inputs:
        if path in (None, "-"):
            continue
        try:
            same = os.path.samefile(path, out)  # type: ignore[arg-type]
        except (OSError, ValueError):
            continue
        if same:
            raise InputError(f"{out}: is the input, which would be overwritten; write another file")
