from pathlib import Path

from treernn.models.pretrained import PARSER, SENTIMENT_MODELS, sentiment_folder
from treernn.parsing.lstm_parser import LSTMParser


def test_included_models_have_names():
    assert sentiment_folder("small") == SENTIMENT_MODELS["small"]
    assert sentiment_folder("medium") == SENTIMENT_MODELS["medium"]
    assert sentiment_folder("./small") == Path("small")
    assert sentiment_folder(Path("models/mine")) == Path("models/mine")


def test_the_included_parser_parses():
    (tree,) = LSTMParser.load(PARSER).parse([["a", "good", "film"]])
    assert tree.words == ("a", "good", "film")
