"""``treernn probe``: what a sentiment model understands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import AsJson, GivenModel, Treebank
from treernn.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from treernn.evaluation.calibration import Calibration


def probe(
    model: GivenModel,
    data: Treebank = None,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Write the fitted temperature into the model's folder."),
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the reliability plot to this file, .svg or .png.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Analyse a sentiment model on the SST: "X but Y", negation, strongest phrases, calibration."""
    from treernn.views import pictures

    if plot is not None:
        pictures.check_ending(plot)

    from treernn.corpora import sst
    from treernn.evaluation.calibration import store_temperature
    from treernn.evaluation.probe import probe
    from treernn.models.pretrained import SENTIMENT_MODELS, sentiment_folder
    from treernn.models.sentiment import load_sentiment

    if calibrate and model in SENTIMENT_MODELS:
        raise InputError(
            f"{model} is part of the package and stays as it is; copy "
            f"{SENTIMENT_MODELS[model]} and calibrate the copy"
        )
    classifier = load_sentiment(model)
    found = probe(classifier, sst.load("dev", data), sst.load("test", data))
    if plot is not None:
        pictures.save_figure(lambda: _figure(found.calibration), plot)
    about = {"model": model, "data": "SST test"}
    if as_json:
        print(json.dumps({**about, **found.to_dict()}, ensure_ascii=False))
    else:
        from rich.console import Console

        from treernn.views.probe import tables

        Console().print(tables(found, about))
    if calibrate:
        folder = sentiment_folder(model)
        store_temperature(folder, found.calibration.temperature)
        if not as_json:
            print(f"temperature {found.calibration.temperature:.3f} is now in {folder}")


def _figure(found: Calibration) -> Figure:
    from treernn.views.probe import figure

    return figure(found)
