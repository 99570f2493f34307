"""Packages that import their public names on first use, so that importing them stays quick.

A package lists its public names once, as imports for type checkers::

    if TYPE_CHECKING:
        from treernn.cells import LSTM as LSTM

    __all__, __getattr__, __dir__ = lazy_exports(__name__)

The list is read from the source, as ``lazy_loader.attach_stub`` of Scientific Python's SPEC 1 reads
a stub file.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable
from typing import Any


def lazy_exports(
    package: str, **computed: Callable[[], Any]
) -> tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]:
    """``__all__``, ``__getattr__`` and ``__dir__`` of a package.

    Args:
        package: its ``__name__``.
        computed: public names that are not imported but computed on first use.
    """
    modules = _imports(package)
    names = [*modules, *computed]

    def get(name: str) -> Any:
        if name in computed:
            value = computed[name]()
        elif name in modules:
            value = getattr(importlib.import_module(modules[name]), name)
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(sys.modules[package], name, value)
        return value

    return names, get, lambda: sorted({*vars(sys.modules[package]), *names})


def _imports(package: str) -> dict[str, str]:
    """The module of each name that is imported under ``if TYPE_CHECKING``."""
    source = sys.modules[package].__loader__.get_source(package)  # type: ignore[union-attr]
    return {
        alias.name: statement.module
        for block in ast.parse(source).body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for statement in block.body
        if isinstance(statement, ast.ImportFrom) and statement.module
        for alias in statement.names
    }
