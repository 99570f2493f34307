"""``treernn influence``: how much each word moves the output of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn import strict_json
from treernn.cli import inputs
from treernn.cli.device import chosen_device
from treernn.cli.options import AsJson, Device, GivenModel, Part, Split, Treebank
from treernn.errors import InputError
from treernn.printing import shown

if TYPE_CHECKING:
    import torch

    from treernn.evaluation.influence import StructuredModel
    from treernn.types import Tree


def influence(
    model: GivenModel,
    text: Annotated[
        str | None,
        typer.Argument(help="Show the words of this text; without one, measure a corpus."),
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            callback=inputs.sentiment_model, help="Another model to compare with; repeatable."
        ),
    ] = None,
    split: Part = Split.dev,
    data: Treebank = None,
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="Shuffle the words of each text first.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Plot the decay in a corpus to this .svg or .png file."),
    ] = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure how much each word moves the output.

    Also how this decays with the distance. The influence of a word is the norm of the gradient of
    the predicted class's logit with respect to the word's vector. The distance is the number of
    steps to the end of a chain, or the depth in a tree.
    """
    if text is not None and out is not None:
        raise InputError("-o plots a corpus, not a text")
    if text is not None and shuffled:
        raise InputError("--shuffled is for a corpus, not for a text")

    from rich.console import Console

    from treernn.corpora import sst
    from treernn.evaluation.influence import shuffle_words, summarize, word_influences
    from treernn.views.figures import check_figure_path, save_figure
    from treernn.views.influence import corpus_table, influence_figure, text_table

    if out is not None:
        check_figure_path(out)
    where = chosen_device(device)
    names, models = _load([model, *(compare or [])])
    trees = sst.load(split.value, data) if text is None else _parse(text, where)
    if shuffled:
        trees = shuffle_words(trees)
    influences = [word_influences(model.to(where), trees) for model in models]
    if text is not None:
        for name, texts in zip(names, influences, strict=True):
            for result in texts:
                if as_json:
                    fields = {"model": name, **result.to_dict()}
                    print(shown(strict_json.dumps(fields, ensure_ascii=False)))
                else:
                    Console().print(text_table(name, result), "")
        return
    summaries = [summarize(name, texts) for name, texts in zip(names, influences, strict=True)]
    if out is not None:
        save_figure(influence_figure(summaries), out)
    if as_json:
        values = [summary.to_dict() for summary in summaries]
        metadata = {"data": sst.name(split.value, data), "shuffled": shuffled}
        print(strict_json.dumps({**metadata, "models": values}, indent=1))
    else:
        Console().print(corpus_table(summaries))


def _load(paths: list[str]) -> tuple[list[str], list[StructuredModel]]:
    """Names for people, and the models."""
    from treernn.evaluation.influence import StructuredModel, model_name
    from treernn.models.sentiment import load_sentiment

    models = []
    for path in paths:
        model = load_sentiment(path)
        if not isinstance(model, StructuredModel):
            raise InputError(
                f"{path}: an average of word vectors has no distances; expected a tree or chain "
                "model"
            )
        models.append(model)
    names = [model_name(model) for model in models]
    unique = [
        name if names.count(name) == 1 else f"{name} ({path})"
        for name, path in zip(names, paths, strict=True)
    ]
    return unique, models


def _parse(text: str, where: torch.device) -> list[Tree]:
    """A tree for each sentence."""
    from treernn.parsing import load_parser
    from treernn.text.tokenizer import tokenize

    sentences = [[token.text for token in sentence] for sentence in tokenize(text)]
    if not sentences:
        raise InputError("no words in the text")
    return load_parser("embedded", device=where).parse(sentences)
