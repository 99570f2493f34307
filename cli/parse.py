"""``treernn parse``: print the parse trees of texts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn import strict_json
from treernn.cli import inputs, reading
from treernn.cli.device import chosen_device
from treernn.cli.options import ChosenParser, Device, Encoding
from treernn.errors import InputError
from treernn.printing import shown

if TYPE_CHECKING:
    from treernn.types import Token, Tree

BATCH_SIZE = 256
"""Sentences per batch; the trees of a batch are printed before the next is parsed."""


class Format(StrEnum):
    """Output format."""

    brackets = "brackets"
    json = "json"
    tree = "tree"


def parse(
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="Texts to parse; - is one text from standard input, and the default."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Parse each line of this file as a text.")
    ] = None,
    trees_file: Annotated[
        Path | None,
        typer.Option(
            "--from",
            callback=inputs.existing(),
            help="Print the trees of this file: brackets, or labelled phrases.",
        ),
    ] = None,
    parser: ChosenParser = "embedded",
    stanza_package: Annotated[
        str | None,
        typer.Option(
            help="Package of Stanza models, for example default_accurate.", show_default="default"
        ),
    ] = None,
    stanza_dir: Annotated[
        Path | None, typer.Option(help="Folder of the Stanza models.", show_default="Stanza's")
    ] = None,
    device: Device = "auto",
    format: Annotated[
        Format, typer.Option(help="Brackets or JSON, one sentence per line, or drawn trees.")
    ] = Format.brackets,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per sentence.")
    ] = False,
    encoding: Encoding = None,
) -> None:
    """Print the parse tree of each sentence."""
    format = Format.json if as_json else format
    if trees_file is not None:
        if texts or file is not None:
            raise InputError("--from reads trees from a file and cannot be combined with texts")
        for tree in given_trees(trees_file, parser, device):
            _print(tree, format)
        return
    texts = reading.texts_of(texts, file, encoding)
    if not texts:
        raise InputError("nothing to parse, give a text, - for standard input, --file or --from")

    from treernn.parsing import load_parser

    options = {"package": stanza_package, "folder": stanza_dir} if parser == "stanza" else {}
    loaded = load_parser(parser, device=chosen_device(device), **options)
    for batch in sentence_batches(texts):
        trees = loaded.parse([[token.text for token in tokens] for _, tokens in batch])
        for (text, tokens), tree in zip(batch, trees, strict=True):
            _print(tree, format, text, tokens)


def given_trees(file: Path, parser: str, device: str = "cpu") -> list[Tree]:
    """The trees of a file; sentences with labelled phrases are parsed."""
    from treernn.corpora.blocks import looks_like_blocks
    from treernn.parsing import load_parser
    from treernn.parsing.reading import parse_trees
    from treernn.tables.encoding import read_text
    from treernn.training.data.own_trees import parse_own_trees

    text = read_text(file)  # once, since it may be a pipe
    if looks_like_blocks(text):
        return parse_own_trees(text, file, load_parser(parser, device=chosen_device(device)))
    return parse_trees(text, file)


def sentence_batches(texts: list[str]) -> Iterator[list[tuple[str, tuple[Token, ...]]]]:
    """The sentences of all texts in batches; each with the text that it is from."""
    from treernn.text.tokenizer import tokenize

    batch: list[tuple[str, tuple[Token, ...]]] = []
    for text in texts:
        batch += ((text, tokens) for tokens in tokenize(text))
        if len(batch) >= BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _print(tree: Tree, format: Format, text: str = "", tokens: tuple[Token, ...] = ()) -> None:
    from treernn.corpora.brackets import format_tree

    match format:
        case Format.brackets:
            print(shown(format_tree(tree)))
        case Format.json:
            fields: dict[str, object] = {"words": tree.words, "children": tree.children}
            if tree.labels:
                fields["labels"] = tree.labels
            if tokens:
                start, end = tokens[0].start, tokens[-1].end
                fields |= {"text": text[start:end], "start": start, "end": end}
                fields["offsets"] = [(token.start, token.end) for token in tokens]
            print(shown(strict_json.dumps(fields, ensure_ascii=False)))
        case Format.tree:
            from rich.console import Console

            from treernn.views.tree import tree_lines

            width = shutil.get_terminal_size((100, 24)).columns
            console = Console(width=width)
            for line in tree_lines(tree, width):
                console.print(line)
            console.print()
