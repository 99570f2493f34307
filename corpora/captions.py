"""Images with captions, in the JSON format of COCO Captions (Chen et al. 2015), as feature vectors.

The file has a list ``images`` with an ``id`` and usually a ``file_name`` each, and a list
``annotations`` with an ``image_id`` and a ``caption`` each; an image may have several captions.
https://cocodataset.org/#format-data
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from treernn.corpora.arrays import as_floats, read_matrix
from treernn.errors import DataError, one_line
from treernn.strict_json import check_regular
from treernn.tables.encoding import decode
from treernn.tables.outside import reading
from treernn.tables.source import read_bytes

_HALF = re.compile("[\ud800-\udfff]")  # half of a character, which JSON can have


@dataclass(frozen=True, eq=False)
class Captioned:
    """An image and its captions.

    Attributes:
        name: file name or id of the image.
        image: float32; ``[size]``, a feature vector, or ``[height, width]``, grey values from 0
            to 1.
        captions: at least one, untokenised.
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
        features: ``.npy``, ``[images, size]`` in the order of the JSON file's images; or
            ``.safetensors``, ``[size]`` for each image under its id or its file name.

    Raises:
        MissingDataError: one of the files does not exist.
        DataError: a file is damaged, an annotation refers to no image, an image has no caption or
            no features, or features have the wrong shape.
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
    """Read the feature vectors of images from a ``.npy`` file: float32 ``[images, size]``.

    Raises:
        MissingDataError, DataError: see ``treernn.corpora.arrays.read_matrix``.
    """
    return read_matrix(path, "images")


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
    text = decode(read_bytes(path), path)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error.msg})", path, error.lineno, error.colno) from None
    except RecursionError:
        raise DataError("not JSON of captions, it is nested too deep", path) from None
    except ValueError as error:
        raise DataError(f"not JSON of captions ({one_line(error)})", path) from None
    images: list[_Image] = []
    captions: dict[int | str, list[str]] = {}
    for index, entry in enumerate(_list(content, "images", path)):
        place = f"images[{index}]"
        key, name = _id(entry, "id", place, path), entry.get("file_name")
        if key in captions:
            raise DataError(f"{place}: a second image has the id {key}", path)
        if name is not None and (not isinstance(name, str) or _HALF.search(name)):
            raise DataError(f"{place}: file_name is {_shown(name)}, expected a string", path)
        images.append(_Image(key, name))
        captions[key] = []
    for index, entry in enumerate(_list(content, "annotations", path)):
        place = f"annotations[{index}]"
        key = _id(entry, "image_id", place, path)
        if key not in captions:
            raise DataError(f"{place}: image_id is {_shown(key)}, no image has this id", path)
        caption = entry.get("caption")
        if not isinstance(caption, str) or not caption.strip() or _HALF.search(caption):
            raise DataError(f"{place}: caption is {_shown(caption)}, expected a text", path)
        captions[key].append(caption)
    return images, captions


def _list(content: Any, name: str, path: str | PathLike[str]) -> list[Any]:
    entries = content.get(name) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise DataError(f"no list {name!r} or an empty one, expected COCO's captions", path)
    return entries


def _id(entry: Any, key: str, place: str, path: str | PathLike[str]) -> int | str:
    if not isinstance(entry, dict) or key not in entry:
        raise DataError(f"{place}: no {key!r}, expected COCO's captions", path)
    value = entry[key]
    if isinstance(value, bool) or not isinstance(value, (int, str)) or _HALF.search(str(value)):
        problem = f"{place}: {key} is {_shown(value)}"
        raise DataError(f"{problem}, expected an integer or a string", path)
    return value


def _shown(value: Any) -> str:
    return repr(value)[:60]


def _tensors(path: str | PathLike[str], images: Sequence[_Image]) -> list[np.ndarray]:
    """The features of ``images``, each under its id or its file name."""
    rows: list[np.ndarray] = []
    with reading(path):
        check_regular(path)
    with (
        reading(path, "not a safetensors file of numbers ({})"),
        safe_open(path, framework="numpy") as file,
    ):
        keys = set(file.keys())
        for image in images:
            names = [name for name in (str(image.id), image.file_name) if name in keys]
            if not names:
                or_name = f" or {_shown(image.file_name)}" if image.file_name else ""
                raise DataError(f"no features of image {_shown(image.id)}{or_name}", path)
            row, name = file.get_tensor(names[0]), _shown(names[0])
            if row.ndim != 1 or row.size == 0 or row.shape != (rows or [row])[0].shape:
                expected = f"[{len(rows[0])}] like the others" if rows else "[size]"
                raise DataError(f"{name} has shape {list(row.shape)}, expected {expected}", path)
            rows.append(as_floats(row, name, path))
    return rows
