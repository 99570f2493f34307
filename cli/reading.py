"""Texts of commands: arguments, standard input, and what may not be read or written."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from treernn.cli.failures import report
from treernn.errors import InputError
from treernn.outputs import check_writable
from treernn.stores import Place, is_address, place


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
    from treernn.tables.encoding import check_encoding, find_encoding

    known = None if encoding is None else check_encoding(encoding)
    try:
        if not hasattr(sys.stdin, "buffer"):  # a program's own, which has text
            return sys.stdin.read()
        data = sys.stdin.buffer.read()
    except (AttributeError, OSError, ValueError) as error:
        raise InputError(f"standard input: cannot be read ({error})") from None
    chosen = known or find_encoding(data[:4096])
    try:
        text = data.decode(chosen)
    except UnicodeDecodeError:
        text = _decode_badly(data, chosen)
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _decode_badly(data: bytes, encoding: str) -> str:
    """Text in another encoding, or with U+FFFD; says so on standard error."""
    from treernn.tables.encoding import partly_utf8, shown, suggest_encoding

    text = data.decode(encoding, "replace")
    bad = text.count("\ufffd")
    lines = sum("\ufffd" in line for line in text.split("\n"))
    where = f"{bad} byte{'s' * (bad > 1)} on {lines} line{'s' * (lines > 1)}"
    action = "replaced by U+FFFD"
    if encoding.startswith("utf-8") and not partly_utf8(data):
        suggested = suggest_encoding(data)
        if suggested == "cp1252":  # the usual one of Windows, and likely for English
            text, action = data.decode(suggested), "read as cp1252"
        else:
            action += f"; try --encoding {suggested}"
    problem = f"{'are' if bad > 1 else 'is'} not {shown(encoding)}, {action}"
    report(f"standard input: {where} {problem}")
    return text


def check_output(out: Place | None, *inputs: str | os.PathLike[str] | None) -> None:
    """Check that a file can be written without losing what is read.

    Raises:
        InputError: ``out`` is a folder or something else that is not written, or has a name that is
            too long, or is one of the inputs, by whatever name.
    """
    if out is None:
        return
    check_writable(out)
    for path in inputs:
        if path is None:
            continue
        try:
            if is_address(path):
                same = place(path) == out
            else:
                read = os.fstat(sys.stdin.fileno()) if path == "-" else os.stat(path)
                same = os.path.samestat(read, os.stat(out)) and not stat.S_ISCHR(read.st_mode)
        except (AttributeError, OSError, ValueError):
            continue
        if same:
            raise InputError(f"{out}: is the input, which would be overwritten; write another file")


def texts_of(
    texts: list[str] | None, file: Path | None = None, encoding: str | None = None
) -> list[str]:
    """The texts of a command: its arguments, of which - is standard input, and lines of a file.

    Args:
        texts: the arguments; without any and without a file, what is piped to the command.
        file: each of its lines that is not blank is a text.
        encoding: of standard input and the file.

    Raises:
        InputError, DataError: something cannot be read.
    """
    given = (texts or []) if file is not None else texts_or_input(texts)
    found = [standard_input(encoding) if text == "-" else text for text in given]
    if not texts and file is None and not "".join(found).strip():
        return []
    return found if file is None else [*found, *_lines(file, encoding)]


def _lines(file: Path, encoding: str | None) -> list[str]:
    from treernn.tables.open import open_table

    lines, noted = [], False
    with open_table(file, "text", encoding) as table:
        for record in table.records:
            if record.error and not noted:
                report(f"{file}: {record.place}: {record.error}")
                noted = True
            lines.append(record.values.get("text", ""))
    return lines
