from pathlib import Path

from treernn.models.shipped import ACCURATE, PARSER, SENTIMENT, sentiment_folder
from treernn.parsing.embedded import SpanParser


def test_shipped_models_have_names_and_all_else_is_a_path():
    assert sentiment_folder("embedded") == SENTIMENT
    assert sentiment_folder("accurate") == ACCURATE
    assert sentiment_folder("./embedded") == Path("embedded")
    assert sentiment_folder(Path("models/mine")) == Path("models/mine")


def test_the_shipped_parser_parses():
    (tree,) = SpanParser.load(PARSER).parse([["a", "good", "film"]])
    assert tree.words == ("a", "good", "film")
