"""On labelled texts."""

from __future__ import annotations

from pathlib import Path

import treernn
from treernn.corpora.labelled import read_labelled_tables
from treernn.errors import InputError
from treernn.evaluation.texts import text_accuracy, text_distributions
from treernn.studies.report import Report
from treernn.views.accuracy import text_tables


def evaluate_texts(
    model: str,
    device: str,
    precision: str,
    parser: str,
    file: Path,
    table: tuple[str, str, str | None, str | None],
) -> Report:
    """Accuracy on whole texts, of as many classes as the labels have.

    Args:
        model, device, precision, parser: of the scorer.
        file: the table.
        table: columns of the texts and the labels, encoding and delimiter.

    Raises:
        TreernnError: the model or the table cannot be read.
    """
    scale, [rows] = read_labelled_tables([file], *table)
    if not rows:
        raise InputError(f"{file}: no texts")
    texts, labels = zip(*rows, strict=True)
    scorer = treernn.load(model, device, parser, precision)
    classes, meaning = scale.count, scale.describe().removeprefix("the labels ")
    if classes == 5 and not {0, 4} & {*labels}:
        classes, meaning = 3, "none says very, so three classes are compared"
    found = text_accuracy(labels, text_distributions(scorer, texts), classes)
    metadata = {"model": model, "data": str(file), "trees": parser, "precision": precision}
    metadata["labels"] = meaning
    return Report(metadata | found.to_dict(), text_tables(found, metadata))
