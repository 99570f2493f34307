"""Tree-structured sentiment: a parse tree for every sentence, a distribution for every phrase."""

__version__ = "0.1.0"
