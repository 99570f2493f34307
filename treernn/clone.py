"""In a clone of the repository ``corpora/`` and ``cli/`` lie beside this package, not inside it.

Installed, they are ``treernn/corpora`` and ``treernn/cli``, and this module does nothing. A clone
is imported by an editable install, and where its root is the current folder, also when treernn is
installed elsewhere: then the two are found here.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(_PACKAGE)
_BESIDE = ("treernn.corpora", "treernn.cli")


class _Beside:
    """A finder of imports (``sys.meta_path``)."""

    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [_ROOT]) if name in _BESIDE else None


def register() -> None:
    """Make imports find the packages beside this one, if it lies in a clone."""
    if not os.path.isdir(os.path.join(_PACKAGE, "corpora")):
        sys.meta_path.append(_Beside)
