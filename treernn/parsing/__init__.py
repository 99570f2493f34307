"""Parsers: words to trees."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from treernn.errors import InputError

if TYPE_CHECKING:
    import torch

    from treernn.parsing.chart_parser import ChartParser
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
        name: ``"embedded"``, the one that comes with the package; ``"stanza"``; one of the
            baselines that look at no word, ``"right"``, ``"left"`` and ``"balanced"``; or the
            folder of a parser of ``treernn train-parser``.
        stanza_package: of ``"stanza"``, see ``StanzaParser``.
        stanza_folder: likewise.
        device: where ``"embedded"``, or that of a folder, runs; Stanza sees to itself.

    Raises:
        InputError: there is no parser of this name and no such folder, or Stanza, or transformers
            for a parser on an encoder, is not installed.
        MissingDataError: Stanza's models are not there and cannot be downloaded.
        ModelError: a model is damaged, or is no parser.

    >>> parser_named("left").parse([["not", "bad", "."]])[0].children
    ((0, 1), (3, 2))
    """
    match name:
        case "embedded":
            from treernn.models.pretrained import PARSER

            return load_parser(PARSER).to(device)
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
    if not Path(name).is_dir():
        raise InputError(
            f"no parser {name!r}, expected one of {', '.join(PARSERS)}, or the folder of one"
        )
    return load_parser(name).to(device)


def load_parser(path: str | PathLike[str]) -> ChartParser:
    """The parser in a folder of ``treernn train-parser``, on word vectors or on an encoder.

    Raises:
        ModelError: the folder is missing, damaged, or holds something else; or the encoder that
            the parser stands on is not there.
        InputError: transformers is not installed, and it stands on an encoder.
    """
    from treernn.models.storage import kind_of

    if kind_of(path) == "contextual-parser":
        from treernn.parsing.encoder_parser import ContextualParser

        return ContextualParser.load(path)
    from treernn.parsing.lstm_parser import SpanParser

    return SpanParser.load(path)  # which says what is wrong if it is none either
