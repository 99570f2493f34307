import json
from pathlib import Path

import pytest

from treernn.encoders.base_model import MINILM, MPNET, find_local_base_model
from treernn.errors import ModelError
from treernn.models.pretrained import PARSER, SENTIMENT_MODELS, sentiment_folder
from treernn.parsing.lstm_parser import LSTMParser
from treernn.types import LABELS


def test_included_models_have_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert sentiment_folder("small") == SENTIMENT_MODELS["small"]
    assert sentiment_folder("medium") == SENTIMENT_MODELS["medium"]
    assert sentiment_folder("large") == SENTIMENT_MODELS["large"]
    assert sentiment_folder("./small") == Path("small")
    assert sentiment_folder(Path("small")) == Path("small")
    with pytest.raises(ModelError, match="smal: no such model folder; included models are small, "):
        sentiment_folder("smal")


@pytest.mark.parametrize("name", ["medium", "large"])
def test_models_on_an_encoder_name_it(name):
    config = json.loads((SENTIMENT_MODELS[name] / "config.json").read_text("utf-8"))
    base = config["encoder"]["base"]
    assert base["name"] == {"medium": MINILM, "large": MPNET}[name]
    assert len(base["sha256"]) == 64
    assert not {each for each in map(str, config.values()) if "/work" in each}
    size = (SENTIMENT_MODELS[name] / "model.safetensors").stat().st_size
    assert size < {"medium": 17e6, "large": 12e6}[name]


def test_the_large_model_reads_the_whole_phrase():
    if find_local_base_model(MPNET) is None:
        pytest.skip(f"{MPNET} is not on this machine")
    import treernn

    scorer = treernn.load("large")
    assert scorer("A trophy for the worst film of the year.").label in LABELS[:2]
    assert scorer("Not a bad film at all!").label in LABELS[3:]


def test_the_included_parser_parses():
    (tree,) = LSTMParser.load(PARSER).parse([["a", "good", "film"]])
    assert tree.words == ("a", "good", "film")
