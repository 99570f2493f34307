"""``treernn info``: what is installed, and where things lie."""

from __future__ import annotations

import typer


def info() -> None:
    """Print versions, backends, devices, and what lies where."""
    from treernn.views.info import describe

    for title, lines in describe().items():
        typer.secho(title, bold=True)
        for name, value in lines.items():
            typer.echo(f"  {name:28}{value}")
