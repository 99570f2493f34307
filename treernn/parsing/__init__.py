"""Parsers: from the words of a sentence to a tree."""

from treernn.parsing.loading import PARSERS, load_parser, load_trained

__all__ = ["PARSERS", "load_parser", "load_trained"]
