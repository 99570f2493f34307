"""What the commands that train a parser have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treernn.cli.training import WORDS, on_encoder, read_vectors, settings_of

if TYPE_CHECKING:
    from treernn.parsing.chart_parser import ChartParser
    from treernn.training.parser_settings import ParserSettings
    from treernn.types import Tree

FLAGS = ("encoder", "tuning", "epochs", "seed")


def parser_settings(given: Mapping[str, Any]) -> ParserSettings:
    """Settings of a parser over word vectors, or on an encoder."""
    from treernn.training.parser_settings import EncoderParserSettings, LSTMParserSettings

    kind = EncoderParserSettings if on_encoder(given) else LSTMParserSettings
    return settings_of(kind, given, FLAGS)


def new_parser(
    chosen: ParserSettings, trees: Sequence[Tree], given: Mapping[str, Any]
) -> ChartParser:
    """An untrained parser of these settings, for the words of ``trees``."""
    from treernn.training.parser_settings import LSTMParserSettings

    known = None
    if isinstance(chosen, LSTMParserSettings):
        known = read_vectors(given.get("vectors"))
    return chosen.new(trees, known, given.get("words", WORDS))
