"""``treernn tag``: a tag for every word of a text, or for every frame of a video."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import Device
from treernn.errors import InputError

if TYPE_CHECKING:
    from treernn.models.tagger import Tagger


def tag(
    model: Annotated[Path, typer.Argument(help="Folder of a tagger.")],
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="What to tag; - reads one text from standard input."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Tag each line of this file as a text.")
    ] = None,
    frames: Annotated[
        Path | None, typer.Option(help="Tag a video: frame vectors in a .npy file.")
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option(
            help="Measure the tagger: a file of words and tags, a treebank (its test part), or a "
            "folder of videos with their tags."
        ),
    ] = None,
    tag_column: Annotated[
        str, typer.Option(help="Column with the tag of a frame, with --gold.")
    ] = "tag",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, an object for each sentence or video.")
    ] = False,
    device: Device = "cpu",
) -> None:
    """Print the tag of every word of a text, or of every frame of a video.

    Words are printed as word/TAG, a sentence a line; frames as CSV with the most probable tag.
    """
    given = (bool(texts) or file is not None, frames is not None, gold is not None)
    if sum(given) != 1:
        problem = "give one of them" if sum(given) else "nothing to tag"
        raise InputError(f"{problem}: texts (- for standard input, or --file), --frames, or --gold")

    from treernn.models.device import usable_device
    from treernn.models.tagger import Tagger

    place = usable_device(device)
    tagger = Tagger.load(model).to(place)
    if frames is not None:
        _tag_frames(tagger, frames, as_json)
    elif gold is not None:
        _measure(tagger, gold, tag_column, as_json)
    else:
        _tag_texts(tagger, texts or [], file, as_json)


def _tag_texts(tagger: Tagger, texts: list[str], file: Path | None, as_json: bool) -> None:
    from treernn.cli.parse import sentence_batches, text_lines

    waiting = [sys.stdin.read() if text == "-" else text for text in texts]
    if file is not None:
        waiting += text_lines(file)
    for batch in sentence_batches(waiting):
        found = tagger.tag([[token.text for token in tokens] for _, tokens in batch])
        for (text, tokens), tags in zip(batch, found, strict=True):
            words = [token.text for token in tokens]
            if as_json:
                start, end = tokens[0].start, tokens[-1].end
                fields = {
                    "words": words,
                    "tags": tags,
                    "text": text[start:end],
                    "start": start,
                    "end": end,
                    "offsets": [(token.start, token.end) for token in tokens],
                }
                print(json.dumps(fields, ensure_ascii=False))
            else:
                print(" ".join(f"{word}/{tag}" for word, tag in zip(words, tags, strict=True)))


def _tag_frames(tagger: Tagger, path: Path, as_json: bool) -> None:
    import csv

    from treernn.corpora.frames import read_frames

    [found] = tagger.distributions([read_frames(path)])
    tags = [tagger.tags[n] for n in found.argmax(1).tolist()]
    probabilities = [round(float(p), 4) for p in found.max(1)]
    if as_json:
        fields = {"video": str(path), "tags": tags, "probabilities": probabilities}
        print(json.dumps(fields, ensure_ascii=False))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("frame", "tag", "probability"))
    writer.writerows(zip(range(len(tags)), tags, probabilities, strict=True))


def _measure(tagger: Tagger, path: Path, column: str, as_json: bool) -> None:
    from treernn.evaluation.tagging import accuracy, f1
    from treernn.training.data import load_gold_tags

    pairs = load_gold_tags(path, column)
    gold = [tags for _, tags in pairs]
    found = tagger.tag([steps for steps, _ in pairs])
    right = accuracy(gold, found)
    steps = sum(map(len, gold))
    of_tags = {tag: f1(gold, found, tag) for tag in sorted({tag for tags in gold for tag in tags})}
    if as_json:
        fields = {
            "gold": str(path),
            "sequences": len(gold),
            "steps": steps,
            "accuracy": right,
            "f1": of_tags,
        }
        print(json.dumps(fields, ensure_ascii=False))
        return
    print(f"{path}: accuracy {right:.2f} % of {steps} steps in {len(gold)} sequences; F1 per tag:")
    for tag, value in of_tags.items():
        print(f"{tag:8} {value:6.2f} %")
