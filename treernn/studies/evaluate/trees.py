"""On labelled trees."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from treernn.corpora import sst
from treernn.corpora.binary import labelled_phrases
from treernn.errors import InputError
from treernn.evaluation.accuracy import evaluate
from treernn.evaluation.brackets import bracket_score
from treernn.models.sentiment import load_sentiment
from treernn.parsing import load_parser
from treernn.studies.report import Report
from treernn.training.data.own_trees import read_own_trees
from treernn.training.data.reading import parse_labelled
from treernn.types import UNLABELLED
from treernn.views.accuracy import accuracy_tables


def evaluate_trees(
    model: str,
    device: str,
    precision: str,
    trees: str,
    file: Path | None,
    data: Path | None,
    split: str,
) -> Report:
    """Accuracy at the roots, and at all nodes of gold trees.

    Args:
        model, device, precision: of the classifier.
        trees: ``gold``, or the parser of the words of the trees.
        file: of trees, or a folder as for ``data``; None: the treebank.
        data: where the treebank is.
        split: of the treebank.

    Raises:
        TreernnError: the model or the trees cannot be read.
    """
    parser = None if trees == "gold" else load_parser(trees, device=device)
    classifier = load_sentiment(model, precision).to(device)
    if file is not None and os.path.isdir(file):
        data, file = file, None
    gold = sst.load(split, data) if file is None else read_own_trees(file)
    if not gold:
        raise InputError(f"{file}: no trees")
    metadata: dict[str, Any] = {
        "model": model,
        "data": sst.name(split, data) if file is None else str(file),
        "trees": trees,
        "precision": precision,
    }
    evaluated = gold
    if parser is not None:
        words = [tree.words for tree in gold]
        labels = [tree.labels[-1] if tree.labels else UNLABELLED for tree in gold]
        evaluated = parse_labelled(parser, words, labels)
        phrases = map(labelled_phrases, gold)
        metadata["bracket_f1"] = round(100 * bracket_score(evaluated, phrases).f1, 2)
    found = evaluate(evaluated, classifier.distributions(evaluated))
    roots_only = parser is not None
    return Report(
        metadata | found.to_dict(roots_only), accuracy_tables(found, metadata, roots_only)
    )
