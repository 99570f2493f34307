"""What is installed, and where things lie."""

from __future__ import annotations

import importlib.metadata
import os
import platform

import treernn
from treernn.encoders.base_model import MINILM, base_here
from treernn.errors import InputError
from treernn.models.pretrained import PARSER, SENTIMENT_MODELS


def describe() -> dict[str, dict[str, str]]:
    """Lines of ``name: value`` under their titles."""
    return {
        "Versions": _versions(),
        "Backends": {"levels": "yes, the default", "dgl": _dgl()},
        "Device": _devices(),
        "Data": _data(),
        "Models": _models(),
    }


def _versions() -> dict[str, str]:
    names = ("torch", "dgl", "nltk", "stanza", "numpy")
    return {
        "treernn": treernn.__version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in names},
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _dgl() -> str:
    from treernn.structure.compile import dgl_is_available

    try:
        dgl_is_available(required=True)
    except InputError as error:
        return f"no, {error}"
    return "yes"


def _devices() -> dict[str, str]:
    import torch

    found = {"cpu": f"{torch.get_num_threads()} threads"}
    if torch.cuda.is_available():
        found |= {
            f"cuda:{number}": torch.cuda.get_device_name(number)
            for number in range(torch.cuda.device_count())
        }
    return found


def _data() -> dict[str, str]:
    from treernn.corpora import locations

    found = {"cache": str(locations.cache_folder())}
    variable = os.environ.get(locations.VARIABLE)
    found[locations.VARIABLE] = variable or "not set"
    for title, path in locations.where().items():
        found[title] = str(path) if path else "not there yet"
    return found


def _models() -> dict[str, str]:
    folders = {"parser": PARSER, **SENTIMENT_MODELS}
    found = {
        name: str(folder)
        if (folder / "config.json").is_file()
        else f"missing, expected in {folder}"
        for name, folder in folders.items()
    }
    return {**found, MINILM.rpartition("/")[2]: str(base_here(MINILM) or "not there yet")}
