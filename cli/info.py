"""``treernn info``: what is installed, and where data and models are."""

from __future__ import annotations

import typer


def info() -> None:
    """Print versions, backends, devices, and the paths of data and models."""
    from treernn.views.info import installation

    for title, lines in installation().items():
        typer.secho(title, bold=True)
        for name, value in lines.items():
            typer.echo(f"  {name:28}{value}")
