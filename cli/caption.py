"""``treernn caption``: caption images, or evaluate a captioner."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn import strict_json
from treernn.cli import inputs
from treernn.cli.device import chosen_device
from treernn.cli.options import Device
from treernn.errors import InputError
from treernn.printing import shown

if TYPE_CHECKING:
    import numpy as np


class Rows(StrEnum):
    """Splits of the handwritten digits, training excepted."""

    dev = "dev"
    test = "test"


def caption(
    model: Annotated[
        str,
        typer.Argument(
            callback=inputs.trained_model(), help="Folder of a captioning model; or hf://user/name."
        ),
    ],
    images: Annotated[
        list[Path] | None,
        typer.Argument(
            callback=inputs.existing(),
            help="Rows of digits: pictures or .npy; features of images: .npy.",
        ),
    ] = None,
    rows: Annotated[Rows | None, typer.Option(help="Evaluate on rows of digits.")] = None,
    count: Annotated[int, typer.Option(min=1, help="Number of rows of --rows.")] = 2000,
    gold: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Evaluate on captions in COCO's JSON format; needs --features.",
        ),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(), help="Features of their images: .npy or .safetensors."
        ),
    ] = None,
    beam: Annotated[int, typer.Option(min=1, help="Beam size; 1 is greedy decoding.")] = 1,
    device: Device = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per line.")
    ] = False,
) -> None:
    """Caption images, or evaluate a captioning model."""
    if (gold is None) != (features is None):
        raise InputError("--gold and --features need each other")
    if [bool(images), rows is not None, gold is not None].count(True) != 1:
        raise InputError("give images, or evaluate with --rows, or with --gold and --features")
    from treernn.corpora import digits
    from treernn.corpora.captions import read_captions
    from treernn.evaluation.captioning import caption_metrics
    from treernn.models.captioner import Captioner
    from treernn.models.pretrained import model_folder

    captioner = Captioner.load(model_folder(model)).to(chosen_device(device))
    if images:
        named = _read(images, captioner.config.feature_size > 0)
        for name, image in named:
            captioner.check(image, name)
        captions = captioner.caption([image for _, image in named], beam_size=beam)
        for (name, _), each in zip(named, captions, strict=True):
            line = {"image": name, "caption": each.text, "score": each.score}
            print(shown(strict_json.dumps(line) if as_json else f"{name}: {each.text}"))
        return
    if rows is not None:
        examples, data = digits.rows(rows.value, count), f"rows of digits, {rows.value}"
    else:
        assert gold is not None
        assert features is not None
        examples, data = read_captions(gold, features), str(gold)
    captions = captioner.caption([example.image for example in examples], beam_size=beam)
    metrics = caption_metrics([each.text for each in captions], examples)
    if as_json:
        print(strict_json.dumps({"model": model, "data": data, "beam": beam, **metrics._asdict()}))
    else:
        exact, bleu, number = metrics
        print(f"{shown(data)}: {number} images, {exact:.2f} % exact, BLEU {bleu:.2f}")


def _read(paths: list[Path], features: bool) -> list[tuple[str, np.ndarray]]:
    """The images in files, with a name for each: that of its file, and its number."""
    from treernn.corpora.captions import read_features
    from treernn.corpora.digits import read_row

    named = []
    for path in paths:
        images = [*read_features(path)] if features else [read_row(path)]
        several = len(images) > 1
        for number, image in enumerate(images, 1):
            named.append((f"{path}:{number}" if several else str(path), image))
    return named
