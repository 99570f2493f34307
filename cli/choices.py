"""What ``treernn score`` reads and how it writes, from its options."""

from __future__ import annotations

import contextlib
import glob
import os
import re
from pathlib import Path

from treernn.errors import InputError, one_line
from treernn.scoring import formats
from treernn.scoring.folders.inputs import LARGE_FILE, is_pattern
from treernn.stores import Place, is_address, place
from treernn.tables.encoding import replace_surrogates
from treernn.tables.open import format_of
from treernn.tables.source import is_stream

TREE = "tree"

_ONLY_PRINTED = f"trees can only be printed, formats of files are {', '.join(formats.FORMATS)}"


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
    if len(texts) == 1 and _is_file(texts[0]):
        return texts[0]
    for option, value in options.items():
        if value is None:
            continue
        if texts == ["-"]:
            raise InputError(f"{option} is for rows; with standard input use --input-format too")
        raise InputError(f"{option} is for files, and there is no file {texts[0][:60]}")
    return None


def many_inputs(texts: list[str], file: str | None, out: str | None) -> list[str] | None:
    """The arguments, if they stand for many files that are scored into a folder: folders, patterns
    of names, several files, or one file that goes into a folder; else None.

    Args:
        texts: the arguments.
        file: value of ``--file``.
        out: value of ``--out``.

    Raises:
        InputError: there are files and texts, or no folder to write to.
    """
    if file is not None:
        named, given = [], [file]
        if texts:
            return None
        pattern = glob.has_magic(file) and not os.path.lexists(file)
        if _is_dir(file) or pattern or (to_folder(out) and not is_stream(file)):
            named = given
    else:
        given = texts
        paths = all(_is_path(text) and os.path.exists(text) for text in texts)
        named = [text for text in texts if _is_folder(text, paths) or is_pattern(text)]
        if len(texts) > 1 or to_folder(out):
            named += [text for text in texts if _is_file(text) and text not in named]
    if not named:
        return None
    if other := [text for text in given if text not in named]:
        raise InputError(f"{other[0][:60]}: no file, but {named[0]} is; give either files or texts")
    if out is None:
        what = "a folder, whose files" if _is_dir(named[0]) else "one of many files, which"
        text = "; or, if it is a text, pass it to standard input" if len(given) == 1 else ""
        raise InputError(f"{named[0]}: {what} are scored into another folder: add -o FOLDER{text}")
    if not to_folder(out) and (os.path.exists(out) or _names_a_file(out)):
        raise InputError(f"{out}: is a file, but many files are scored into a folder; name one")
    return given


def _names_a_file(out: str) -> bool:
    with contextlib.suppress(InputError):
        return bool(formats.output_format(out))
    return False


def to_folder(out: str | None) -> bool:
    """Whether an output is a folder: there is one, or the name ends as one."""
    return out is not None and (out.endswith(("/", os.sep)) or _is_dir(out))


def shard(text: str | None) -> tuple[int, int] | None:
    """The value of ``--shard``: the number of this process, from 1, and how many there are.

    Raises:
        InputError: it is another text.

    >>> shard("2/8")
    (2, 8)
    """
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        more = "; what counts from 0 needs one more" if text.startswith("0/") else ""
        raise InputError(f"--shard {text[:30]}: expected K/N, 1/N to N/N, such as 1/8{more}")
    return int(found[1]), int(found[2])


def check_engine(
    engine: str | None,
    address: str | None,
    many: list[str] | None,
    shard: object,
) -> None:
    """Check that options of an engine fit.

    Args:
        engine, address, shard: values of the options.
        many: the inputs, if they are files that are scored into a folder.

    Raises:
        InputError: they do not.
    """
    if address is not None and engine is None:
        raise InputError("--address is that of a cluster, add --engine ray")
    if engine is not None and many is None:
        raise InputError(
            f"--engine {engine} scores files into a folder: give a folder, a pattern or files, and "
            "-o FOLDER/"
        )
    if engine is not None and shard is not None:
        raise InputError(f"--engine {engine} shares the files out itself, leave out --shard")


def _is_folder(text: str, sure: bool) -> bool:
    """Whether an argument is a folder; between texts a word without a slash may be one of them."""
    return _is_path(text) and _is_dir(text) and (sure or os.sep in text)


def _is_dir(path: str) -> bool:
    """Whether a path is a folder, also one of an object store.

    Raises:
        InputError: the store does not answer.
    """
    if not is_address(path):
        return os.path.isdir(path)
    try:
        return path.endswith("/") or place(path).is_dir()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({one_line(error)})") from None


def _is_path(text: str) -> bool:
    return len(text) < 1000 and text != "-" and "\0" not in text


def _is_file(text: str) -> bool:
    looks_like_one = len(text.split()) == 1 and format_of(text) is not None
    if looks_like_one or is_address(text):
        return True
    return _is_path(text) and (os.path.isfile(text) or is_stream(text))


def output(format: str | None, path: str | None, out: Place | None, level: str, trees: bool) -> str:
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
        raise InputError(_ONLY_PRINTED)
    return str(format)


def output_of_many(format: str | None, least_sure: int) -> str:
    """The output format of many files: as chosen, or Parquet.

    Raises:
        InputError: it can only be printed, or tasks are to be chosen among those of all files.
    """
    if format == TREE:
        raise InputError(_ONLY_PRINTED)
    if least_sure:
        raise InputError("--least-sure is for one file; score them one by one")
    return str(format or "parquet")


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


def processes(size: int, format: str) -> int:
    """The default number of processes for files of so many bytes; one takes seconds to start."""
    if format == TREE or size < LARGE_FILE:
        return 1
    from treernn.workers import default_count

    return default_count()


def size_of(path: str | None) -> int:
    """Bytes of a file; 0 for texts and streams."""
    try:
        return 0 if path is None or is_stream(path) else place(path).stat().st_size
    except (OSError, ValueError):  # said when it is opened
        return 0
