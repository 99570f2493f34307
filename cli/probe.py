"""``treernn probe``: analyses of a sentiment model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from treernn import strict_json
from treernn.cli import inputs
from treernn.cli.device import chosen_device
from treernn.cli.options import AsJson, Device, GivenModel, Treebank
from treernn.errors import InputError
from treernn.printing import shown


def probe(
    model: GivenModel,
    data: Treebank = None,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Write the fitted temperature into the model folder."),
    ] = False,
    sources: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="TOML file of sources, to whose dev texts --calibrate fits the temperature.",
            show_default="the SST",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            *("--out", "-o", "--plot"),
            help="Plot the reliability diagram to this .svg or .png file.",
        ),
    ] = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Analyse what a sentiment model understands.

    On the SST: "X but Y", negation, strongest phrases, calibration.
    """
    from rich.console import Console

    from treernn.corpora import sst
    from treernn.evaluation.probe import probe
    from treernn.models.on_hub import is_on_hub
    from treernn.models.pretrained import SENTIMENT_MODELS, sentiment_folder
    from treernn.models.sentiment import load_sentiment, store_temperature
    from treernn.training import build
    from treernn.training.data.sources import fitted_temperature
    from treernn.views.figures import check_figure_path, save_figure
    from treernn.views.probe import probe_tables, reliability_figure

    if plot is not None:
        check_figure_path(plot)
    if calibrate and (model in SENTIMENT_MODELS or is_on_hub(model)):
        owner = "on the hub" if is_on_hub(model) else "part of the package"
        raise InputError(
            f"{model} is {owner} and is not changed; copy {sentiment_folder(model)} and calibrate "
            "the copy"
        )
    if sources is not None and not calibrate:
        raise InputError("--sources needs --calibrate")
    classifier = load_sentiment(model).to(chosen_device(device))
    fitted = None
    if sources is not None:
        fitted = fitted_temperature(classifier, build.dev_sets(sources, seed=1))
    results = probe(classifier, sst.load("dev", data), sst.load("test", data))
    if plot is not None:
        save_figure(reliability_figure(results.calibration), plot)
    metadata = {"model": model, "data": "SST test"}
    temperature = results.calibration.temperature if fitted is None else fitted
    if as_json:
        values: dict[str, Any] = {**metadata, **results.to_dict()}
        if calibrate:
            values["written_temperature"] = temperature
        print(shown(strict_json.dumps(values, ensure_ascii=False)))
    else:
        Console().print(probe_tables(results, metadata))
    if calibrate:
        folder = sentiment_folder(model)
        store_temperature(folder, temperature)
        if not as_json:
            source = "" if sources is None else f", fitted to the dev texts of {sources},"
            print(f"wrote temperature {temperature:.3f}{shown(source)} to {shown(str(folder))}")
