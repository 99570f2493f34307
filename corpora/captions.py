"""Captioned images in the JSON of COCO Captions (Chen et al. 2015), given as feature vectors.

The file has a list ``images``, each with an ``id`` and mostly a ``file_name``, and a list
``annotations``, each with an ``image_id`` and a ``caption``; an image has several captions.
https://cocodataset.org/#format-data
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from treernn.errors import DataError, MissingDataError
from treernn.tables.encoding import decode, read_bytes


@dataclass(frozen=True, eq=False)
class Captioned:
    """An image and what is said of it.

    Attributes:
        name: of the image.
        image: float32; ``[size]``, the image's features, or ``[height, width]``, its grey values
            from 0 to 1.
        captions: at least one, as they are written.
    """

    name: str
    image: np.ndarray
    captions: tuple[str, ...]


def read_captions(
    annotations: str | PathLike[str], features: str | PathLike[str]
) -> list[Captioned]:
    """Read captions and the features of their images, in the order of the file's images.

    Args:
        annotations: the JSON file.
        features: ``.npy``, ``[images, size]`` in the order of the JSON's images; or
            ``.safetensors``, ``[size]`` for each image under its id or its file name.

    Raises:
        MissingDataError: one of the files is not there.
        DataError: a file is damaged, an annotation is of no image, an image has no caption or no
            features, or features are of the wrong shape.
    """
    images, captions = _annotations(annotations)
    for image in images:
        if not captions[image.id]:
            raise DataError(f"image {image.id} has no caption", annotations)
    if Path(features).suffix == ".safetensors":
        rows: Sequence[np.ndarray] = _tensors(features, images)
    else:
        rows = list(read_features(features))
        if len(rows) != len(images):
            raise DataError(
                f"{len(rows)} rows of features, expected {len(images)}, one for each image of "
                f"{annotations}",
                features,
            )
    return [
        Captioned(image.name, row, tuple(captions[image.id]))
        for image, row in zip(images, rows, strict=True)
    ]


def read_features(path: str | PathLike[str]) -> np.ndarray:
    """The feature vectors of a ``.npy`` file: ``[images, size]`` float32.

    Raises:
        MissingDataError: the file is not there.
        DataError: it is damaged, of another shape, or holds what is no finite number.
    """
    found = read_array(path)
    if found.ndim != 2 or 0 in found.shape:
        raise DataError(
            f"features of shape {list(found.shape)}, expected [images, size], none of them 0", path
        )
    return found


def read_array(path: str | PathLike[str]) -> np.ndarray:
    """The array of a ``.npy`` file, as float32; nothing in the file is run.

    Raises:
        MissingDataError: the file is not there.
        DataError: it is damaged, or holds anything but finite numbers.
    """
    try:
        with open(path, "rb") as file:
            found = np.lib.format.read_array(file, allow_pickle=False)
    except FileNotFoundError:
        raise MissingDataError(f"{path}: no such file") from None
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise DataError(f"not what numpy.save writes, or damaged ({error})", path) from None
    return _floats(found, "the array", path)


@dataclass(frozen=True)
class _Image:
    id: int | str
    file_name: str | None

    @property
    def name(self) -> str:
        return self.file_name or str(self.id)


def _annotations(
    path: str | PathLike[str],
) -> tuple[list[_Image], dict[int | str, list[str]]]:
    """The images, and the captions of each by its id."""
    try:
        content = json.loads(decode(read_bytes(path), path))
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error.msg})", path, error.lineno, error.colno) from None
    except RecursionError:
        raise DataError("not JSON of captions, it is nested too deep", path) from None
    images: list[_Image] = []
    captions: dict[int | str, list[str]] = {}
    for number, entry in enumerate(_list(content, "images", path)):
        place = f"images[{number}]"
        found, name = _id(entry, "id", place, path), entry.get("file_name")
        if found in captions:
            raise DataError(f"{place}: a second image has the id {found}", path)
        if name is not None and not isinstance(name, str):
            raise DataError(f"{place}: file_name is {name!r}, expected a text", path)
        images.append(_Image(found, name))
        captions[found] = []
    for number, entry in enumerate(_list(content, "annotations", path)):
        place = f"annotations[{number}]"
        found = _id(entry, "image_id", place, path)
        if found not in captions:
            raise DataError(f"{place}: image_id is {found!r}, no image has this id", path)
        caption = entry.get("caption")
        if not isinstance(caption, str) or not caption.strip():
            raise DataError(f"{place}: caption is {caption!r}, expected a text", path)
        captions[found].append(caption)
    return images, captions


def _list(content: Any, name: str, path: str | PathLike[str]) -> list[Any]:
    found = content.get(name) if isinstance(content, dict) else None
    if not isinstance(found, list) or not found:
        raise DataError(f"no list {name!r} with anything in it, expected COCO's captions", path)
    return found


def _id(entry: Any, key: str, place: str, path: str | PathLike[str]) -> int | str:
    if not isinstance(entry, dict) or key not in entry:
        raise DataError(f"{place}: no {key!r}, expected COCO's captions", path)
    found = entry[key]
    if isinstance(found, bool) or not isinstance(found, (int, str)):
        raise DataError(f"{place}: {key} is {found!r}, expected a whole number or a text", path)
    return found


def _tensors(path: str | PathLike[str], images: Sequence[_Image]) -> list[np.ndarray]:
    """The features of ``images``, each under its id or its file name."""
    if not Path(path).exists():
        raise MissingDataError(f"{path}: no such file")
    rows: list[np.ndarray] = []
    try:
        with safe_open(path, framework="numpy") as file:
            there = set(file.keys())
            for image in images:
                names = [name for name in (str(image.id), image.file_name) if name in there]
                if not names:
                    or_name = f" or {image.file_name}" if image.file_name else ""
                    raise DataError(f"no features of image {image.id}{or_name}", path)
                row = file.get_tensor(names[0])
                if row.ndim != 1 or row.size == 0 or row.shape != (rows or [row])[0].shape:
                    expected = f"[{len(rows[0])}] as those before" if rows else "[size]"
                    raise DataError(
                        f"{names[0]!r} has shape {list(row.shape)}, expected {expected}",
                        path,
                    )
                rows.append(_floats(row, repr(names[0]), path))
    except (SafetensorError, OSError, TypeError) as error:
        raise DataError(f"not a safetensors file of numbers ({error})", path) from None
    return rows


def _floats(values: np.ndarray, name: str, path: str | PathLike[str]) -> np.ndarray:
    if values.dtype.kind not in "fiu":
        raise DataError(f"{name} holds {values.dtype}, expected numbers", path)
    values = values.astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        raise DataError(f"{name} holds a number that is not finite", path)
    return values
