"""``treernn tag``: tag the words of a text, or the frames of a video."""

from __future__ import annotations

import csv
import sys
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
    from treernn.models.tagger import Tagger


def tag(
    model: Annotated[
        str,
        typer.Argument(
            callback=inputs.trained_model("english"),
            help="Folder of a tagger; english, the included one, for parts of speech; or "
            "hf://user/name.",
        ),
    ],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts; - is one text from standard input.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Tag each line of this file as a text.")
    ] = None,
    frames: Annotated[
        Path | None,
        typer.Option(callback=inputs.existing(), help="Tag a video: frame vectors in a .npy file."),
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help="Evaluate the tagger on a file of words and tags, a treebank (its test part), or "
            "a folder of tagged videos.",
        ),
    ] = None,
    tag_column: Annotated[
        str, typer.Option(help="Column of the tags of a video, with --gold.")
    ] = "tag",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per sentence or video.")
    ] = False,
    encoding: Encoding = None,
    device: Device = "auto",
) -> None:
    """Tag the words of a text, or the frames of a video.

    Words are printed as word/TAG, one sentence per line; frames as CSV with the most probable tag.
    """
    others = frames is not None or gold is not None
    texts = texts or [] if others and file is None else reading.texts_of(texts, file, encoding)
    inputs = (bool(texts) or file is not None, frames is not None, gold is not None)
    if sum(inputs) != 1:
        problem = "give one of them" if sum(inputs) else "nothing to tag"
        raise InputError(f"{problem}: texts (- for standard input, or --file), --frames, or --gold")

    from treernn.models.pretrained import tagger_folder
    from treernn.models.tagger import Tagger

    where = chosen_device(device)
    tagger = Tagger.load(tagger_folder(model)).to(where)
    if frames is not None:
        _tag_frames(tagger, frames, as_json)
    elif gold is not None:
        _evaluate(tagger, gold, tag_column, as_json)
    else:
        _tag_texts(tagger, texts, as_json)


def _tag_texts(tagger: Tagger, texts: list[str], as_json: bool) -> None:
    from treernn.cli.parse import sentence_batches

    for batch in sentence_batches(texts):
        predicted = tagger.tag([[token.text for token in tokens] for _, tokens in batch])
        for (text, tokens), tags in zip(batch, predicted, strict=True):
            words = [token.text for token in tokens]
            if not as_json:
                print(
                    shown(" ".join(f"{word}/{tag}" for word, tag in zip(words, tags, strict=True)))
                )
                continue
            start, end = tokens[0].start, tokens[-1].end
            fields = {
                "words": words,
                "tags": tags,
                "text": text[start:end],
                "start": start,
                "end": end,
                "offsets": [(token.start, token.end) for token in tokens],
            }
            print(shown(strict_json.dumps(fields, ensure_ascii=False)))


def _tag_frames(tagger: Tagger, path: Path, as_json: bool) -> None:
    from treernn.corpora.frames import read_frames

    [distributions] = tagger.distributions([read_frames(path)])
    tags = [tagger.tags[n] for n in distributions.argmax(1).tolist()]
    probabilities = [round(float(p), 4) for p in distributions.max(1)]
    if as_json:
        fields = {"video": str(path), "tags": tags, "probabilities": probabilities}
        print(shown(strict_json.dumps(fields, ensure_ascii=False)))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("frame", "tag", "probability"))
    writer.writerows(zip(range(len(tags)), tags, probabilities, strict=True))


def _evaluate(tagger: Tagger, path: Path, column: str, as_json: bool) -> None:
    from treernn.evaluation.tagging import tagging_metrics
    from treernn.training.data.reading import load_gold_tags

    examples = load_gold_tags(path, column)
    predicted = tagger.tag([steps for steps, _ in examples])
    metrics = tagging_metrics([tags for _, tags in examples], predicted)
    if as_json:
        fields = {"gold": str(path), **metrics._asdict()}
        print(shown(strict_json.dumps(fields, ensure_ascii=False)))
        return
    print(
        f"{shown(str(path))}: accuracy {metrics.accuracy:.2f} % of {metrics.steps} steps in "
        f"{metrics.sequences} sequences; F1 per tag:"
    )
    for tag, value in metrics.f1.items():
        print(f"{shown(tag):8} {value:6.2f} %")
