"""The report as files: OUT/report.md, OUT/report.html, and the pictures beside them."""

from __future__ import annotations

import base64
import datetime
import itertools
import json
import os
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
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
PAGE = "report.html"

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

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --paper: #fff; --line: #d9dee3; --dim: #5d6975; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #dfe5ea; --paper: #14191e; --line: #36414b; --dim: #9aa7b3; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; margin: 2em 0 .6em; }
h1 { margin-top: 0; }
p, ul, blockquote { max-width: 52rem; }
blockquote { margin: 1em 0; padding: .1em 1em; border-left: 4px solid #d55e00; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3em .6em; border-bottom: 1px solid var(--line); text-align: left; }
th { vertical-align: bottom; color: var(--dim); font-weight: 600; }
td[style*="right"] { white-space: nowrap; }
td:first-child { min-width: 9rem; }
code { font-size: .95em; }
td code { white-space: nowrap; }
img { max-width: 100%; background: #fff; border-radius: 6px; }
"""


def write_report(out: Path, command: str = "treernn reproduce") -> tuple[Table, Path]:
    """Write what the runs in ``out`` came to, each file whole.

    Args:
        out: folder of ``runs/``; gets ``report.md``, ``report.html`` and the pictures.
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
    embedded = {name: (out / name).read_bytes() for name, _ in drawn}
    for name, content in ((REPORT, text), (PAGE, html(text, embedded))):
        with whole_file(out / name) as fresh:
            fresh.write_text(content, "utf-8")
    for path in (out / REPORT, out / PAGE, *map(out.joinpath, embedded), *_records(out)):
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


def html(text: str, pictures: dict[str, bytes]) -> str:
    """A page of its own that holds what the Markdown holds, pictures in it.

    Args:
        text: CommonMark with tables; pictures are named as files.
        pictures: SVG by file name.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = parser.render(text)
    body = body.replace("<table>", '<div class="wide"><table>').replace(
        "</table>", "</table></div>"
    )
    for name, content in pictures.items():
        data = base64.b64encode(content).decode()
        body = body.replace(f'src="{escape(name)}"', f'src="data:image/svg+xml;base64,{data}"')
    title = text.splitlines()[0].lstrip("# ")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )
