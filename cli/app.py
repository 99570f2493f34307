"""The commands of ``treernn``.

Nothing slow is imported here: a command imports what it needs when it runs. To add a command: a
function in a file of its own, and a name in ``COMMANDS``.
"""

from __future__ import annotations

import sys
import warnings
from typing import Annotated, TextIO

import typer

import treernn
from treernn.cli import bench, distil, train
from treernn.cli.average import average
from treernn.cli.caption import caption
from treernn.cli.command import Command
from treernn.cli.compare import compare
from treernn.cli.draw import draw
from treernn.cli.evaluate import evaluate
from treernn.cli.failures import report
from treernn.cli.influence import influence
from treernn.cli.info import info
from treernn.cli.lexicon import lexicon
from treernn.cli.parse import parse
from treernn.cli.probe import probe
from treernn.cli.push import push
from treernn.cli.reproduce import reproduce
from treernn.cli.score import score
from treernn.cli.serve import serve
from treernn.cli.summarize import summarize
from treernn.cli.tag import tag
from treernn.cli.translate import translate
from treernn.errors import DataWarning, TrainingWarning
from treernn.printing import shown

app = typer.Typer(
    name="treernn",
    help="Sentiment of a text, phrase by phrase, over its parse trees.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help takes half the time, and is the same in all terminals
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    *(score, summarize, serve, parse, tag, caption, translate),
    *(evaluate, compare, probe, reproduce, influence, draw, lexicon, average, push, info),
)
for command in COMMANDS:
    app.command(cls=Command)(command)
for group in (train, distil, bench):
    app.add_typer(group.app)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"treernn {treernn.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Sentiment of a text, phrase by phrase, over its parse trees."""


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning of treernn as one line on standard error, others as Python does."""
    if issubclass(category, DataWarning | TrainingWarning):
        report(f"note: {message}")
    else:
        _python_shows(message, category, filename, lineno, file, line)


_python_shows = warnings.showwarning


def run() -> None:
    """Run the command that the arguments of the process name, and exit."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", DataWarning)
        warnings.showwarning = _show_warning
        try:
            status = app(prog_name="treernn", standalone_mode=False)
        except Exception as error:
            if not hasattr(error, "show"):  # click's errors of options and arguments
                raise
            if type(error).__name__ != "NoArgsIsHelpError":
                error.message = shown(error.message)  # type: ignore[attr-defined]
            error.show()
            sys.exit(error.exit_code)  # type: ignore[attr-defined]
    sys.exit(status or 0)
