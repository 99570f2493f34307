"""``treernn score``: the sentiment of texts, phrase by phrase."""

from __future__ import annotations

import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.errors import InputError

if TYPE_CHECKING:
    from treernn.scoring.result import Result

BATCH = 64
"""Texts scored together; results are printed as soon as they are there."""


class Format(StrEnum):
    """How to print."""

    tree = "tree"
    json = "json"


def score(
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="What to score; - reads one text from standard input."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Score each line of this file as a text.")
    ] = None,
    format: Annotated[
        Format,
        typer.Option(help="Coloured trees, or JSON: one object a line for each text."),
    ] = Format.tree,
    model: Annotated[
        str, typer.Option(help="Folder of a sentiment model, or embedded.")
    ] = "embedded",
) -> None:
    """Print the sentiment of texts, phrase by phrase.

    Ends with status 1 when a text could not be scored.
    """
    waiting = [sys.stdin.read() if text == "-" else text for text in texts or []]
    if file is not None:
        waiting += _lines(file)
    if not waiting:
        raise InputError("nothing to score, give a text, - for standard input, or --file")

    import treernn

    scorer = treernn.load(model)
    failed = False
    for start in range(0, len(waiting), BATCH):
        results = scorer.score_many(waiting[start : start + BATCH])
        for number, result in enumerate(results, start + 1):
            if format is Format.json:
                print(result.to_json())
            else:
                _show(result, f"{number} of {len(waiting)}" if len(waiting) > 1 else "")
            if not result.scored:
                failed = True
                print(f"treernn: text {number}: {'; '.join(result.problems)}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8-sig", errors="replace").split("\n")
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None
    return [line for line in lines if line.strip()]


def _show(result: Result, title: str) -> None:
    from rich.console import Console

    from treernn.reports.tree import review

    console = Console(width=shutil.get_terminal_size((100, 24)).columns)
    if title:
        console.rule(title, align="left")
    console.print(review(result))
