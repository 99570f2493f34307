"""``treernn parse``: print the parse trees of texts."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli.options import ChosenParser, Device
from treernn.errors import InputError

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
        typer.Argument(help="Texts to parse; - reads one text from standard input."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Parse each line of this file as a text.")
    ] = None,
    trees_file: Annotated[
        Path | None,
        typer.Option("--from", help="Print the trees of this file: brackets, or labelled phrases."),
    ] = None,
    parser: ChosenParser = "embedded",
    stanza_package: Annotated[
        str | None, typer.Option(help="Package of Stanza models, for example default_accurate.")
    ] = None,
    stanza_dir: Annotated[
        Path | None, typer.Option(help="Folder of the Stanza models. Default: Stanza's.")
    ] = None,
    device: Device = "cpu",
    format: Annotated[
        Format, typer.Option(help="Brackets or JSON, one sentence per line, or drawn trees.")
    ] = Format.brackets,
) -> None:
    """Print the parse tree of each sentence."""
    if trees_file is not None:
        if texts or file is not None:
            raise InputError("--from reads trees from a file and cannot be combined with texts")
        for tree in given_trees(trees_file, parser):
            _print(tree, format)
        return
    texts = [sys.stdin.read() if text == "-" else text for text in texts or []]
    if file is not None:
        texts += text_lines(file)
    if not texts:
        raise InputError("nothing to parse, give a text, - for standard input, --file or --from")

    from treernn.models.device import usable_device
    from treernn.parsing import load_parser

    options = {"package": stanza_package, "folder": stanza_dir} if parser == "stanza" else {}
    loaded = load_parser(parser, device=usable_device(device), **options)
    for batch in sentence_batches(texts):
        trees = loaded.parse([[token.text for token in tokens] for _, tokens in batch])
        for (text, tokens), tree in zip(batch, trees, strict=True):
            _print(tree, format, text, tokens)


def given_trees(file: Path, parser: str) -> list[Tree]:
    """The trees of a file; sentences with labelled phrases are parsed."""
    from treernn.corpora.blocks import looks_like_blocks
    from treernn.parsing import load_parser, read_trees
    from treernn.tables.encoding import read_text
    from treernn.training.own_trees import read_own_trees

    if looks_like_blocks(read_text(file)):
        return read_own_trees(file, load_parser(parser))
    return read_trees(file)


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
            print(format_tree(tree))
        case Format.json:
            fields: dict[str, object] = {"words": tree.words, "children": tree.children}
            if tree.labels:
                fields["labels"] = tree.labels
            if tokens:
                start, end = tokens[0].start, tokens[-1].end
                fields |= {"text": text[start:end], "start": start, "end": end}
                fields["offsets"] = [(token.start, token.end) for token in tokens]
            print(json.dumps(fields, ensure_ascii=False))
        case Format.tree:
            from rich.console import Console

            from treernn.views.tree import tree_lines

            width = shutil.get_terminal_size((100, 24)).columns
            console = Console(width=width)
            for line in tree_lines(tree, width):
                console.print(line)
            console.print()


def text_lines(file: Path) -> list[str]:
    """The lines of a file that are not blank."""
    try:
        lines = file.read_text("utf-8-sig", errors="replace").split("\n")
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None
    return [line for line in lines if line.strip()]
