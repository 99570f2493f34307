"""Folders of models with a lexicon."""

from __future__ import annotations

import shutil
from pathlib import Path

from treernn.errors import InputError
from treernn.files import atomic_write, replace_folder, temporary_path
from treernn.models.names import CONFIG, LEXICON
from treernn.models.pretrained import SENTIMENT_MODELS
from treernn.outputs import cannot_write
from treernn.scoring.lexicon.entries import Lexicon
from treernn.scoring.lexicon.files import stored_text


def store(model: Path, lexicon: Lexicon, out: Path) -> None:
    """Store a model with a lexicon, which replaces the one that it has.

    Args:
        model: the folder of a sentiment model; stays as it is, unless it is ``out``.
        lexicon: its entries.
        out: the folder; a model in it is replaced.

    Raises:
        InputError: the folder cannot be written, or is none of a model.
    """
    text = stored_text(lexicon)

    def write(folder: Path) -> None:
        with atomic_write(folder / LEXICON) as new:
            new.write_text(text, "utf-8")

    out = out.resolve()
    if any(out == each.resolve() for each in SENTIMENT_MODELS.values()):
        raise InputError(f"{out}: belongs to the package, choose another folder")
    if out == model.resolve():
        write(out)
        return
    if (
        out.exists()
        and not (out / CONFIG).is_file()
        and not (out.is_dir() and not any(out.iterdir()))
    ):
        raise InputError(f"{out}: is no folder of a model, choose another name")
    new_folder = temporary_path(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        new_folder.mkdir()
        for file in sorted(model.iterdir()):
            if file.name.startswith("."):
                continue
            if file.is_dir():  # such as what knows the sentiment toward targets
                shutil.copytree(file, new_folder / file.name, copy_function=shutil.copy)
            else:
                shutil.copy(file, new_folder)
        write(new_folder)
        if out.is_dir():
            replace_folder(out, new_folder)
        else:
            new_folder.rename(out)
    except OSError as error:
        raise cannot_write(out, error) from None
    finally:
        shutil.rmtree(new_folder, ignore_errors=True)
