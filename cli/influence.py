"""``treernn influence``: how far the influence of a word reaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import AsJson, Device, GivenModel, Part, Split, Treebank
from treernn.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from treernn.evaluation.influence import Summary
    from treernn.types import Tree


def influence(
    model: GivenModel,
    text: Annotated[
        str | None, typer.Argument(help="Show each word of this text; else measure a corpus.")
    ] = None,
    beside: Annotated[
        list[str] | None, typer.Option(help="Another model to show beside; as often as you like.")
    ] = None,
    split: Part = Split.dev,
    data: Treebank = None,
    shuffled: Annotated[
        bool,
        typer.Option("--shuffled", help="Let the words of each text trade places before."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Plot a corpus to this file, .svg or .png.")
    ] = None,
    device: Device = "cpu",
    as_json: AsJson = False,
) -> None:
    """Measure how much each word moves the output, and how that falls with its distance.

    The measure is the norm of the gradient of the winning class's score at the word's vector; the
    distance is counted in steps to the end of a chain, or in depth of a tree.
    """
    from treernn.views import pictures

    if out is not None:
        if text is not None:
            raise InputError("-o plots a corpus; of a text only its table is printed")
        pictures.check_ending(out)

    if shuffled and text is not None:
        raise InputError("--shuffled is for a corpus")

    from treernn.evaluation import influence
    from treernn.models.device import usable_device
    from treernn.models.sentiment import load_sentiment

    where = usable_device(device)
    folders = [model, *(beside or [])]
    models = []
    for folder in folders:
        loaded = load_sentiment(folder)
        if not isinstance(loaded, influence.Structured):
            raise InputError(
                f"{folder}: an average of word vectors, which has no distances; give a model of "
                "trees or chains"
            )
        models.append(loaded.to(where))
    kinds = [influence.name(each) for each in models]
    names = [
        kind if kinds.count(kind) == 1 else f"{kind} ({folder})"
        for kind, folder in zip(kinds, folders, strict=True)
    ]
    trees = _sst(split, data) if text is None else _parsed(text)
    if shuffled:
        trees = influence.shuffled(trees)
    found = [influence.influences(each, trees) for each in models]
    if text is not None:
        if as_json:
            for name, texts in zip(names, found, strict=True):
                for each in texts:
                    print(json.dumps({"model": name, **each.to_dict()}, ensure_ascii=False))
            return
        from rich.console import Console

        from treernn.views.influence import words

        for name, texts in zip(names, found, strict=True):
            for each in texts:
                Console().print(words(name, each), "")
        return
    summaries = [influence.summary(*pair) for pair in zip(names, found, strict=True)]
    if out is not None:
        pictures.save_figure(lambda: _figure(summaries), out)
    if as_json:
        about = {
            "data": f"SST {split.value}",
            "shuffled": shuffled,
            "models": [each.to_dict() for each in summaries],
        }
        print(json.dumps(about, indent=1))
    else:
        from rich.console import Console

        from treernn.views.influence import corpus

        Console().print(corpus(summaries))


def _sst(split: Split, data: Path | None) -> list[Tree]:
    from treernn.corpora import sst

    trees = sst.load(split.value, data)
    if not trees:
        raise InputError(f"no texts in the {split.value} part of the data")
    return trees


def _parsed(text: str) -> list[Tree]:
    """A tree for each sentence."""
    from treernn.parsing import load_parser
    from treernn.scoring.tokenizer import sentences

    tokens = sentences(text)
    if not tokens:
        raise InputError("no words in the text")
    return load_parser("embedded").parse([[token.text for token in each] for each in tokens])


def _figure(found: list[Summary]) -> Figure:
    from treernn.views.influence import figure

    return figure(found)
