"""Packages that an extra of treernn installs.

``pip install 'treernn[plots]'`` adds an extra to a treernn that is installed, wherever it came
from: pip keeps the one that is there.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from treernn.errors import MissingPackageError

_NAMES = {
    **{"sklearn": "scikit-learn", "PIL": "Pillow", "spacy": "spaCy", "stanza": "Stanza"},
    **{"starlette": "Starlette", "prometheus_client": "prometheus-client"},
}


def require(module: str, extra: str) -> ModuleType:
    """Import a module of an optional package.

    Args:
        module: for example ``"sacrebleu.metrics"``.
        extra: the extra of treernn that installs the package.

    Raises:
        MissingPackageError: the package is not installed.
    """
    package = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != package:  # something that the package imports
            raise
    name = _NAMES.get(package, package)
    raise MissingPackageError(
        f"{name} is not installed: pip install 'treernn[{extra}]'", name=package
    )
