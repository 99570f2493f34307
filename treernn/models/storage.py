"""The folder of a model: ``config.json``, ``vocabulary.txt`` and ``model.safetensors``.

No file can run code, and what a file says is checked before it is used. ``config.json`` is
written last and makes a folder a model; a folder that is a model already is replaced in one step.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from treernn import strict_json
from treernn.checks import brief
from treernn.errors import DataError, InputError, ModelError
from treernn.files import atomic_write, replace_folder, save_tensors, temporary_path
from treernn.formats import check_format
from treernn.models.names import CONFIG, FILES, VOCABULARY, WEIGHTS
from treernn.models.weights import read_weights

FORMAT = 2
MAX_VOCABULARY = 1 << 28  # bytes
CHECKSUM = "vocabulary_sha256"
HEAD = "format", "kind", CHECKSUM
"""What ``save_folder`` writes into ``config.json`` of every model."""


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
    words = _lines(vocabulary)
    head = dict(zip(HEAD, (FORMAT, kind, hashlib.sha256(words).hexdigest()), strict=True))
    config_text = strict_json.dumps({**head, **config}, indent=2) + "\n"

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
    if not os.path.isdir(path):
        raise ModelError(f"{path}: no such model folder")
    try:
        config = strict_json.read(path / CONFIG)
    except FileNotFoundError:
        raise ModelError(f"{path}: not a model folder, it has no {CONFIG}") from None
    except DataError as error:
        raise ModelError(str(error)) from None
    if not isinstance(config, dict) or "kind" not in config:
        raise ModelError(f"{path / CONFIG}: not written by treernn, it names no kind")
    # The format first: another one may have other kinds.
    check_format(config.get("format"), FORMAT, path)
    if config["kind"] != kind:
        has = brief(config["kind"]).strip("'")
        raise ModelError(f"{path}: the kind of model is {has}, expected {kind}")
    return config


def model_kind(path: str | os.PathLike[str]) -> str | None:
    """The kind of model in a folder; None if ``read_config`` would raise an error."""
    try:
        config = strict_json.read(Path(path) / CONFIG)
    except (DataError, FileNotFoundError):
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
    try:
        vocabulary = strict_json.read_file(path / VOCABULARY, MAX_VOCABULARY)
        weights = read_weights(path / WEIGHTS)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: incomplete, {Path(error.filename).name} is missing") from None
    except DataError as error:
        raise ModelError(str(error)) from None
    return ModelFolder(config, _words(vocabulary, config, path / VOCABULARY), weights)


def _words(lines: bytes, config: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """The words of a vocabulary; a word may contain any character but a line feed."""
    try:
        words = lines.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: damaged, not UTF-8 ({error})") from None
    expected = config.get(CHECKSUM)
    changed = expected is not None and hashlib.sha256(lines).hexdigest() != expected
    if words and (changed or expected is None) and all(word.endswith("\r") for word in words):
        raise ModelError(
            f"{path}: changed, its lines end in CR LF; get it again without a conversion of line "
            "ends, such as git's core.autocrlf"
        )
    if changed:
        raise ModelError(f"{path}: changed, its sha256 is not the one in {CONFIG}")
    return tuple(words)


def weights_checksum(model: str | os.PathLike[str]) -> str:
    """The sha256 of the weights in a model folder."""
    with Path(model, WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
