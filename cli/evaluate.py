"""``treernn evaluate``: accuracy of a sentiment model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treernn.cli import inputs
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
from treernn.cli.terminal import print_report
from treernn.errors import InputError


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
        typer.Option(
            "--file",
            "-f",
            callback=inputs.existing(),
            help="Your labelled trees in brackets, instead of the SST.",
        ),
    ] = None,
    targets: Annotated[
        str | None,
        typer.Option(
            callback=inputs.existing("mams", "products"),
            help="Evaluate the sentiment toward labelled targets: XML of SemEval or JSON lines "
            "with spans; or mams or products, the held-out parts of these sets.",
        ),
    ] = None,
    sentences: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Your labelled texts, a table as for treernn train sentiment: accuracy on whole "
            "texts, read as in treernn score.",
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
    sources = {"--sentences": sentences, "--targets": targets, "--file": file, "--data": data}
    given = [name for name, value in sources.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"{given[0]} cannot be used with {' and '.join(given[1:])}")
    if split is not None and given not in ([], ["--data"]):
        raise InputError(f"--split is of the SST: leave out {given[0]}")
    table = (text_column, label_column, encoding, delimiter)
    if sentences is None and table != ("text", "label", None, None):
        raise InputError(
            "--text-column, --label-column, --encoding and --delimiter need --sentences"
        )
    where = str(chosen_device(device))
    if sentences is not None:
        from treernn.studies.evaluate.texts import evaluate_texts

        report = evaluate_texts(model, where, precision, _parser(trees), sentences, table)
    elif targets is not None:
        from treernn.studies.evaluate.targets import evaluate_targets

        report = evaluate_targets(model, where, precision, _parser(trees), targets)
    else:
        from treernn.studies.evaluate.trees import evaluate_trees

        part = (split or Split.test).value
        report = evaluate_trees(model, where, precision, trees or "gold", file, data, part)
    print_report(report, as_json)


def _parser(trees: str | None) -> str:
    """The parser of texts that have no trees."""
    if trees == "gold":
        raise InputError("--trees gold: these texts have no trees, name a parser or leave it out")
    return trees or "embedded"
