"""Arrays of float32 numbers from ``.npy`` files."""

from __future__ import annotations

from os import PathLike

import numpy as np

from treernn.errors import DataError, MissingDataError


def read_array(path: str | PathLike[str]) -> np.ndarray:
    """Read a ``.npy`` file as float32; pickled objects are refused.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is damaged, or contains anything but finite numbers.
    """
    try:
        with open(path, "rb") as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
    except FileNotFoundError:
        raise MissingDataError(f"{path}: no such file") from None
    except (OSError, ValueError, EOFError, MemoryError) as error:
        problem = " ".join(str(error).split())
        raise DataError(f"not a .npy file of numbers, or damaged ({problem})", path) from None
    return as_floats(array, "the array", path)


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
        raise DataError(f"{name} contains {array.dtype}, expected numbers", path)
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    if len(wrong := np.argwhere(~np.isfinite(array))):
        place = wrong[0].tolist()
        raise DataError(f"{name} contains a number that is not a finite float32, at {place}", path)
    return array
