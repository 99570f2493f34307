"""``treernn evaluate``: accuracy of a sentiment model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from treernn import strict_json
from treernn.cli.options import AsJson, Device, GivenModel, Part, Precision, Split, Treebank
from treernn.errors import InputError
from treernn.types import UNLABELLED


def evaluate(
    model: GivenModel,
    split: Part = Split.test,
    trees: Annotated[
        str,
        typer.Option(
            help="gold: the treebank's trees. Or a parser, as in treernn score: accuracy at the "
            "roots, and bracket F1."
        ),
    ] = "gold",
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Your labelled trees in brackets, instead of the SST."),
    ] = None,
    data: Treebank = None,
    device: Device = "cpu",
    precision: Precision = "float32",
    as_json: AsJson = False,
) -> None:
    """Evaluate a sentiment model: accuracy of five classes and binary, at roots and all nodes."""
    from rich.console import Console

    from treernn.corpora import sst
    from treernn.corpora.binary import labelled_phrases
    from treernn.evaluation.accuracy import evaluate
    from treernn.evaluation.brackets import bracket_score
    from treernn.models.device import usable_device
    from treernn.models.sentiment import load_sentiment
    from treernn.parsing import load_parser
    from treernn.training.data import parse_labelled
    from treernn.training.own_trees import read_own_trees
    from treernn.views.accuracy import accuracy_tables

    where = usable_device(device)
    parser = None if trees == "gold" else load_parser(trees, device=where)
    classifier = load_sentiment(model, precision).to(where)
    if file is not None and os.path.isdir(file):
        data, file = file, None
    gold = sst.load(split.value, data) if file is None else read_own_trees(file)
    if not gold:
        raise InputError(f"{file}: no trees")
    metadata: dict[str, Any] = {
        "model": model,
        "data": sst.name(split.value, data) if file is None else str(file),
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
    evaluation = evaluate(evaluated, classifier.distributions(evaluated))
    if as_json:
        print(strict_json.dumps({**metadata, **evaluation.to_dict(roots_only=parser is not None)}))
    else:
        Console().print(accuracy_tables(evaluation, metadata, roots_only=parser is not None))
