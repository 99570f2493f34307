"""Parsers: words to trees."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from treernn.errors import InputError

if TYPE_CHECKING:
    import torch

    from treernn.parsing.parser import Parser

PARSERS = ("embedded", "stanza", "right", "left", "balanced")


def parser_named(
    name: str,
    *,
    stanza_package: str | None = None,
    stanza_folder: str | PathLike[str] | None = None,
    device: torch.device | str = "cpu",
) -> Parser:
    """The parser of a name, ready to parse.

    Args:
        name: ``"embedded"``, the one that comes with the package; ``"stanza"``; or one of the
            baselines that look at no word, ``"right"``, ``"left"`` and ``"balanced"``.
        stanza_package: of ``"stanza"``, see ``StanzaParser``.
        stanza_folder: likewise.
        device: where ``"embedded"`` runs; Stanza sees to itself.

    Raises:
        InputError: there is no parser of this name, or Stanza is not installed.
        MissingDataError: Stanza's models are not there and cannot be downloaded.
        ModelError: a model is damaged.

    >>> parser_named("left").parse([["not", "bad", "."]])[0].children
    ((0, 1), (3, 2))
    """
    match name:
        case "embedded":
            from treernn.models.shipped import PARSER
            from treernn.parsing.embedded import SpanParser

            return SpanParser.load(PARSER).to(device)
        case "stanza":
            from treernn.parsing.stanza_parser import StanzaParser

            return StanzaParser(stanza_package, stanza_folder)
        case "right" | "left" | "balanced":
            from treernn.parsing import baselines

            shapes = {
                "right": baselines.right_branching,
                "left": baselines.left_branching,
                "balanced": baselines.balanced,
            }
            return baselines.ShapeParser(shapes[name])
    raise InputError(f"no parser {name!r}, expected one of {', '.join(PARSERS)}")
