"""``treernn caption``: what is on an image, in words."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import Device
from treernn.errors import InputError

if TYPE_CHECKING:
    from treernn.models.captioner import Caption, Captioner


class Rows(StrEnum):
    """Parts of the handwritten digits that no training sees."""

    dev = "dev"
    test = "test"


def caption(
    model: Annotated[Path, typer.Argument(help="Folder of a captioning model.")],
    images: Annotated[
        list[Path] | None,
        typer.Argument(help="Rows of digits: pictures or .npy; features of images: .npy."),
    ] = None,
    rows: Annotated[
        Rows | None, typer.Option(help="Measure on rows of digits that were held out.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many rows --rows draws.")] = 2000,
    gold: Annotated[
        Path | None, typer.Option(help="Measure on captions in COCO's JSON; with --features.")
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help="Features of their images: .npy or .safetensors.")
    ] = None,
    beam: Annotated[int, typer.Option(min=1, help="Width of the beam; 1 is greedy.")] = 1,
    device: Device = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line an image.")] = False,
) -> None:
    """Caption images, or measure how often a captioning model is right."""
    if (gold is None) != (features is None):
        raise InputError("--gold and --features go together")
    if [bool(images), rows is not None, gold is not None].count(True) != 1:
        raise InputError("name images, or measure with --rows, or with --gold and --features")
    from treernn.corpora.captions import read_captions
    from treernn.models.captioner import Captioner
    from treernn.models.device import usable_device

    captioner = Captioner.load(model).to(usable_device(device))
    if images:
        for name, found in _captioned(captioner, images, beam):
            line = {"image": name, "caption": found.text, "score": found.score}
            print(json.dumps(line) if as_json else f"{name}: {found.text}")
        return
    from treernn.corpora import digits
    from treernn.evaluation.captioning import caption_metrics

    if rows is not None:
        known, data = digits.rows(rows.value, count), f"rows of digits, {rows.value}"
    else:
        assert gold is not None
        assert features is not None
        known, data = read_captions(gold, features), str(gold)
    said = captioner.caption([each.image for each in known], beam_size=beam)
    result = caption_metrics([each.text for each in said], known)
    if as_json:
        about = {"model": str(model), "data": data, "beam": beam, "images": result.images}
        print(json.dumps({**about, "exact": result.exact, "bleu": result.bleu}))
    else:
        print(f"{data}: {result.images} images, {result.exact:.2f} % exact, BLEU {result.bleu:.2f}")


def _captioned(captioner: Captioner, paths: list[Path], beam: int) -> list[tuple[str, Caption]]:
    """What is said of each image, by the name of its file."""
    from treernn.corpora.captions import read_features
    from treernn.corpora.digits import read_row

    names, images = [], []
    for path in paths:
        features = captioner.config.feature_size > 0
        found = [*read_features(path)] if features else [read_row(path)]
        many = len(found) > 1
        names += [f"{path}:{n}" if many else str(path) for n in range(1, len(found) + 1)]
        images += found
    for name, image in zip(names, images, strict=True):
        captioner.check(image, name)
    return list(zip(names, captioner.caption(images, beam_size=beam), strict=True))
