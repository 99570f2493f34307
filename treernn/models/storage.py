"""A model on disk: a folder of ``config.json``, ``vocabulary.txt`` and ``model.safetensors``.

Nothing in it can run code. A folder is a model from the moment it has its ``config.json``, which
is written last; a folder that is a model already is replaced by another in one step.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from treernn.errors import InputError, ModelError
from treernn.files import atomic_write, replace_folder, save_tensors, temporary_path

Model = TypeVar("Model", bound=torch.nn.Module)

FORMAT = 2
STORAGE_DTYPES = ("float32", "float16", "int8")
CONFIG, VOCABULARY, WEIGHTS = FILES = "config.json", "vocabulary.txt", "model.safetensors"


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
    """Write a model folder whole, in place of the model that was there.

    Other files of the folder (a model card) are kept.

    Raises:
        InputError: the folder cannot be written, or a word cannot stand on a line of UTF-8.
    """
    path = Path(path).resolve()
    settings = json.dumps({"format": FORMAT, "kind": kind, **config}, indent=2) + "\n"
    words = _lines(vocabulary)

    def write(folder: Path) -> None:
        with atomic_write(folder / VOCABULARY) as fresh:
            fresh.write_bytes(words)
        save_tensors(folder / WEIGHTS, tensors)
        with atomic_write(folder / CONFIG) as fresh:
            fresh.write_text(settings, "utf-8")

    if path.is_dir() and not (path / CONFIG).exists():
        write(path)
        return
    fresh = temporary_path(path)
    try:
        if path.is_dir():
            shutil.copytree(path, fresh, ignore=shutil.ignore_patterns(*FILES))
            write(fresh)
            replace_folder(path, fresh)
        else:
            write(fresh)
            fresh.rename(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error})") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _lines(words: Sequence[str]) -> bytes:
    try:
        lines = "".join(word + "\n" for word in words).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"a word of the vocabulary is not Unicode text ({error.reason})") from None
    if lines.count(b"\n") != len(words):
        wrong = next(word for word in words if "\n" in word)
        raise InputError(f"the word {wrong!r} of the vocabulary holds a line feed")
    return lines


def read_config(path: str | os.PathLike[str], kind: str) -> dict[str, Any]:
    """The ``config.json`` of a model folder.

    Raises:
        ModelError: there is none, or it is broken, of another kind, or of another format.
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
    if config["kind"] != kind:
        raise ModelError(f"{path}: holds a {config['kind']} model, a {kind} model is needed")
    if config.get("format") != FORMAT:
        raise ModelError(
            f"{path}: has format {config.get('format')}, this treernn reads format {FORMAT}"
        )
    return config


def kind_of(path: str | os.PathLike[str]) -> str | None:
    """What kind of model a folder holds; None where that cannot be told, which ``read_config``
    does with a reason."""
    try:
        config = json.loads((Path(path) / CONFIG).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    kind = config.get("kind") if isinstance(config, dict) else None
    return kind if isinstance(kind, str) else None


def load_folder(path: str | os.PathLike[str], *, kind: str) -> ModelFolder:
    """Read a model folder.

    Raises:
        ModelError: the folder or one of its files is missing, truncated, of another kind, or
            written by a newer treernn.
    """
    path = Path(path)
    config = read_config(path, kind)
    for name in (VOCABULARY, WEIGHTS):
        if not (path / name).is_file():
            raise ModelError(f"{path}: incomplete, {name} is missing")
    try:
        words = (path / VOCABULARY).read_bytes().decode("utf-8").split("\n")[:-1]
        tensors = load_file(path / WEIGHTS)
    except UnicodeDecodeError as error:
        raise ModelError(f"{path / VOCABULARY}: damaged, not UTF-8 ({error})") from None
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path / WEIGHTS}: damaged, cannot be read ({error})") from None
    return ModelFolder(config, tuple(words), _unpacked(tensors, path))


