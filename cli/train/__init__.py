"""``treernn train``: one command per task."""

from __future__ import annotations

import typer

from treernn.cli.defaults import TaskCommand
from treernn.cli.train.captioning import captioning
from treernn.cli.train.parser import parser
from treernn.cli.train.sentiment import sentiment
from treernn.cli.train.tagging import tagging
from treernn.cli.train.targets import targets
from treernn.cli.train.translation import translation

app = typer.Typer(name="train", help="Train a model.", no_args_is_help=True, rich_markup_mode=None)
for command in (sentiment, targets, parser, tagging, captioning, translation):
    app.command(cls=TaskCommand)(command)
