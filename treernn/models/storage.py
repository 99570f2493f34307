"""The folder of a model: ``config.json``, ``vocabulary.txt`` and ``model.safetensors``.

No file can run code. ``config.json`` is written last and makes a folder a model; a folder that is
a model already is replaced in one step.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from treernn.errors import InputError, ModelError
from treernn.files import atomic_write, replace_folder, save_tensors, temporary_path

FORMAT = 2
STORAGE_DTYPES = ("float32", "float16", "int8")
CONFIG, VOCABULARY, WEIGHTS = FILES = "config.json", "vocabulary.txt", "model.safetensors"


@dataclass(frozen=True)
class ModelFolder:
    """The content of a model folder.

    Attributes:
        config: plain values of ``config.json``.
        vocabulary: one word per row of the embedding table.
        weights: float32 by name.
    """

    config: dict[str, Any]
    vocabulary: tuple[str, ...]
    weights: dict[str, Tensor]


def save_folder(
    path: str | os.PathLike[str],
    *,
    kind: str,
    config: Mapping[str, Any],
    vocabulary: Sequence[str],
    weights: Mapping[str, Tensor],
) -> None:
    """Write a model folder, or replace the model in it.

    Other files of the folder, such as a model card, stay.

    Raises:
        InputError: the folder cannot be written, or a word cannot stand on a line of UTF-8.
    """
    path = Path(path).resolve()
    config_text = json.dumps({"format": FORMAT, "kind": kind, **config}, indent=2) + "\n"
    words = _lines(vocabulary)

    def write(folder: Path) -> None:
        with atomic_write(folder / VOCABULARY) as new:
            new.write_bytes(words)
        save_tensors(folder / WEIGHTS, weights)
        with atomic_write(folder / CONFIG) as new:
            new.write_text(config_text, "utf-8")

    if path.is_dir() and not (path / CONFIG).exists():
        write(path)
        return
    new_folder = temporary_path(path)
    try:
        if path.is_dir():
            shutil.copytree(path, new_folder, ignore=shutil.ignore_patterns(*FILES))
            write(new_folder)
            replace_folder(path, new_folder)
        else:
            write(new_folder)
            new_folder.rename(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error})") from None
    finally:
        shutil.rmtree(new_folder, ignore_errors=True)


def _lines(words: Sequence[str]) -> bytes:
    try:
        lines = "".join(word + "\n" for word in words).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"a word of the vocabulary is not Unicode text ({error.reason})") from None
    if lines.count(b"\n") != len(words):
        wrong = next(word for word in words if "\n" in word)
        raise InputError(f"the word {wrong!r} of the vocabulary contains a line feed")
    return lines


def read_config(path: str | os.PathLike[str], kind: str) -> dict[str, Any]:
    """Read the ``config.json`` of a model folder.

    Raises:
        ModelError: it is missing, damaged, of another kind of model, or of another format.
    """
    path = Path(path)
    if not path.is_dir():
        raise ModelError(f"{path}: no such model folder")
    try:
        config = json.loads((path / CONFIG).read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: not a model folder, it has no {CONFIG}") from None
    except OSError as error:
        raise ModelError(f"{path / CONFIG}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path / CONFIG}: damaged, not JSON ({error})") from None
    if not isinstance(config, dict) or "kind" not in config:
        raise ModelError(f"{path / CONFIG}: not written by treernn, it names no kind")
    # The format first: another one may have other kinds.
    if config.get("format") != FORMAT:
        has = f"format {config['format']}" if "format" in config else "no format version"
        raise ModelError(f"{path}: has {has}, this treernn reads format {FORMAT}")
    if config["kind"] != kind:
        raise ModelError(f"{path}: the kind of model is {config['kind']}, expected {kind}")
    return config


def model_kind(path: str | os.PathLike[str]) -> str | None:
    """The kind of model in a folder; None if ``read_config`` would raise an error."""
    try:
        config = json.loads((Path(path) / CONFIG).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    kind = config.get("kind") if isinstance(config, dict) else None
    return kind if isinstance(kind, str) else None


def load_folder(path: str | os.PathLike[str], *, kind: str) -> ModelFolder:
    """Read a model folder.

    Raises:
        ModelError: a file is missing or damaged, or as ``read_config``.
    """
    path = Path(path)
    config = read_config(path, kind)
    for name in (VOCABULARY, WEIGHTS):
        if not (path / name).is_file():
            raise ModelError(f"{path}: incomplete, {name} is missing")
    try:
        words = (path / VOCABULARY).read_bytes().decode("utf-8").split("\n")[:-1]
        packed = load_file(path / WEIGHTS)
    except UnicodeDecodeError as error:
        raise ModelError(f"{path / VOCABULARY}: damaged, not UTF-8 ({error})") from None
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path / WEIGHTS}: damaged, cannot be read ({error})") from None
    return ModelFolder(config, tuple(words), _unpack_weights(packed, path))


def pack_weights(weights: Mapping[str, Tensor], dtypes: Mapping[str, str]) -> dict[str, Tensor]:
    """Convert weights to the types in which they are stored; ``load_folder`` converts them back.

    Args:
        weights: float32, by name.
        dtypes: for prefixes of names one of ``STORAGE_DTYPES``; the first that fits counts.
            ``int8`` stores a matrix with a float16 scale per row, other weights as float16.
    """
    packed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        dtype = next(dtype for prefix, dtype in dtypes.items() if name.startswith(prefix))
        if dtype == "float32":
            packed[name] = weight
        elif dtype == "float16" or weight.dim() != 2 or not name.endswith("weight"):
            packed[name] = weight.half()
        else:
            scale = (weight.abs().amax(1, keepdim=True) / 127).clamp_min(1e-6).half()
            rounded = (weight / scale.float()).round().clamp(-127, 127)
            packed |= {name: rounded.to(torch.int8), _scale(name): scale}
    return packed


def _unpack_weights(packed: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    weights = dict(packed)
    for name, tensor in packed.items():
        if tensor.dtype == torch.int8:
            scale = weights.pop(_scale(name), None)
            if scale is None or scale.shape != (len(tensor), 1):
                raise ModelError(f"{path}: weights do not fit: {_scale(name)} is missing or wrong")
            weights[name] = tensor.float() * scale.float()
    return {name: tensor.float() for name, tensor in weights.items()}


def _scale(name: str) -> str:
    return name.removesuffix("weight") + "scale"


def load_weights(module: nn.Module, folder: ModelFolder, path: str | os.PathLike[str]) -> None:
    """Load the weights of a folder, exactly those of ``trainable_state``.

    Raises:
        ModelError: a weight is missing, unknown or of another shape.
    """
    expected = {name: list(weight.shape) for name, weight in trainable_state(module).items()}
    loaded = {name: list(weight.shape) for name, weight in folder.weights.items()}
    for name in sorted(expected.keys() | loaded.keys()):
        if expected.get(name) != loaded.get(name):
            raise ModelError(
                f"{path}: weights do not fit {CONFIG} and {VOCABULARY}: {name} is "
                f"{loaded.get(name, 'missing')}, expected {expected.get(name, 'no such weight')}"
            )
    module.load_state_dict(folder.weights, strict=False, assign=True)


def trainable_state(module: nn.Module) -> dict[str, Tensor]:
    """``state_dict`` without frozen parameters, such as those of a pretrained encoder."""
    parameters = module.named_parameters(remove_duplicate=False)
    frozen = {name for name, parameter in parameters if not parameter.requires_grad}
    return {name: value for name, value in module.state_dict().items() if name not in frozen}
