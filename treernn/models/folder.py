"""A model on disk: a folder of ``config.json``, ``vocabulary.txt`` and ``model.safetensors``.

Nothing in it can run code. A folder is written beside its place and renamed into it, so that it
is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from treernn.errors import ModelError

FORMAT = 1


@dataclass(frozen=True)
class ModelFolder:
    """What a model folder holds.

    Attributes:
        config: plain settings, enough to build the model before its weights are put in.
        vocabulary: one word per row of the embedding table.
        tensors: the weights by name.
    """

    config: dict[str, Any]
    vocabulary: tuple[str, ...]
    tensors: dict[str, torch.Tensor]


def save_folder(
    path: str | os.PathLike[str],
    *,
    kind: str,
    config: Mapping[str, Any],
    vocabulary: Sequence[str],
    tensors: Mapping[str, torch.Tensor],
) -> None:
    """Write a model folder whole, in place of what was there.

    Other files of a folder that is replaced (a model card) are kept.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        if path.is_dir():
            shutil.copytree(path, fresh, dirs_exist_ok=True)
        fresh.chmod(0o755)
        settings = {"format": FORMAT, "kind": kind, **config}
        (fresh / "config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
        (fresh / "vocabulary.txt").write_text(
            "".join(word + "\n" for word in vocabulary), "utf-8", newline="\n"
        )
        save_file(
            {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
            fresh / "model.safetensors",
        )
        for file in fresh.iterdir():
            with open(file, "rb") as handle:
                os.fsync(handle.fileno())
        _replace(fresh, path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _replace(fresh: Path, path: Path) -> None:
    """Rename ``fresh`` to ``path``; a folder cannot be renamed over one that is not empty."""
    if not path.exists():
        fresh.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
    path.rename(old / path.name)
    fresh.rename(path)
    shutil.rmtree(old)


def load_folder(path: str | os.PathLike[str], *, kind: str) -> ModelFolder:
    """Read a model folder.

    Raises:
        ModelError: the folder or one of its files is missing, truncated, of another kind, or
            written by a newer treernn.
    """
    path = Path(path)
    if not path.is_dir():
        raise ModelError(f"{path}: no such model folder")
    try:
        config = json.loads((path / "config.json").read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: not a model folder, it has no config.json") from None
    except (ValueError, OSError) as error:
        raise ModelError(f"{path / 'config.json'}: cannot be read ({error})") from None
    if not isinstance(config, dict) or "kind" not in config:
        raise ModelError(f"{path / 'config.json'}: not written by treernn, it names no kind")
    if config["kind"] != kind:
        raise ModelError(f"{path}: holds a {config['kind']} model, a {kind} model is needed")
    if config.get("format") != FORMAT:
        raise ModelError(
            f"{path}: has format {config.get('format')}, this treernn reads format {FORMAT}"
        )
    try:
        words = (path / "vocabulary.txt").read_bytes().decode("utf-8").split("\n")[:-1]
        tensors = load_file(path / "model.safetensors")
    except FileNotFoundError as error:
        raise ModelError(f"{path}: incomplete, {Path(error.filename).name} is missing") from None
    except (SafetensorError, UnicodeDecodeError, OSError) as error:
        raise ModelError(f"{path}: damaged, its weights cannot be read ({error})") from None
    return ModelFolder(config, tuple(words), tensors)


def load_state(module: torch.nn.Module, folder: ModelFolder, path: str | os.PathLike[str]) -> None:
    """Put a folder's weights into ``module``, which must have just these names and shapes.

    Raises:
        ModelError: a weight is missing, unknown or of another shape.
    """
    expected = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in folder.tensors.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise ModelError(
                f"{path}: weights do not fit config.json: {name} is "
                f"{found.get(name, 'missing')}, expected {expected.get(name, 'no such weight')}"
            )
    weights = {name: tensor.float() for name, tensor in folder.tensors.items()}
    module.load_state_dict(weights, assign=True)
