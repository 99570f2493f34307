"""The report as files: OUT/report.md and the pictures beside it."""

from __future__ import annotations

import datetime
import itertools
import json
import os
from pathlib import Path
from typing import Any

from rich.table import Table

from treernn.errors import DataError, InputError
from treernn.files import sweep, whole_file
from treernn.optional import require
from treernn.studies.reproduction import plots
from treernn.studies.reproduction.report import about, markdown, to_table
from treernn.studies.reproduction.rows import TASKS
from treernn.studies.reproduction.summary import summarise
from treernn.types import LABELS

REPORT = "report.md"

# What of a run's file the report reads: types, [type] for a list of any length, ? for a key that
# need not be there.
_NUMBER = int | float
_ACCURACY = {"five": _NUMBER | None, "binary": _NUMBER | None}
_COUNTED = {**_ACCURACY, "count": int, "count_binary": int}
_MEASURED = {
    "root": _COUNTED,
    "all": _COUNTED,
    "confusion": [[int] * len(LABELS)] * len(LABELS),
    "by_length?": [{"from": int, "to": int, **_COUNTED}],
}
_SHAPE = {
    "row": str,
    "task": str,
    "seed": int,
    "quick": bool,
    "vectors": str,
    "settings": {"hidden_size?": int},
    "weights": int | None,
    "seconds": _NUMBER,
    "test": _MEASURED,
    "dev": _MEASURED,
    "history": [{"dev_root": _NUMBER, "dev_all": _NUMBER}],
    "understood?": dict.fromkeys(
        ("contrast", "positive_turned", "negative_crossed", "negative_eased"), _NUMBER | None
    ),
    "chosen": {"epoch?": int},
    "machine": {"cpu": str, "cores": int | None, "threads": int, "torch": str, "python": str},
    "treernn": str,
}


def write_report(out: Path, command: str = "treernn reproduce") -> tuple[Table, Path]:
    """Write what the runs in ``out`` came to, each file whole.

    Args:
        out: folder of ``runs/``; gets ``report.md`` and the pictures.
        command: that made the runs, for the report.

    Returns:
        A table for the terminal, and the Markdown file.

    Raises:
        InputError: there are no runs, or a file cannot be written.
        MissingPackageError: matplotlib or SciPy is not installed.
        DataError: a run's file is damaged.
    """
    check_installed()
    runs, newest = read_runs(out)
    summaries = summarise(runs)
    drawn = plots.pictures(runs, out)
    text = markdown(summaries, about(runs, command, newest, drawn))
    with whole_file(out / REPORT) as fresh:
        fresh.write_text(text, "utf-8")
    for path in (out / REPORT, *(out / name for name, _ in drawn), *_records(out)):
        sweep(path)
    return to_table(summaries), out / REPORT


def check_folder(out: Path) -> None:
    """``out`` can be written to, or made; to be asked before hours of training.

    Raises:
        InputError: it cannot.
    """
    there = next(path for path in (out, *out.absolute().parents) if os.path.exists(path))
    if not there.is_dir():
        raise InputError(f"{there}: a file; --out names a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"{there}: cannot be written to; choose another --out")


def check_installed() -> None:
    """Check, before hours of training, that the packages of the report are installed.

    Raises:
        MissingPackageError: one is not.
    """
    for name in "matplotlib", "scipy":
        require(name, extra="reproduction")


def read_runs(out: Path) -> tuple[list[dict[str, Any]], str]:
    """The runs in ``out/runs``, and the day on which the newest was written.

    Raises:
        InputError: there are none.
        DataError: a file is damaged.
    """
    paths = _records(out)
    if not paths:
        raise InputError(f"{out / 'runs'}: no runs in it; treernn reproduce makes them")
    newest = max(path.stat().st_mtime for path in paths)
    day = datetime.datetime.fromtimestamp(newest, datetime.UTC).date().isoformat()
    return [_read(path) for path in paths], day


def _records(out: Path) -> list[Path]:
    return sorted((out / "runs").glob("[!.]*.json"))


def _read(path: Path) -> dict[str, Any]:
    again = "remove the file to run it again"
    try:
        found = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise DataError(
            f"no JSON ({error.msg}); {again}", path, error.lineno, error.colno
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot be read ({error}); {again}", path) from None
    wrong = _wrong(found, _SHAPE, "the file")
    if wrong is not None:
        raise DataError(f"{wrong} is not as in the file of a run; {again}", path)
    name = f"{found['row']}-{found['task']}-seed{found['seed']}"
    if found["task"] not in TASKS or path.stem != name:
        raise DataError(f"holds the run {name}, not the one it is named after; {again}", path)
    return found


def _wrong(found: Any, shape: Any, where: str) -> str | None:
    """The first place at which ``found`` is not of that shape."""
    if isinstance(shape, dict):
        if not isinstance(found, dict):
            return where
        parts = []
        for key, inner in shape.items():
            name = key.rstrip("?")
            if name in found:
                parts.append((found[name], inner, repr(name)))
            elif name == key:
                return repr(name)
    elif isinstance(shape, list):
        if not isinstance(found, list):
            return where
        if len(shape) > 1 and len(found) != len(shape):
            return where
        parts = [
            (each, inner, f"{where}[{place}]")
            for place, (each, inner) in enumerate(zip(found, itertools.cycle(shape), strict=False))
        ]
    else:
        return None if isinstance(found, shape) else where
    return next(filter(None, (_wrong(*part) for part in parts)), None)
