"""Videos for taggers: frame vectors in a ``.npy`` file, tags of the frames in a CSV file.

The vectors are an array ``[frames, size]``, computed by any image encoder. The CSV file has a
header; its column ``frame`` counts frames from 0, another column contains the tags.
"""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from treernn.corpora.arrays import read_matrix
from treernn.corpora.columns import read_columns
from treernn.errors import DataError, MissingDataError

FRAME = "frame"


class TaggedFrames(NamedTuple):
    """A video and its tags.

    Attributes:
        frames: float32 ``[frames, size]``.
        tags: one per frame.
    """

    frames: np.ndarray
    tags: tuple[str, ...]


def read_frames(path: str | PathLike[str]) -> np.ndarray:
    """Read the frame vectors of a video: float32 ``[frames, size]``.

    Raises:
        MissingDataError, DataError: see ``treernn.corpora.arrays.read_matrix``.
    """
    return read_matrix(path, "frames")


def read_frame_tags(path: str | PathLike[str], count: int, column: str = "tag") -> tuple[str, ...]:
    """Read the tags of the frames of a video.

    Args:
        path: CSV file, its rows in any order.
        count: number of frames; each must have a tag.
        column: name of the column with the tags.

    Raises:
        MissingDataError: there is no such file.
        DataError: see ``treernn.corpora.columns``; or a row has an empty tag or no frame number of
            this video; or a frame has no tag, or two.
    """
    tags: dict[int, str] = {}
    for line, (name, tag) in read_columns(path, (FRAME, column)):
        name, tag = name.strip(), tag.strip()
        if not (name.isascii() and name.isdecimal() and len(name) < 10 and int(name) < count):
            raise DataError(
                f"frame {name[:40]!r}, expected a number from 0 to {count - 1}", path, line
            )
        if int(name) in tags:
            raise DataError(f"frame {name} has two tags", path, line)
        if not tag:
            raise DataError(f"the tag of frame {name} is empty", path, line)
        tags[int(name)] = tag
    if len(tags) < count:
        missing = next(frame for frame in range(count) if frame not in tags)
        raise DataError(
            f"frame {missing} has no tag; the video has {count} frames, {len(tags)} have one", path
        )
    return tuple(tags[frame] for frame in range(count))


def read_video(
    vectors: str | PathLike[str], tags: str | PathLike[str] | None = None, column: str = "tag"
) -> TaggedFrames:
    """Read a video and its tags.

    Args:
        vectors: the ``.npy`` file.
        tags: the CSV file; default: ``vectors`` with the suffix ``.csv``.
        column: name of the column with the tags.

    Raises:
        MissingDataError, DataError: see ``read_frames`` and ``read_frame_tags``.
    """
    frames = read_frames(vectors)
    tags = Path(vectors).with_suffix(".csv") if tags is None else tags
    return TaggedFrames(frames, read_frame_tags(tags, len(frames), column))


def read_videos(folder: str | PathLike[str], column: str = "tag") -> list[TaggedFrames]:
    """Read all videos of a folder, ``NAME.npy`` with ``NAME.csv``, sorted by name.

    Raises:
        MissingDataError: there is no such folder, or a file of tags is missing.
        DataError: the folder contains no ``.npy`` file, frames differ in size, or see
            ``read_video``.
    """
    folder = Path(folder)
    if not os.path.isdir(folder):
        raise MissingDataError(f"{folder}: no such folder")
    paths = sorted(folder.glob("*.npy"))
    if not paths:
        raise DataError("contains no .npy file of frame vectors", folder)
    videos = [read_video(path, column=column) for path in paths]
    size = videos[0].frames.shape[1]
    for path, video in zip(paths, videos, strict=True):
        if video.frames.shape[1] != size:
            raise DataError(
                f"frame vectors of size {video.frames.shape[1]}, those of {paths[0].name} have "
                f"size {size}",
                path,
            )
    return videos
