from pathlib import Path

import pytest

from treernn.errors import ModelError
from treernn.models.pretrained import PARSER, SENTIMENT_MODELS, sentiment_folder
from treernn.parsing.lstm_parser import LSTMParser


def test_included_models_have_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert sentiment_folder("small") == SENTIMENT_MODELS["small"]
    assert sentiment_folder("medium") == SENTIMENT_MODELS["medium"]
    assert sentiment_folder("./small") == Path("small")
    assert sentiment_folder(Path("small")) == Path("small")
    with pytest.raises(ModelError, match="smal: no such model folder; included models are small, "):
        sentiment_folder("smal")


def test_the_included_parser_parses():
    (tree,) = LSTMParser.load(PARSER).parse([["a", "good", "film"]])
    assert tree.words == ("a", "good", "film")
