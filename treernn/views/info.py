"""What is installed, and where data and models are."""

from __future__ import annotations

import importlib.metadata
import os
import platform

import torch

import treernn
from treernn.corpora import locations
from treernn.encoders.base_model import MINILM, MPNET, find_local_base_model
from treernn.engine.triton.available import why_not_on
from treernn.errors import InputError
from treernn.models.on_hub import downloaded
from treernn.models.pretrained import PARSER, SENTIMENT_MODELS, TAGGER
from treernn.structure.compile import dgl_is_available

_MISSING = "not there yet"


def installation() -> dict[str, dict[str, str]]:
    """Names and values under their headings."""
    return {
        "Versions": {
            "treernn": treernn.__version__,
            "python": platform.python_version(),
            **{
                name: _version(name)
                for name in ("torch", "triton", "dgl", "nltk", "stanza", "numpy")
            },
        },
        "Backends": {"levels": "yes, the default", "triton": _triton(), "dgl": _dgl()},
        "Device": _devices(),
        "Data": {
            "cache": str(locations.cache_folder()),
            locations.VARIABLE: _data_folder(),
            **{name: str(path or _MISSING) for name, path in locations.where().items()},
        },
        "Models": _models(),
    }


def _data_folder() -> str:
    folder = os.environ.get(locations.VARIABLE)
    if not folder:
        return "not set"
    return folder if os.path.isdir(folder) else f"{folder}, which is no folder"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _dgl() -> str:
    try:
        dgl_is_available(required=True)
    except InputError as error:
        return f"no, {error}"
    return "yes"


def _triton() -> str:
    if not torch.cuda.is_available():
        return "no, torch finds no GPU"
    reason = why_not_on(torch.device("cuda", torch.cuda.current_device()))
    return (
        "yes, the default on a GPU for cells that have kernels"
        if reason is None
        else f"no, {reason}"
    )


def _devices() -> dict[str, str]:
    threads = torch.get_num_threads()
    gpus = range(torch.cuda.device_count() if torch.cuda.is_available() else 0)
    return {
        "cpu": f"{threads} thread{'s' * (threads != 1)}",
        **{f"cuda:{i}": torch.cuda.get_device_name(i) for i in gpus},
    }


def _models() -> dict[str, str]:
    folders = {"parser": PARSER, "tagger": TAGGER, **SENTIMENT_MODELS}
    models = {
        name: str(path) if (path / "config.json").is_file() else f"missing, expected in {path}"
        for name, path in folders.items()
    }
    encoders = {
        name.rpartition("/")[2]: str(find_local_base_model(name) or _MISSING)
        for name in (MINILM, MPNET)
    }
    on_hub = {name: str(folder) for name, folder in downloaded().items()}
    return {**models, **encoders, **on_hub}
