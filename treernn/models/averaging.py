"""One model from several that started from the same weights: the mean of their weights.

The mean of several trainings is usually better than each of them is on average ("model soups",
Wortsman et al. 2022a); that of a model before and after further training usually keeps most of
what it knew (WiSE-FT, Wortsman et al. 2022b).
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from treernn.encoders.adapters import average_adapters
from treernn.errors import InputError, ModelError
from treernn.models.names import CONFIG, WEIGHTS
from treernn.models.pretrained import sentiment_folder
from treernn.models.storage import (
    HEAD,
    ModelFolder,
    load_folder,
    model_kind,
    save_folder,
    weights_checksum,
)
from treernn.models.weights import pack_weights, stored_dtypes

# Of training, or fitted after it: these may differ.
_FREE = {"dropout", "recurrent_dropout", "temperature"}
# What has to be equal besides the sizes, by its name in config.json, if the kind of model has it.
_EQUAL = {
    "encoder": "encoders",
    "tags": "tags",
    "characters": "words of the source",
    "tuning": "adapters",
    "base_sha256": "sentiment models",
}
# What config.json says of a model; the rest is how it was made, which stands beside its share.
_DESCRIBES = {"model", *_EQUAL}
_A, _B = ".lora_A.", ".lora_B."


def average_models(
    models: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    shares: Sequence[float] = (),
) -> None:
    """Save the mean of the weights of several models of one kind.

    Of adapters (LoRA) the changes that they make are averaged, see ``average_adapters``. The new
    model has the sizes and words of the first one, and is stored in as many bits; a temperature is
    1. How each of them was trained is kept in config.json, beside its share.

    Args:
        models: two or more: folders, names or addresses, as for ``treernn.load``, or folders of
            another kind; with the same sizes, and words or encoder.
        out: folder of the new model; it must not have one.
        shares: of each model; they sum to 1. By default all are equal.

    Raises:
        InputError: the models do not fit each other, the shares are wrong, or ``out`` has a model
            or cannot be written.
        ModelError: a model is missing or damaged.
    """
    shares = [*shares] or [1 / len(models)] * len(models)
    if len(models) < 2:
        raise InputError("an average needs two models or more")
    if len(shares) != len(models):
        raise InputError(f"{len(models)} models need {len(models)} shares, not {len(shares)}")
    if any(share < 0 for share in shares):
        raise InputError(f"a share is {min(shares):g}, expected 0 to 1")
    if not math.isclose(sum(shares), 1, abs_tol=1e-6):
        raise InputError(f"the shares sum to {sum(shares):.6g}, expected 1")
    if os.path.lexists(Path(out, CONFIG)):
        raise InputError(f"{out}: has a model, which is not replaced; name a new folder")
    paths = [sentiment_folder(model) for model in models]
    kind = model_kind(paths[0]) or ""
    folders = [load_folder(path, kind=kind) for path in paths]
    for path, folder in zip(paths, folders, strict=True):
        if not isinstance(folder.config.get("model"), dict):
            raise ModelError(f"{path}: {CONFIG} describes no model, it has no sizes")
    first = folders[0]
    for model, folder in zip(models[1:], folders[1:], strict=True):
        for name, value in _identity(folder).items():
            if value != _identity(first)[name]:
                raise InputError(f"{model}: its {name} differ from those of {models[0]}")
    config = {name: value for name, value in first.config.items() if name in _DESCRIBES}
    if "temperature" in config["model"]:
        config["model"] = {**config["model"], "temperature": 1.0}
    known = {*_DESCRIBES, *HEAD}
    config["averaged"] = [
        {
            "share": share,
            "weights_sha256": weights_checksum(path),
            **{name: value for name, value in folder.config.items() if name not in known},
        }
        for path, folder, share in zip(paths, folders, shares, strict=True)
    ]
    weights = _average([folder.weights for folder in folders], shares)
    save_folder(
        out,
        kind=kind,
        config=config,
        vocabulary=first.vocabulary,
        weights=pack_weights(weights, stored_dtypes(paths[0] / WEIGHTS)),
    )


def trainings(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """How the weights of a model were trained: by ``config.json``, or of an average by what it says
    of each training behind it."""
    averaged = config.get("averaged")
    if not isinstance(averaged, list):
        return [config]
    return [found for each in averaged if isinstance(each, dict) for found in trainings(each)]


def _identity(folder: ModelFolder) -> dict[str, Any]:
    """What has to be equal, by its name in messages."""
    sizes = {name: value for name, value in folder.config["model"].items() if name not in _FREE}
    return {
        "sizes": sizes,
        "words": folder.vocabulary,
        **{plural: folder.config.get(name) for name, plural in _EQUAL.items()},
        "weights": {name: weight.shape for name, weight in folder.weights.items()},
    }


def _average(weights: Sequence[Mapping[str, Tensor]], shares: Sequence[float]) -> dict[str, Tensor]:
    averages: dict[str, Tensor] = {}
    for name in weights[0]:
        if _A in name:
            other = name.replace(_A, _B)
            pairs = [(each[name], each[other]) for each in weights]
            averages[name], averages[other] = average_adapters(pairs, shares)
        elif _B not in name:
            rows = torch.stack([each[name].double() for each in weights])
            mean = torch.tensordot(rows.new_tensor(shares), rows, dims=1)
            averages[name] = mean.to(weights[0][name].dtype)
    return averages
