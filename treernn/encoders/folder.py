"""The files of an encoder's folder that are used: named here, checked here, read here.

The libraries that build the model and its tokenizer never see the folder itself, since they follow
what its files name: other files, code, downloads.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from treernn import strict_json
from treernn.checks import brief
from treernn.errors import DataError, ModelError, one_line

CONFIG, WEIGHTS = "config.json", "model.safetensors"
_INDEX, _TOKENIZER_CONFIG = "model.safetensors.index.json", "tokenizer_config.json"
_TOKENIZER = re.compile(
    r"tokenizer\.json|special_tokens_map\.json|added_tokens\.json|vocab\.(json|txt)|merges\.txt"
    r"|bpe\.codes|[\w.-]+\.model"
)
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")

# Values that name code or files to fetch, or weights of another form.
_REFUSED = re.compile(
    r"auto_map|trust_remote_code|custom_pipelines|quantization_config|(use_)?kernels?(_config)?"
    r"|fusion_config|distributed_config|transformers_weights|backbone\w*|use_\w+_backbone"
)
# Others could be code to fetch.
_EXPECTED_VALUES = {
    "attn_implementation": ("eager|sdpa", "eager or sdpa"),
    "experts_implementation": ("eager|batched_mm|grouped_mm", "eager, batched_mm or grouped_mm"),
    "tokenizer_class": (r"\w+(Tokenizer|TokenizerFast|Backend)", "the name of a tokenizer"),
}
# About heads, outputs, places and ways to compute: none of the encoder's, or chosen here.
_IGNORED = re.compile(
    rf"{_REFUSED.pattern}|chunk_size_feed_forward|_?(attn|experts)_implementation\w*"
    r"|_?name_or_path|num_labels|id2label|label2id|problem_type|architectures|(torch_)?dtype"
    r"|(use_)?return_dict|output_\w+|use_cache|finetuning_task|task_specific_params|\w*_file"
    r"|fast_tokenizer_files|chat_template|processor_class|tokenizer_type|gguf_file"
)
_LAYERS = re.compile(r"\w*layers?")
_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
_MAX_TOKENIZER = 1 << 28


@dataclass(frozen=True)
class EncoderFolder:
    """What the folder of an encoder says about it.

    Attributes:
        path: the folder.
        config: of ``config.json``, without values that are none of the encoder's.
        weight_files: names of the files of weights, in order.
        assigned: for several files the names of the tensors in each, by the index.
    """

    path: Path
    config: dict[str, Any]
    weight_files: tuple[str, ...]
    assigned: dict[str, set[str]]

    def read_weights(self) -> tuple[dict[str, Tensor], str]:
        """All weights by name, and the checksum of the bytes that they are made of.

        Raises:
            DataError: a file is damaged or not what the index says, or is too large for the memory.
        """
        weights: dict[str, Tensor] = {}
        digest = hashlib.sha256()
        for name in self.weight_files:
            content = _read(self.path, name, None)
            digest.update(content)
            try:
                part = load(content)
            except (SafetensorError, ValueError, TypeError, KeyError) as error:
                raise DataError(
                    f"damaged, cannot be read ({one_line(error)})", self.path / name
                ) from None
            if self.assigned and self.assigned[name] != part.keys():
                first = min(self.assigned[name] ^ part.keys())
                raise DataError(f"does not fit {_INDEX}: {brief(first)}", self.path / name)
            for tensor, weight in part.items():
                # Others may be masks or positions.
                is_weight = tensor.endswith("weight") or (
                    tensor.endswith("bias") and weight.dim() <= 1
                )
                if is_weight and weight.dtype not in _FLOATS:
                    dtype = str(weight.dtype).removeprefix("torch.")
                    raise DataError(f"{tensor} is {dtype}, expected floats", self.path / name)
            weights |= part
        return weights, digest.hexdigest()

    def sha256(self) -> str:
        """The checksum of the weights."""
        digest = hashlib.sha256()
        for name in self.weight_files:
            digest.update(_read(self.path, name, None))
        return digest.hexdigest()

    def check_layers(self, tensors: int) -> None:
        """Check that there are no more layers than tensors, before anything is made for each.

        Raises:
            DataError: there are.
        """
        for key, value in self.config.items():
            if _LAYERS.fullmatch(key) and type(value) is int and value > tensors:
                raise DataError(
                    f"{key} is {brief(value)}, {' and '.join(self.weight_files)} has {tensors} "
                    "tensors",
                    self.path / CONFIG,
                )

    def write_tokenizer(self, target: Path) -> None:
        """Copy the files of the tokenizer, and the configurations as they are used.

        Raises:
            DataError: one cannot be used.
        """
        (target / CONFIG).write_text(json.dumps(self.config), "utf-8")
        for path in sorted(self.path.iterdir()):
            if _TOKENIZER.fullmatch(path.name):
                (target / path.name).write_bytes(_read(self.path, path.name, _MAX_TOKENIZER))
        if (self.path / _TOKENIZER_CONFIG).exists():
            config = _read_config(self.path, _TOKENIZER_CONFIG)
            (target / _TOKENIZER_CONFIG).write_text(json.dumps(config), "utf-8")


def open_folder(folder: Path) -> EncoderFolder:
    """Find and check the files of an encoder.

    Raises:
        ModelError: there is no encoder in the folder, its weights are only in pickles, or a file
            cannot be used.
    """
    if not os.path.isdir(folder):
        raise ModelError(f"{folder}: no such folder of a pretrained encoder")
    if not (folder / CONFIG).exists():
        raise ModelError(f"{folder}: not the folder of a pretrained encoder, it has no {CONFIG}")
    try:
        config = _read_config(folder, CONFIG)
        if not isinstance(config.get("model_type"), str):
            raise DataError("describes no encoder, it has no model_type", folder / CONFIG)
        if (folder / WEIGHTS).exists():
            return EncoderFolder(folder, config, (WEIGHTS,), {})
        assigned = _index(folder)
    except DataError as error:
        raise ModelError(str(error)) from None
    if assigned:
        return EncoderFolder(folder, config, tuple(sorted(assigned)), assigned)
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickles:
        raise ModelError(
            f"{folder}: its weights are only in {pickles[0]}, a format that can run code; "
            f"save the model as {WEIGHTS} with save_pretrained"
        )
    raise ModelError(f"{folder}: incomplete, {WEIGHTS} is missing")


def _index(folder: Path) -> dict[str, set[str]]:
    """The tensors of each file of weights; empty if there is no index."""
    path = folder / _INDEX
    if not path.exists():
        return {}
    index = _read_json(folder, _INDEX)
    files = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(files, dict) or not files:
        raise DataError("damaged, it has no weight_map", path)
    assigned: dict[str, set[str]] = {}
    for tensor, name in files.items():
        if not isinstance(name, str) or not re.fullmatch(r"model[\w.-]*\.safetensors", name):
            raise DataError(
                f"names {brief(name)}, expected a file model-….safetensors of this folder", path
            )
        assigned.setdefault(name, set()).add(tensor)
    return assigned


def _read_config(folder: Path, name: str) -> dict[str, Any]:
    path, config = folder / name, _read_json(folder, name)
    if not isinstance(config, dict):
        raise DataError("describes no encoder", path)
    for key, value in _values(config):
        if _REFUSED.fullmatch(key) and value:
            raise DataError(
                f"has {key}: it needs code, files or a form of weights that treernn does not load",
                path,
            )
        pattern, expected = _EXPECTED_VALUES.get(key.strip("_"), ("", ""))
        if pattern and value and not re.fullmatch(pattern, str(value)):
            raise DataError(f"{key} is {brief(value)}, expected {expected}", path)
    return {key: value for key, value in config.items() if not _IGNORED.fullmatch(key)}


def _read_json(folder: Path, name: str) -> Any:
    content = _read(folder, name, strict_json.MAX_JSON)
    try:
        return strict_json.loads(content)
    except DataError as error:
        raise DataError(str(error), folder / name) from None


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    """All names and values, at any depth."""
    open_values = [value]
    while open_values:
        value = open_values.pop()
        if isinstance(value, dict):
            yield from value.items()
            open_values += value.values()
        elif isinstance(value, list):
            open_values += value


def _read(folder: Path, name: str, limit: int | None) -> bytes:
    """The content of a file of the folder. Links may lead to files of the folder, or, as in the
    cache of the hub, to the blobs of its repository."""
    path = folder / name
    try:
        root, target = folder.resolve(), path.resolve(strict=True)
        places = [root]
        if root.parent.name == "snapshots" and root.parents[1].name.startswith("models--"):
            places += [root.parents[1] / "blobs", root.parents[2] / "blobs"]
        if not any(target.is_relative_to(place) for place in places):
            raise DataError("leads out of the folder of the encoder, put a copy there", path)
        return strict_json.read_file(target, limit)
    except MemoryError:
        raise DataError("cannot be read (too large for the memory)", path) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"cannot be read ({one_line(error)})", path) from None
