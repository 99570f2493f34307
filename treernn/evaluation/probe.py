"""All analyses of a sentiment model: the sections 5.3 to 5.5 of Socher et al. (2013), accuracy and
calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from treernn.evaluation.accuracy import Evaluation, evaluate
from treernn.evaluation.calibration import Calibration, calibrate
from treernn.evaluation.contrast import Contrast, contrast
from treernn.evaluation.negation import Negation, template_negation, treebank_negation
from treernn.evaluation.ngrams import Ngrams, strongest_ngrams
from treernn.evaluation.plain import to_plain
from treernn.evaluation.published import CONTRAST, NEGATED_NEGATIVE, NEGATED_POSITIVE
from treernn.parsing import load_parser
from treernn.parsing.parser import Parser
from treernn.scoring.scorer import Classifier
from treernn.types import Tree


@dataclass(frozen=True)
class Probe:
    """Results on the test data, with the probabilities at the model's own temperature.

    Attributes:
        but_sentences: sentences ``X but Y``.
        but_clauses: all clauses ``X but Y``.
        treebank_negation: negations in the gold trees.
        template_negation: negations in sentences made from templates.
        ngrams: the strongest phrases by length.
        accuracy: five classes and binary, also by phrase length.
        calibration: with a temperature fitted on the development data.
    """

    but_sentences: Contrast
    but_clauses: Contrast
    treebank_negation: Negation
    template_negation: Negation
    ngrams: tuple[Ngrams, ...]
    accuracy: Evaluation
    calibration: Calibration

    def to_dict(self) -> dict[str, Any]:
        """Values for JSON by attribute, None instead of NaN; ``published`` has the figures of
        Socher et al. (2013)."""
        published = {
            "but_sentences": CONTRAST,
            "negated_positive": NEGATED_POSITIVE,
            "negated_negative": NEGATED_NEGATIVE,
        }
        plain = to_plain(self, ".4f")
        return {**plain, "accuracy": self.accuracy.to_dict(), "published": published}


def probe(
    model: Classifier, dev: Sequence[Tree], test: Sequence[Tree], parser: Parser | None = None
) -> Probe:
    """Analyse a sentiment model.

    Args:
        model: predicts distributions for trees; its ``config.temperature``, if it has one, is the
            temperature of its probabilities.
        dev: gold trees to fit a temperature on.
        test: gold trees for everything else.
        parser: parses the sentences of the negation templates; default: the embedded parser.

    Raises:
        InputError: there are no test trees, or the development trees have no labelled root.
    """
    predicted = model.distributions(test)
    dev_predicted = model.distributions(dev)
    return Probe(
        but_sentences=contrast(test, predicted),
        but_clauses=contrast(test, predicted, sentences_only=False),
        treebank_negation=treebank_negation(test, predicted),
        template_negation=template_negation(model, parser or load_parser("embedded")),
        ngrams=strongest_ngrams(test, predicted),
        accuracy=evaluate(test, predicted),
        calibration=calibrate(dev, dev_predicted, test, predicted, temperature_of(model)),
    )


def temperature_of(model: Classifier) -> float:
    """The softmax temperature of a model; 1 if its configuration has none."""
    return float(getattr(getattr(model, "config", None), "temperature", 1.0))
