"""Callbacks of options that name something to read.

They look whether it is there before the command imports torch, which takes seconds, so that a wrong
name is said at once. What is there is checked where it is read.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import typer

from treernn.errors import MissingDataError, ModelError

Named: TypeAlias = Any
"""The value of an option: a name or a path, some of them, or None."""

Callback: TypeAlias = Callable[[typer.Context, Named], Named]


def _each(value: Named) -> Iterable[str | Path]:
    if isinstance(value, list | tuple):
        return value
    return () if value is None else (value,)


def existing(*names: str) -> Callback:
    """A callback for files and folders.

    Args:
        names: that are none, but stand for something else.

    Raises:
        MissingDataError: a path leads nowhere.
    """

    def check(context: typer.Context, value: Named) -> Named:
        for path in _each(value):
            if not (
                context.resilient_parsing or str(path) in ("-", *names) or os.path.lexists(path)
            ):
                raise MissingDataError(f"{path}: no such file or folder")
        return value

    return check


def data_set(module: str, *names: str) -> Callback:
    """A callback for the file or folder of a data set.

    Args:
        module: of ``treernn.corpora``, with its ``DATA``.
        names: see ``existing``.

    Raises:
        MissingDataError: a path leads nowhere; says where the data set can be got.
    """

    def check(context: typer.Context, value: Named) -> Named:
        try:
            return existing(*names)(context, value)
        except MissingDataError as error:
            url = importlib.import_module(f"treernn.corpora.{module}").DATA.url
            raise MissingDataError(f"{error}; get it from {url}") from None

    return check


def sentiment_model(context: typer.Context, value: Named) -> Named:
    """Check the names of sentiment models. One on the hub gets its commit, so that all processes
    load the same one, and what is reported says which.

    Raises:
        InputError, ModelError, MissingPackageError: see ``sentiment_folder``.
    """
    from treernn.models.pretrained import pinned, sentiment_folder

    def checked(model: str) -> str:
        model = str(pinned(model))
        sentiment_folder(model)
        return model

    return _replaced(context, value, checked)


def trained_model(*names: str) -> Callback:
    """A callback for models of another kind, folders or addresses on the hub.

    Args:
        names: see ``existing``.

    Raises:
        ModelError: there is no such folder.
    """

    def check(context: typer.Context, value: Named) -> Named:
        from treernn.models.on_hub import is_on_hub

        for model in _each(value):
            known = model in names or is_on_hub(model) or os.path.isdir(model)
            if not (context.resilient_parsing or known):
                raise ModelError(f"{model}: no such model folder")
        return value

    return check


def encoder(context: typer.Context, value: Named) -> Named:
    """Check the name of a pretrained encoder, which may be on the hub.

    Raises:
        ModelError: it is a path that leads nowhere.
    """
    from treernn.corpora.locations import data_folders
    from treernn.hub import can_be_name

    for name in _each(value):
        if context.resilient_parsing or can_be_name(name) or os.path.isdir(name):
            continue
        if not any(os.path.isdir(folder / Path(name).name) for folder in data_folders()):
            raise ModelError(f"{name}: no such folder of a pretrained encoder")
    return value


def parser(context: typer.Context, value: Named) -> Named:
    """Check the names of parsers; see ``sentiment_model`` for those on the hub.

    Raises:
        InputError, ModelError, MissingPackageError: see ``check_parser``, ``pinned``.
    """
    from treernn.models.pretrained import pinned
    from treernn.parsing.loading import check_parser

    def checked(name: str) -> str:
        check_parser(name)
        return str(pinned(name))

    return _replaced(context, value, checked)


def _replaced(context: typer.Context, value: Named, function: Callable[[str], str]) -> Named:
    if context.resilient_parsing or value is None:
        return value
    return [*map(function, value)] if isinstance(value, list) else function(value)
