"""Arrays of float32 numbers from ``.npy`` files."""

from __future__ import annotations

import math
from os import PathLike
from typing import Any

import numpy as np

from treernn.errors import DataError
from treernn.tables.outside import read_whole, reading
from treernn.tables.source import open_data

_HEADERS: dict[tuple[int, int], Any] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
"""Versions of the format; the one other is for names of fields."""

_LARGEST = 1 << 48


def read_array(path: str | PathLike[str]) -> np.ndarray:
    """Read a ``.npy`` file as float32; pickled objects are refused.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is damaged, or contains anything but finite numbers.
    """
    with open_data(path) as source, reading(path, "not a .npy file of numbers, or damaged ({})"):
        version = np.lib.format.read_magic(source.file)
        if version not in _HEADERS:
            raise ValueError(f"version {version}")
        shape, by_columns, dtype = _HEADERS[version](source.file)
        if dtype.hasobject:
            raise ValueError("it has pickled objects, which could run code")
        if not all(type(size) is int and 0 <= size < _LARGEST for size in shape):
            raise ValueError(f"the shape {shape}")
        content = read_whole(source.file, path)
        # Not by numpy, which takes the memory for a shape before it reads.
        if len(content) != (expected := math.prod(shape) * dtype.itemsize):
            raise ValueError(f"{len(content)} bytes, expected {expected} for {list(shape)} {dtype}")
        array = np.frombuffer(content, dtype).reshape(shape, order="F" if by_columns else "C")
    array = as_floats(array, "the array", path)
    return array if array.flags.writeable else array.copy()


def read_matrix(path: str | PathLike[str], rows: str) -> np.ndarray:
    """Read a ``.npy`` file of vectors.

    Args:
        path: the file.
        rows: what the rows are, for errors.

    Returns:
        float32 ``[rows, size]``, both at least 1.

    Raises:
        MissingDataError: there is no such file.
        DataError: see ``read_array``; or the array has another shape.
    """
    array = read_array(path)
    if array.ndim != 2 or 0 in array.shape:
        raise DataError(
            f"an array of shape {list(array.shape)}, expected [{rows}, size] without zeros", path
        )
    return array


def as_floats(array: np.ndarray, name: str, path: str | PathLike[str]) -> np.ndarray:
    """Convert numbers of any type to float32.

    Args:
        array: the numbers.
        name: of the array, for errors.
        path: the file, for errors.

    Raises:
        DataError: they are not numbers, or not finite as float32.
    """
    if array.dtype.kind not in "fiub":
        raise DataError(f"{name} contains {str(array.dtype)[:80]}, expected numbers", path)
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    if len(wrong := np.argwhere(~np.isfinite(array))):
        place = wrong[0].tolist()
        raise DataError(f"{name} contains a number that is not a finite float32, at {place}", path)
    return array
