"""All analyses of one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from treernn.evaluation.accuracy import Evaluation, evaluate
from treernn.evaluation.calibration import Calibration, calibrate
from treernn.evaluation.contrast import Contrast, contrast
from treernn.evaluation.negation import Negations, in_trees, made
from treernn.evaluation.ngrams import Ngrams, ngrams
from treernn.parsing import load_parser
from treernn.parsing.parser import Parser
from treernn.scoring.scorer import Classifier
from treernn.types import Tree


@dataclass(frozen=True)
class Probe:
    """What ``probe`` finds; of the test data, with the probabilities as the model gives them.

    Attributes:
        sentences: contrastive conjunction, sentences ``X but Y``.
        clauses: the same of all clauses.
        in_trees: negation in the treebank.
        made: negation in made sentences.
        ngrams: the strongest phrases by length.
        accuracy: five classes and binary, also by phrase length.
        calibration: and a temperature, fitted on the development data.
    """

    sentences: Contrast
    clauses: Contrast
    in_trees: Negations
    made: Negations
    ngrams: tuple[Ngrams, ...]
    accuracy: Evaluation
    calibration: Calibration

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; None where nothing was there to measure."""
        from treernn.views.probe import as_dict

        return as_dict(self)


def probe(
    model: Classifier, dev: Sequence[Tree], test: Sequence[Tree], parser: Parser | None = None
) -> Probe:
    """Analyse a model.

    Args:
        model: gives distributions for trees; its ``config.temperature``, where it has one, is the
            temperature at which it gives them.
        dev: gold trees to fit the temperature on.
        test: gold trees for all else.
        parser: finds the trees of made sentences; the embedded one where there is none.

    Raises:
        InputError: there are no test trees, or the development trees have no labelled root.
    """
    found = model.distributions(test)
    return Probe(
        sentences=contrast(test, found),
        clauses=contrast(test, found, sentences=False),
        in_trees=in_trees(test, found),
        made=made(model, parser or load_parser("embedded")),
        ngrams=ngrams(test, found),
        accuracy=evaluate(test, found),
        calibration=calibrate(dev, model.distributions(dev), test, found, temperature_of(model)),
    )


def temperature_of(model: Classifier) -> float:
    """The temperature that a model has; 1 where it knows of none."""
    return float(getattr(getattr(model, "config", None), "temperature", 1.0))
