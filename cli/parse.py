"""``treernn parse``: the trees of texts, without their sentiment."""

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

BATCH = 256
"""Sentences parsed together; trees are printed as soon as they are there."""


class Format(StrEnum):
    """How to print."""

    brackets = "brackets"
    json = "json"
    tree = "tree"


def parse(
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="What to parse; - reads one text from standard input."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Parse each line of this file as a text.")
    ] = None,
    given: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Take the trees of this file, SST or Penn brackets, and parse nothing."
        ),
    ] = None,
    parser: ChosenParser = "embedded",
    stanza_package: Annotated[
        str | None, typer.Option(help="Package of Stanza's models, such as default_accurate.")
    ] = None,
    stanza_dir: Annotated[
        Path | None, typer.Option(help="Folder of Stanza's models; Stanza's own.")
    ] = None,
    device: Device = "cpu",
    format: Annotated[
        Format, typer.Option(help="One sentence a line in brackets or JSON, or drawn trees.")
    ] = Format.brackets,
) -> None:
    """Print the parse tree of every sentence."""
    if given is not None:
        if texts or file is not None:
            raise InputError("--from takes trees from a file, give no text beside it")
        from treernn.parsing.reading import read_trees

        for tree in read_trees(given):
            _print(tree, format)
        return
    waiting = [sys.stdin.read() if text == "-" else text for text in texts or []]
    if file is not None:
        waiting += text_lines(file)
    if not waiting:
        raise InputError("nothing to parse, give a text, - for standard input, --file or --from")

    from treernn.models.device import usable_device
    from treernn.parsing import load_parser

    options = {"package": stanza_package, "folder": stanza_dir} if parser == "stanza" else {}
    chosen = load_parser(parser, device=usable_device(device), **options)
    for batch in sentence_batches(waiting):
        trees = chosen.parse([[token.text for token in tokens] for _, tokens in batch])
        for (text, tokens), tree in zip(batch, trees, strict=True):
            _print(tree, format, text, tokens)


def sentence_batches(texts: list[str]) -> Iterator[list[tuple[str, tuple[Token, ...]]]]:
    """The sentences of all texts, each with the text that it stands in."""
    from treernn.scoring.tokenizer import sentences

    batch: list[tuple[str, tuple[Token, ...]]] = []
    for text in texts:
        batch += ((text, tokens) for tokens in sentences(text))
        if len(batch) >= BATCH:
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
