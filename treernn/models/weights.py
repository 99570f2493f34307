"""The weights in a file, stored in fewer bits than they are computed with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from treernn.errors import DataError, one_line
from treernn.finite import check_finite
from treernn.strict_json import check_regular

STORAGE_DTYPES = ("float32", "float16", "int8")

_FLOATS = (torch.float32, torch.float16)


def pack_weights(weights: Mapping[str, Tensor], dtypes: Mapping[str, str]) -> dict[str, Tensor]:
    """Convert weights to the types in which they are stored; ``read_weights`` converts them back.

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


def stored_dtypes(path: Path) -> dict[str, str]:
    """The types in which ``pack_weights`` stored the weights of a file, by name: another
    ``pack_weights`` stores new ones in the same way."""
    names = {"F16": "float16", "I8": "int8"}
    with safe_open(path, "pt") as file:
        return {key: names.get(file.get_slice(key).get_dtype(), "float32") for key in file.keys()}  # noqa: SIM118


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a file of ``pack_weights``, as float32.

    Raises:
        DataError: it is damaged, or has weights of another type or that are not finite.
        FileNotFoundError: there is no such file.
    """
    try:
        check_regular(path)
        packed = load_file(path)
    except FileNotFoundError:
        raise
    except (SafetensorError, OSError) as error:
        raise DataError(f"damaged, cannot be read ({one_line(error)})", path) from None
    weights = dict(packed)
    for name, tensor in packed.items():
        if tensor.dtype != torch.int8:
            continue
        scale = weights.pop(_scale(name), None)
        fits = (
            scale is not None and scale.dtype in _FLOATS and scale.shape == (*tensor.shape[:1], 1)
        )
        if scale is None or not fits or tensor.dim() != 2:
            raise DataError(f"weights do not fit: {_scale(name)} is missing or wrong", path)
        check_finite(_scale(name), scale.float(), path)
        weights[name] = tensor.float() * scale.float()
    for name, tensor in weights.items():
        if packed[name].dtype == torch.int8:
            continue  # finite, since its scale is
        if tensor.dtype not in _FLOATS:
            dtype = str(tensor.dtype).removeprefix("torch.")
            raise DataError(f"{name} is {dtype}, expected {' or '.join(STORAGE_DTYPES)}", path)
        weights[name] = tensor.float()
        check_finite(name, weights[name], path)
    return weights


def _scale(name: str) -> str:
    return name.removesuffix("weight") + "scale"
