"""``treernn translate``: translate Chinese to English, or evaluate a translator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn import strict_json
from treernn.cli import inputs, reading
from treernn.cli.device import chosen_device
from treernn.cli.options import Device, Encoding
from treernn.errors import InputError
from treernn.printing import shown

if TYPE_CHECKING:
    from treernn.models.translator import Translator

BATCH = 1024
"""Texts that are translated before they are printed."""


def translate(
    model: Annotated[
        str,
        typer.Argument(
            callback=inputs.trained_model(),
            help="Folder of a translation model; or hf://user/name.",
        ),
    ],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts; - reads one per line from standard input.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Translate each line of this file.")
    ] = None,
    beam: Annotated[int, typer.Option(help="Beam size; 1 is greedy decoding.", min=1)] = 5,
    evaluate: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.data_set("parallel"),
            help="Evaluate on the test part of these sentence pairs.",
        ),
    ] = None,
    encoding: Encoding = None,
    device: Device = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per line.")
    ] = False,
) -> None:
    """Translate Chinese to English, one line per text."""
    if not texts and file is None and evaluate is None:
        texts = reading.texts_or_input(texts)
    has_texts = bool(texts) or file is not None
    if evaluate is not None and has_texts:
        raise InputError("--evaluate takes its texts from the sentence pairs, give no others")
    if evaluate is None and not has_texts:
        raise InputError("nothing to translate, give a text, - for standard input, or --file")

    lines: list[str] = []
    for text in texts or []:
        lines += _split(reading.standard_input(encoding)) if text == "-" else [text]
    if file is not None:
        from treernn.tables.encoding import decode, read_bytes

        lines += _split(decode(read_bytes(file), file, encoding).replace("\r\n", "\n"))

    from treernn.models.pretrained import model_folder
    from treernn.models.translator import Translator

    where = chosen_device(device)
    translator = Translator.load(model_folder(model)).to(where)
    if evaluate is not None:
        _evaluate(translator, model, evaluate, beam, as_json)
        return
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        for text, translation in zip(batch, translator.translate(batch, beam), strict=True):
            fields = {"text": text, "translation": translation}
            print(shown(strict_json.dumps(fields, ensure_ascii=False) if as_json else translation))


def _split(text: str) -> list[str]:
    """The lines of a text; characters such as U+2028 do not end one."""
    return text.removesuffix("\n").split("\n") if text else []


def _evaluate(translator: Translator, model: str, data: Path, beam: int, as_json: bool) -> None:
    from treernn.corpora.parallel import find, read_pairs, split
    from treernn.evaluation.translation import translation_metrics
    from treernn.models.pretrained import model_folder
    from treernn.training.tasks.translation import check_held_out

    splits = split(read_pairs(find(data)))
    check_held_out(model_folder(model), splits)
    translations = translator.translate([pair.chinese for pair in splits.test], beam)
    metrics = translation_metrics(translations, [pair.english for pair in splits.test])
    pairs = len(splits.test)
    if as_json:
        fields = {"model": model, "data": str(data), "pairs": pairs, "beam": beam}
        print(strict_json.dumps({**fields, **metrics._asdict()}))
        return
    print(f"{pairs} pairs of {shown(str(data))}, beam {beam}")
    scores = (("BLEU", metrics.bleu), ("chrF", metrics.chrf))
    for (name, score), signature in zip(scores, metrics.signatures, strict=True):
        print(f"{name} {score:5.2f}   {signature}")
