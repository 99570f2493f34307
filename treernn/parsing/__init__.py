"""Parsers: from the words of a sentence to a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.parsing.baselines import ShapeParser as ShapeParser
    from treernn.parsing.baselines import balanced as balanced
    from treernn.parsing.baselines import left_branching as left_branching
    from treernn.parsing.baselines import right_branching as right_branching
    from treernn.parsing.binarization import binarize as binarize
    from treernn.parsing.chart_parser import ChartParser as ChartParser
    from treernn.parsing.dependencies import dependency_trees as dependency_trees
    from treernn.parsing.dependencies import find_heads as find_heads
    from treernn.parsing.encoder_parser import EncoderParser as EncoderParser
    from treernn.parsing.encoder_parser import EncoderParserConfig as EncoderParserConfig
    from treernn.parsing.loading import PARSERS as PARSERS
    from treernn.parsing.loading import load_parser as load_parser
    from treernn.parsing.loading import load_trained as load_trained
    from treernn.parsing.lstm_parser import LSTMParser as LSTMParser
    from treernn.parsing.lstm_parser import LSTMParserConfig as LSTMParserConfig
    from treernn.parsing.parser import BaseParser as BaseParser
    from treernn.parsing.parser import Parser as Parser
    from treernn.parsing.reading import read_trees as read_trees
    from treernn.parsing.stanza_parser import StanzaParser as StanzaParser

__all__, __getattr__, __dir__ = lazy_exports(__name__)
