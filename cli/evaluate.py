"""``treernn evaluate``: accuracy of a sentiment model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from treernn import strict_json
from treernn.cli.device import chosen_device
from treernn.cli.options import (
    AsJson,
    Delimiter,
    Device,
    Encoding,
    GivenModel,
    LabelColumn,
    Precision,
    Split,
    TextColumn,
    Treebank,
)
from treernn.errors import InputError
from treernn.types import UNLABELLED


def evaluate(
    model: GivenModel,
    split: Annotated[
        Split | None, typer.Option(help="Split of the SST.", show_default="test")
    ] = None,
    trees: Annotated[
        str | None,
        typer.Option(
            help="gold: the treebank's trees. Or a parser, as in treernn score: accuracy at the "
            "roots, and bracket F1.",
            show_default="gold; embedded where there are no trees",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Your labelled trees in brackets, instead of the SST."),
    ] = None,
    targets: Annotated[
        str | None,
        typer.Option(
            help="Evaluate the sentiment toward labelled targets: XML of SemEval or JSON lines "
            "with spans; or mams or products, the held-out parts of these sets."
        ),
    ] = None,
    sentences: Annotated[
        Path | None,
        typer.Option(
            help="Your labelled texts, a table as for treernn train sentiment: accuracy on whole "
            "texts, read as in treernn score."
        ),
    ] = None,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    data: Treebank = None,
    device: Device = "auto",
    precision: Precision = "float32",
    as_json: AsJson = False,
) -> None:
    """Evaluate a sentiment model on labelled trees or texts.

    Accuracy of five classes and binary, at roots and all nodes; of the SST, of your own trees, of
    labelled texts, or toward targets.
    """
    from rich.console import Console

    from treernn.corpora import sst
    from treernn.corpora.binary import labelled_phrases
    from treernn.evaluation.accuracy import evaluate
    from treernn.evaluation.brackets import bracket_score
    from treernn.models.sentiment import load_sentiment
    from treernn.parsing import load_parser
    from treernn.training.data.own_trees import read_own_trees
    from treernn.training.data.reading import parse_labelled
    from treernn.views.accuracy import accuracy_tables

    where = chosen_device(device)
    if split is not None and (sentences, targets, file) != (None, None, None):
        raise InputError("--split is of the SST: leave out --sentences, --targets and --file")
    if sentences is not None:
        if targets is not None or file is not None or data is not None:
            raise InputError("--sentences cannot be used with --targets, --file or --data")
        table = (sentences, text_column, label_column, encoding, delimiter)
        _evaluate_texts(model, table, _parser(trees), str(where), precision, as_json)
        return
    if (text_column, label_column, encoding, delimiter) != ("text", "label", None, None):
        raise InputError(
            "--text-column, --label-column, --encoding and --delimiter need --sentences"
        )
    if targets is not None:
        if file is not None or data is not None:
            raise InputError("--targets cannot be used with --file or --data")
        _evaluate_targets(model, targets, _parser(trees), str(where), precision, as_json)
        return
    trees = trees or "gold"
    parser = None if trees == "gold" else load_parser(trees, device=where)
    classifier = load_sentiment(model, precision).to(where)
    if file is not None and os.path.isdir(file):
        data, file = file, None
    part = (split or Split.test).value
    gold = sst.load(part, data) if file is None else read_own_trees(file)
    if not gold:
        raise InputError(f"{file}: no trees")
    metadata: dict[str, Any] = {
        "model": model,
        "data": sst.name(part, data) if file is None else str(file),
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


def _parser(trees: str | None) -> str:
    """The parser of texts that have no trees."""
    if trees == "gold":
        raise InputError("--trees gold: these texts have no trees, name a parser or leave it out")
    return trees or "embedded"


def _evaluate_texts(
    model: str,
    table: tuple[Path, str, str, str | None, str | None],
    parser: str,
    device: str,
    precision: str,
    as_json: bool,
) -> None:
    from rich.console import Console

    import treernn
    from treernn.corpora.labelled import read_labelled_tables
    from treernn.evaluation.texts import text_accuracy, text_distributions
    from treernn.views.accuracy import text_tables

    scale, [rows] = read_labelled_tables([table[0]], *table[1:])
    if not rows:
        raise InputError(f"{table[0]}: no texts")
    texts, labels = zip(*rows, strict=True)
    scorer = treernn.load(model, device, parser, precision)
    classes = scale.count
    if classes == 5 and not {0, 4} & {*labels}:  # no label says very
        classes = 3
    found = text_accuracy(labels, text_distributions(scorer, texts), classes)
    metadata = {"model": model, "data": str(table[0]), "trees": parser, "precision": precision}
    metadata["labels"] = scale.describe().removeprefix("the labels ")
    if as_json:
        print(strict_json.dumps(metadata | found.to_dict()))
    else:
        Console().print(text_tables(found, metadata))


def _evaluate_targets(
    model: str,
    file: str,
    parser: str,
    device: str,
    precision: str,
    as_json: bool,
) -> None:
    from rich.console import Console

    import treernn
    from treernn.corpora import products, restaurants
    from treernn.corpora.aspect_terms import read_labelled_targets
    from treernn.evaluation.target_accuracy import compare_targets
    from treernn.scoring.target_trees import check_targets, target_trees
    from treernn.views.accuracy import target_table

    held_out = {
        "mams": lambda: restaurants.load_published()[1],
        "products": lambda: products.load_features().test,
    }
    texts = held_out[file]() if file in held_out else read_labelled_targets(file)
    scorer = treernn.load(model, device, parser, precision)
    found, left_out = target_trees(texts, scorer.parser)
    check_targets(found, file)
    rows = compare_targets(scorer.classifier, scorer.target_classifier, found)
    metadata = {"model": model, "data": file, "trees": parser, "precision": precision}
    if left_out:
        metadata["in no sentence"] = str(left_out)
    if as_json:
        print(strict_json.dumps(metadata | {name: row.to_dict() for name, row in rows.items()}))
    else:
        Console().print(target_table(rows, metadata))
