import json

import pytest

from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.evaluation.probe import probe, temperature_of
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing.baselines import ShapeParser, balanced

WORDS = ("<unk>", "a", "film", "good", "not")


class Others:
    """An object that has ``distributions`` only."""

    def __init__(self) -> None:
        self.model = TreeClassifier(TreeConfig(4, 3), WORDS)

    def distributions(self, trees):
        return self.model.distributions(trees)


@pytest.mark.parametrize(
    "model",
    [
        TreeClassifier(TreeConfig(4, 3, temperature=2), WORDS),
        ChainClassifier(ChainConfig(4, 3), WORDS),
        Others(),
    ],
    ids=["tree", "chain", "other"],
)
def test_any_model(model, sst_dev, sst_test):
    dev, test = sst_dev[:50], sst_test[:100]
    result = probe(model, dev, test, ShapeParser(balanced))
    assert result.accuracy == evaluate(test, model.distributions(test))
    assert result.calibration.model_temperature == temperature_of(model)
    assert result.but_clauses.cases >= result.but_sentences.cases > 0
    assert result.calibration.all_before.count == sum(tree.num_nodes for tree in test)
    plain = result.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["but_sentences"]["cases"] == result.but_sentences.cases
    assert plain["accuracy"]["root"]["count"] == 100
    assert len(plain["calibration"]["roots_before"]["bins"]) == 15
    assert [ngrams["length"] for ngrams in plain["ngrams"]] == [1, 2, 3, 5]
    assert plain["published"]["negated_negative"]["RNTN"] == 81.8


def test_default_temperature():
    assert temperature_of(Others()) == 1
    assert temperature_of(TreeClassifier(TreeConfig(4, 3, temperature=2), WORDS)) == 2


def test_no_trees(sst_dev):
    with pytest.raises(InputError, match="no trees"):
        probe(Others(), sst_dev[:5], [], ShapeParser(balanced))


def test_small_model(sst_dev, sst_test):
    """About the figures in docs/probe.md."""
    from treernn.models.pretrained import SENTIMENT_MODELS
    from treernn.models.sentiment import load_sentiment

    if not SENTIMENT_MODELS["small"].is_dir():
        pytest.skip("no models are shipped with this copy")
    result = probe(load_sentiment("small"), sst_dev, sst_test)
    assert result.but_sentences.correct > 35
    assert result.template_negation.negated_positive.flipped > 75
    assert result.template_negation.negated_negative.own_falls > 85
    assert result.calibration.all_after.ece < 2
    assert result.calibration.all_after.ece <= result.calibration.all_before.ece + 0.1
