"""Progress bars, Ctrl-C, tables and lists in options."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from treernn import strict_json
from treernn.cli.failures import report
from treernn.outputs import folder_of
from treernn.printing import shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from treernn.studies.report import Report
    from treernn.training.data.parsed import Cache
    from treernn.training.loop.task import Task


@contextmanager
def interruptible(out: Path) -> Iterator[None]:
    """On Ctrl-C print a line that says how to resume the training in or below ``out``.

    Raises:
        InputError: ``out`` cannot be a folder.
    """
    folder_of(out)
    try:
        yield
    except KeyboardInterrupt:
        from treernn.training.loop.trainer import CHECKPOINT, METRICS

        started = any(path.name in (CHECKPOINT, METRICS) for path in out.rglob("*"))
        then = "resumes after the last complete epoch" if started else "starts again"
        if not quiet():
            report(f"stopped; the same command {then}")
        raise typer.Exit(130) from None


def quiet() -> bool:
    """Whether this process prints nothing: one of several that train together, but not the
    first."""
    return os.environ.get("WORLD_SIZE", "1") != "1" and os.environ.get("RANK", "0") != "0"


def run_training(task: Task, out: Path, cache: Cache | None = None) -> None:
    """Train with a progress bar on a terminal and one line per epoch; then remove the parsed texts
    of ``cache``."""
    from rich.console import Console
    from rich.progress import Progress

    from treernn.models.storage import CONFIG
    from treernn.training.loop.trainer import fit

    if quiet():
        fit(task, out)
        return
    finished = "already finished, " if (out / CONFIG).exists() else ""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        row = bar.add_task("epoch 1")

        def on_step(epoch: int, step: int, steps: int) -> None:
            bar.update(row, completed=step, total=steps, description=f"epoch {epoch}")

        def on_epoch(metrics: dict[str, Any]) -> None:
            loss = metrics["loss"]
            bar.print(f"epoch {metrics['epoch']:2}   loss {loss:.3f}   {_line(metrics)}")

        best = fit(task, out, on_step=on_step, on_epoch=on_epoch)
    if cache is not None:
        cache.remove()
    print(f"{shown(str(out))}: {finished}epoch {best['epoch']}, {_line(best).replace('   ', ', ')}")


def _line(metrics: Mapping[str, Any]) -> str:
    """The dev metrics and the seconds of an epoch."""
    parts = [
        f"{name.replace('_', ' ')} {value:.2f}"
        for name, value in metrics.items()
        if name.startswith("dev_") and value is not None
    ]
    return "   ".join([*parts, f"{metrics['seconds']:.0f} s"])


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on a terminal; call the function that it gives with the fraction completed."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        row = bar.add_task(title, total=1.0)
        yield lambda fraction: bar.update(row, completed=fraction)


def comma_separated(text: str) -> tuple[str, ...]:
    """The parts of an option's value."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def print_report(result: Report, as_json: bool) -> None:
    """Print the table of a report, or its values as JSON."""
    if as_json:
        print(strict_json.dumps(result.values, indent=1))
    else:
        print_table(result.table)


def print_table(table: RenderableType) -> None:
    """Print a table; into a file with its full width."""
    from rich.console import Console

    console = Console()
    (console if console.is_terminal else Console(width=180)).print(table)
