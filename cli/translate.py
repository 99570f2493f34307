"""``treernn translate``: Chinese into English, and how well."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import Device
from treernn.errors import InputError

if TYPE_CHECKING:
    from treernn.models.translator import Translator

BATCH = 1024
"""Texts translated, and then printed, together."""


def translate(
    model: Annotated[Path, typer.Argument(help="Folder of a translation model.")],
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="What to translate; - reads a text a line from standard input."),
    ] = None,
    file: Annotated[Path | None, typer.Option(help="Translate each line of this file.")] = None,
    beam: Annotated[
        int, typer.Option(help="Beginnings kept by beam search; 1 is greedy.", min=1)
    ] = 5,
    evaluate: Annotated[
        Path | None,
        typer.Option(help="Measure instead, with the test part of these sentence pairs."),
    ] = None,
    device: Device = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an object a line.")] = False,
) -> None:
    """Translate Chinese into English, a line for every text."""
    given = bool(texts) or file is not None
    if evaluate is not None and given:
        raise InputError("--evaluate takes its texts from the sentence pairs, give none beside it")
    if evaluate is None and not given:
        raise InputError("nothing to translate, give a text, - for standard input, or --file")

    waiting: list[str] = []
    for text in texts or []:
        waiting += sys.stdin.read().splitlines() if text == "-" else [text]
    if file is not None:
        from treernn.tables.encoding import decode, read_bytes

        waiting += decode(read_bytes(file), file).splitlines()

    from treernn.models.device import usable_device
    from treernn.models.translator import Translator

    where = usable_device(device)
    translator = Translator.load(model).to(where)
    if evaluate is not None:
        _evaluate(translator, model, evaluate, beam, as_json)
        return
    for first in range(0, len(waiting), BATCH):
        chosen = waiting[first : first + BATCH]
        for text, found in zip(chosen, translator.translate(chosen, beam), strict=True):
            if as_json:
                print(json.dumps({"text": text, "translation": found}, ensure_ascii=False))
            else:
                print(found)


def _evaluate(translator: Translator, model: Path, data: Path, beam: int, as_json: bool) -> None:
    from treernn.corpora.parallel import find, read_pairs, split
    from treernn.evaluation.translation import translation_metrics
    from treernn.training.translation import check_held_out

    parts = split(read_pairs(find(data)))
    check_held_out(model, parts)
    found = translation_metrics(
        translator.translate([pair.chinese for pair in parts.test], beam),
        [pair.english for pair in parts.test],
    )
    about = {"model": str(model), "data": str(data), "pairs": len(parts.test), "beam": beam}
    if as_json:
        print(json.dumps({**about, **found._asdict()}))
        return
    print(f"{len(parts.test)} pairs of {data}, beam {beam}")
    for name, score, signature in zip(
        ("BLEU", "chrF"), (found.bleu, found.chrf), found.signatures, strict=True
    ):
        print(f"{name} {score:5.2f}   {signature}")
