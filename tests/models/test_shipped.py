from pathlib import Path

from treernn.models.shipped import PARSER, SENTIMENT, sentiment_folder
from treernn.parsing.embedded import SpanParser


def test_embedded_is_the_shipped_model_and_all_else_a_path():
    assert sentiment_folder("embedded") == SENTIMENT
    assert sentiment_folder("./embedded") == Path("embedded")
    assert sentiment_folder(Path("models/mine")) == Path("models/mine")


def test_the_shipped_parser_parses():
    (tree,) = SpanParser.load(PARSER).parse([["a", "good", "film"]])
    assert tree.words == ("a", "good", "film")
