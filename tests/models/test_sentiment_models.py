"""Models of any kind are loaded by their folder."""

import pytest

from treernn import load
from treernn.corpora.brackets import parse_line
from treernn.errors import InputError, ModelError
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.sentiment import load_sentiment
from treernn.models.tree_classifier import TreeClassifier, TreeConfig

WORDS = ["<unk>", "a", "good", "film", "."]


@pytest.fixture
def folders(tmp_path):
    TreeClassifier(TreeConfig(4, 3), WORDS).save(tmp_path / "tree")
    ChainClassifier(ChainConfig(4, 3, bidirectional=True), WORDS).save(tmp_path / "chain")
    AverageClassifier(AverageConfig(4), WORDS).save(tmp_path / "average")
    return tmp_path


def test_load_models_of_any_kind(folders):
    assert isinstance(load_sentiment(folders / "tree"), TreeClassifier)
    assert isinstance(load_sentiment(folders / "chain"), ChainClassifier)
    assert isinstance(load_sentiment(folders / "average"), AverageClassifier)
    with pytest.raises(ModelError, match="no such model folder"):
        load_sentiment(folders / "none")


@pytest.mark.parametrize("kind", ["chain", "average"])
def test_models_of_any_kind_score_text(folders, kind):
    class Given:
        def parse(self, sentences):
            assert [list(words) for words in sentences] == [["A", "good", "film", "."]]
            return [parse_line("(2 (2 (2 A) (2 (2 good) (2 film))) (2 .))")]

    result = load(folders / kind, parser=Given())("A good film.")
    assert [phrase.text for phrase in result.phrases()][-1] == "A good film."
    assert all(abs(sum(phrase.probabilities) - 1) < 1e-5 for phrase in result.phrases())


@pytest.mark.parametrize(
    ("precision", "message"),
    [
        ("int8", "^precision is 'int8', expected float32 or bfloat16$"),
        ("bfloat16", "tree: precision bfloat16 is for models with an encoder, such as medium$"),
    ],
)
def test_wrong_precisions(folders, precision, message):
    with pytest.raises(InputError, match=message):
        load_sentiment(folders / "tree", precision)
