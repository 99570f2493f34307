"""``treernn info``: what is installed, and where data and models are."""

from __future__ import annotations

import typer

from treernn import strict_json
from treernn.cli.options import AsJson
from treernn.printing import shown


def info(as_json: AsJson = False) -> None:
    """Print versions, backends, devices, data sets and models."""
    from treernn.views.info import installation

    sections = installation()
    if as_json:
        print(strict_json.dumps(sections, indent=1))
        return
    width = 2 + max(len(name) for lines in sections.values() for name in lines)
    for title, lines in sections.items():
        typer.secho(title, bold=True)
        for name, value in lines.items():
            typer.echo(shown(f"  {name:{width}}{value}"))
