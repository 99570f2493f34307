"""``treernn distil``: small models from large ones."""

from __future__ import annotations

import typer

from treernn.cli.defaults import TaskCommand
from treernn.cli.distil.parser import parser
from treernn.cli.distil.sentiment import sentiment
from treernn.cli.distil.vectors import vectors

app = typer.Typer(
    name="distil",
    help="Train a small model on the output of large ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for command in (sentiment, parser, vectors):
    app.command(cls=TaskCommand)(command)
