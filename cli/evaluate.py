"""``treernn evaluate``: how often a sentiment model is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from treernn.cli.options import AsJson, Device, GivenModel, Part, Precision, Split, Treebank
from treernn.errors import InputError


def evaluate(
    model: GivenModel,
    split: Part = Split.test,
    trees: Annotated[
        str,
        typer.Option(
            help="gold, the treebank's own; or those of a parser, as treernn score has it: roots "
            "alone, and how many brackets are gold's."
        ),
    ] = "gold",
    file: Annotated[
        Path | None, typer.Option(help="Own labelled trees in SST's brackets, instead of the SST.")
    ] = None,
    data: Treebank = None,
    device: Device = "cpu",
    precision: Precision = "single",
    as_json: AsJson = False,
) -> None:
    """Measure a sentiment model: five classes and binary, at the roots and at all nodes."""
    from treernn.corpora import brackets, sst
    from treernn.evaluation.accuracy import evaluate
    from treernn.evaluation.brackets import bracket_score
    from treernn.models.device import usable_device
    from treernn.models.sentiment import load_sentiment
    from treernn.parsing import load_parser
    from treernn.training.data import rooted
    from treernn.views.evaluation import as_dict, table

    where = usable_device(device)
    parser = None if trees == "gold" else load_parser(trees, device=where)
    classifier = load_sentiment(model, precision).to(where)
    gold = brackets.read_brackets(file) if file is not None else sst.load(split.value, data)
    if not gold:
        raise InputError(f"{file}: no trees in it")
    about: dict[str, Any] = {
        "model": model,
        "data": str(file) if file is not None else f"SST {split.value}",
        "trees": trees,
        "precision": precision,
    }
    read = gold
    if parser is not None:
        read = rooted(parser, [tree.words for tree in gold], [tree.labels[-1] for tree in gold])
        about["bracket_f1"] = round(100 * bracket_score(read, gold).f1, 2)
    found = evaluate(read, classifier.distributions(read))
    if as_json:
        print(json.dumps({**about, **as_dict(found, all_nodes=parser is None)}))
    else:
        from rich.console import Console

        Console().print(table(found, about, all_nodes=parser is None))
