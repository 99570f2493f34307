"""``treernn push``: put a model on the Hugging Face hub."""

from __future__ import annotations

from typing import Annotated

import typer

from treernn.cli import inputs
from treernn.printing import shown


def push(
    model: Annotated[
        str,
        typer.Argument(
            callback=inputs.sentiment_model, help="Folder of a model; or small, medium, large."
        ),
    ],
    repo: Annotated[str, typer.Argument(help="Repository on the Hugging Face hub: user/name.")],
    private: Annotated[
        bool, typer.Option("--private", help="Make a new repository private.")
    ] = False,
    revision: Annotated[str, typer.Option(help="Branch; created if it does not exist.")] = "main",
    license: Annotated[
        str | None,
        typer.Option(
            help="License of the model, for example mit.", show_default="as its card says"
        ),
    ] = None,
) -> None:
    """Put a model on the Hugging Face hub.

    From there hf://user/name loads it. The model is loaded first, to see that it can be. Its
    MODEL_CARD.md becomes the page of the repository. Log in with hf auth login, or set HF_TOKEN.
    """
    from treernn.scoring.push import push

    address = push(model, repo, private=private, revision=revision, license=license)
    print(shown(address))
