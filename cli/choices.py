"""What ``treernn score`` reads and how it writes, from its options."""

from __future__ import annotations

import os
from pathlib import Path

from treernn.errors import InputError
from treernn.scoring import formats
from treernn.tables.encoding import replace_surrogates
from treernn.tables.open import format_of
from treernn.tables.source import is_stream

LARGE_FILE = 1 << 19
"""Bytes of a file that takes several processes longer to score than to start."""

TREE = "tree"

_FOLDER = "is a folder, expected a text or a file; name one of its files"


def input_path(
    texts: list[str], file: str | None, options: dict[str, str | None], as_rows: bool
) -> str | None:
    """The file to score, - for rows from standard input, or None for texts.

    A single argument is a file if that file exists, or if it looks like one: no white space, and
    the ending of a format.

    Args:
        texts: the arguments.
        file: value of ``--file``.
        options: for files only, by name.
        as_rows: whether standard input has rows.

    Raises:
        InputError: there is nothing to score, or too much.
    """
    if file is not None:
        if texts:
            raise InputError("pass texts or --file, not both")
        return file
    if not texts:
        raise InputError("nothing to score; pass a text, - for standard input, or --file")
    if texts == ["-"] and as_rows:
        return "-"
    files = [text for text in texts if _is_file(text)]
    if len(texts) == 1 and files:
        return texts[0]
    if files:
        raise InputError(f"{files[0]}: one file is scored at a time, got {len(texts)} arguments")
    for text in texts:
        if _is_path(text) and os.path.isdir(text) and (len(texts) == 1 or os.sep in text):
            raise InputError(f"{text}: {_FOLDER}, or, if it is a text, pass it to standard input")
    for option, value in options.items():
        if value is None:
            continue
        if texts == ["-"]:
            raise InputError(f"{option} is for rows; with standard input use --input-format too")
        raise InputError(f"{option} is for files, and there is no file {texts[0][:60]}")
    return None


def _is_path(text: str) -> bool:
    return len(text) < 1000 and text != "-" and "\0" not in text


def _is_file(text: str) -> bool:
    looks_like_one = len(text.split()) == 1 and format_of(text) is not None
    if looks_like_one:
        return True
    return _is_path(text) and (os.path.isfile(text) or is_stream(text))


def output(format: str | None, path: str | None, out: Path | None, level: str, trees: bool) -> str:
    """The output format: as chosen, or the default.

    Raises:
        InputError: it cannot be printed, or cannot be written to a file.
    """
    if format is None:
        if out is not None:
            return formats.output_format(out)
        if level != "review":
            return "csv"
        return "jsonl" if path == "-" or not trees else TREE
    if format == "json" and path is None and out is None:
        return "jsonl"
    if format in formats.BINARY and out is None:
        raise InputError(f"{format} cannot be printed, write it to a file with -o")
    if format == TREE and out is not None:
        known = ", ".join(formats.FORMATS)
        raise InputError(f"trees can only be printed, formats of files are {known}")
    return str(format)


def check_detail(format: str, level: str, explain: bool, phrases: bool, texts: bool) -> None:
    """Check that the format can show what is asked for.

    Raises:
        InputError: it cannot.
    """
    has_columns = bool(formats.added_columns(format))
    if explain and not (has_columns or format in (TREE, "html")):  # a page always explains
        raise InputError(f"--explain needs trees or a format with columns, not --format {format}")
    if level != "review" and not has_columns and format not in formats.TASKS:
        raise InputError(f"--level needs a format with columns, not --format {format}")
    if not phrases and (format not in ("json", "jsonl") or level != "review"):
        raise InputError("--no-phrases is for json and jsonl, with a row for each review")
    if not texts and (not phrases or format not in ("json", "jsonl") or level != "review"):
        raise InputError("--no-texts is for the trees in json and jsonl")


def check_targets(format: str, target: str | None, column: str | None, path: str | None) -> None:
    """Check that the sentiment toward targets can be shown.

    Raises:
        InputError: it cannot.
    """
    if target is None and column is None:
        return
    option = "--target-column" if target is None else "--target"
    shows = format in (TREE, *formats.TASKS) or formats.added_columns(format)
    if not shows:
        raise InputError(f"{option} needs trees or a format with columns, not --format {format}")
    if column is not None and path is None:
        raise InputError("--target-column is for files; for a text use --target")


def check_tasks(format: str, least_sure: int, config: Path | None) -> None:
    """Check the options of tasks for annotation tools.

    Raises:
        InputError: the format has no tasks, or the tool no such file.
    """
    if least_sure and format not in formats.TASKS:
        raise InputError(f"--least-sure is for --format {', '.join(formats.TASKS)}, not {format}")
    if config is not None and format != "label-studio":
        raise InputError(f"--labeling-config is for --format label-studio, not {format}")


def check_prefix(prefix: str) -> None:
    """Raise ``InputError`` unless the prefix of columns is text."""
    if replace_surrogates(prefix) != prefix:
        raise InputError("--prefix is not UTF-8")


def processes(path: str | None, format: str) -> int:
    """The default number of processes; one takes seconds to start."""
    if path is None or format == TREE or not os.path.isfile(path):
        return 1
    from treernn.workers import default_count

    return default_count() if os.path.getsize(path) >= LARGE_FILE else 1