def pack_weights(
    weights: Mapping[str, torch.Tensor], dtypes: Mapping[str, str], default: str = "float32"
) -> dict[str, torch.Tensor]:
    """Convert weights to the types in which they are stored; ``load_folder`` converts them back.

    Args:
        weights: float32, by name.
        dtypes: one of ``STORAGE_DTYPES`` for each prefix of names. ``int8`` stores a matrix with a
            float16 scale per row, other weights as float16.
        default: the type of all other weights.
    """
    packed: dict[str, torch.Tensor] = {}
    for name, tensor in weights.items():
        dtype = next((d for prefix, d in dtypes.items() if name.startswith(prefix)), default)
        packed |= _pack(name, tensor, dtype)
    return packed


def _pack(name: str, tensor: torch.Tensor, dtype: str) -> dict[str, torch.Tensor]:
    if dtype == "float32":
        return {name: tensor}
    if dtype == "float16" or tensor.dim() != 2 or not name.endswith("weight"):
        return {name: tensor.half()}
    scale = (tensor.abs().amax(1, keepdim=True) / 127).clamp_min(1e-6).half()
    rows = (tensor / scale.float()).round().clamp(-127, 127).to(torch.int8)
    return {name: rows, _scale(name): scale}


def _unpacked(tensors: Mapping[str, torch.Tensor], path: Path) -> dict[str, torch.Tensor]:
    """Undo ``pack_weights``."""
    found = dict(tensors)
    for name, tensor in tensors.items():
        if tensor.dtype == torch.int8:
            scale = found.pop(_scale(name), None)
            if scale is None or scale.shape != (len(tensor), 1):
                raise ModelError(f"{path}: weights do not fit: {_scale(name)} is missing or wrong")
            found[name] = tensor.float() * scale.float()
    return found


def _scale(name: str) -> str:
    return name.removesuffix("weight") + "scale"


def load_model(
    path: str | os.PathLike[str], kind: str, make: Callable[[ModelFolder], Model]
) -> Model:
    """Read a model folder; the model is ready for use, on the CPU.

    Args:
        path: the folder.
        kind: as it was saved, such as ``tree-classifier``.
        make: makes the model of the folder's configuration and vocabulary.

    Raises:
        ModelError: the folder is missing, damaged, or holds something else.
    """
    folder, noun = load_folder(path, kind=kind), kind.rpartition("-")[2]
    try:
        # Not on the meta device: initialising there imports torch's compiler, two seconds.
        with torch.random.fork_rng(devices=[]):
            model = make(folder)
    except KeyError as error:
        raise ModelError(f"{path}: {CONFIG} describes no {noun}, it has no {error}") from None
    except (TypeError, RuntimeError, InputError) as error:
        raise ModelError(f"{path}: {CONFIG} describes no {noun} ({error})") from None
    load_state(model, folder, path)
    return model.eval()


def load_state(module: torch.nn.Module, folder: ModelFolder, path: str | os.PathLike[str]) -> None:
    """Put a folder's weights into ``module``, of which just these must be able to learn.

    Raises:
        ModelError: a weight is missing, unknown or of another shape.
    """
    expected = {name: list(tensor.shape) for name, tensor in learnt(module).items()}
    found = {name: list(tensor.shape) for name, tensor in folder.tensors.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise ModelError(
                f"{path}: weights do not fit {CONFIG} and {VOCABULARY}: {name} is "
                f"{found.get(name, 'missing')}, expected {expected.get(name, 'no such weight')}"
            )
    weights = {name: tensor.float() for name, tensor in folder.tensors.items()}
    module.load_state_dict(weights, strict=False, assign=True)


def learnt(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The state of a module by name, without the weights that do not learn: those of a pretrained
    encoder are kept elsewhere."""
    named = module.named_parameters(remove_duplicate=False)
    fixed = {name for name, weight in named if not weight.requires_grad}
    return {name: value for name, value in module.state_dict().items() if name not in fixed}
