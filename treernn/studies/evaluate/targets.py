"""On labelled targets."""

from __future__ import annotations

import treernn
from treernn.corpora import products, restaurants
from treernn.corpora.aspect_terms import read_labelled_targets
from treernn.evaluation.target_accuracy import compare_targets
from treernn.scoring.target_trees import check_targets, target_trees
from treernn.studies.report import Report
from treernn.views.accuracy import target_table

HELD_OUT = {
    "mams": lambda: restaurants.load_published()[1],
    "products": lambda: products.load_features().test,
}


def evaluate_targets(model: str, device: str, precision: str, parser: str, data: str) -> Report:
    """Accuracy of the sentiment toward targets.

    Args:
        model, device, precision, parser: of the scorer.
        data: a name of ``HELD_OUT``, or a file.

    Raises:
        TreernnError: the model or the targets cannot be read.
    """
    texts = HELD_OUT[data]() if data in HELD_OUT else read_labelled_targets(data)
    scorer = treernn.load(model, device, parser, precision)
    found, left_out = target_trees(texts, scorer.parser)
    check_targets(found, data)
    rows = compare_targets(scorer.classifier, scorer.target_classifier, found)
    metadata = {"model": model, "data": data, "trees": parser, "precision": precision}
    if left_out:
        metadata["in no sentence"] = str(left_out)
    values = metadata | {name: row.to_dict() for name, row in rows.items()}
    return Report(values, target_table(rows, metadata))
