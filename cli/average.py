"""``treernn average``: the mean of the weights of several models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs
from treernn.printing import shown


def average(
    models: Annotated[
        list[str],
        typer.Argument(
            callback=inputs.sentiment_model,
            help="Two models or more: folders; small, medium, large; or hf://….",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the new model.")],
    share: Annotated[
        list[float] | None,
        typer.Option(
            help="Share of a model; given once for each, in their order.",
            metavar="<float>",
            show_default="all equal",
        ),
    ] = None,
) -> None:
    """Average the weights of several models.

    They must have started from the same weights. The mean of a model before and after further
    training usually keeps most of what it knew; that of several trainings is usually better than
    each of them is on average. Of LoRA adapters the changes that they make are averaged.
    """
    from treernn.models.averaging import average_models

    average_models(models, out, share or ())
    print(f"wrote {shown(str(out))}")
