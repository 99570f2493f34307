"""``treernn lexicon``: words and phrases of one's own, kept in the folder of a model."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from treernn import strict_json
from treernn.cli import inputs
from treernn.cli.options import AsJson, GivenModel
from treernn.errors import InputError
from treernn.printing import shown_lines


def lexicon(
    model: GivenModel,
    file: Annotated[
        str | None,
        typer.Argument(
            callback=inputs.existing(),
            help="CSV, TSV, JSON, JSONL, Parquet or Excel: text, class or score, domain.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Folder for the model with the lexicon; may be that of the model."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Store words of your own with a model, or print them.

    Without a file, print those that the model has. With a file and without -o, print what is in the
    file as it would be stored.
    """
    from treernn.models.names import LEXICON
    from treernn.models.pretrained import sentiment_folder
    from treernn.scoring.lexicon.files import read_lexicon, read_stored, rows

    folder = sentiment_folder(model)
    if file is not None:
        words = read_lexicon(file)
    elif out is not None:
        raise InputError("-o needs a file of words and phrases")
    elif not (folder / LEXICON).exists():
        raise InputError(
            f"{model}: has no lexicon; treernn lexicon {model} words.csv -o FOLDER stores one"
        )
    else:
        words = read_stored(folder / LEXICON)
    if out is not None:
        from treernn.models.sentiment import CLASSIFIERS
        from treernn.models.storage import model_kind, read_config
        from treernn.scoring.lexicon.stored import store

        if model_kind(folder) not in CLASSIFIERS:
            read_config(folder, "tree-classifier")  # says what is wrong
        store(folder, words, out)
        noun = "entry" if len(words) == 1 else "entries"
        typer.echo(f"{out}: {model} with {len(words):,} {noun} of its own")
        return
    listed = rows(words)
    if as_json:
        text = strict_json.dumps(listed, indent=1, ensure_ascii=False) + "\n"
    else:
        file_like = io.StringIO()
        writer = csv.DictWriter(file_like, [*listed[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
        text = file_like.getvalue()
    typer.echo(shown_lines(text) if sys.stdout.isatty() else text, nl=False)
