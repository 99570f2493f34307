"""Video for taggers: frame vectors in a ``.npy`` file, the frames' tags in a CSV file.

The vectors are an array ``[frames, size]`` of numbers, from whatever looks at pictures. The CSV
file has a header line; its column ``frame`` counts frames from 0, another column holds the tags.
"""

from __future__ import annotations

import csv
import io
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from treernn.errors import DataError, MissingDataError
from treernn.tables.encoding import decode, read_bytes

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
    """Read the frame vectors of a video.

    Returns:
        float32 ``[frames, size]``, at least one frame of at least one number.

    Raises:
        MissingDataError: there is no such file.
        DataError: it is no ``.npy`` file of numbers, of another shape, or holds a number that is
            not finite.
    """
    content = io.BytesIO(read_bytes(path))
    try:
        frames = np.load(content, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"not a .npy file of numbers ({_line(error)})", path) from None
    if not isinstance(frames, np.ndarray):
        raise DataError("an archive of arrays, expected one array as numpy.save writes it", path)
    if frames.dtype.kind not in "fiub":
        raise DataError(f"holds {frames.dtype}, expected numbers", path)
    if frames.ndim != 2 or 0 in frames.shape:
        raise DataError(
            f"an array of shape {list(frames.shape)}, expected [frames, size], one row of numbers "
            "per frame",
            path,
        )
    with np.errstate(over="ignore"):
        frames = frames.astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(frames).all(1))
    if len(wrong):
        raise DataError(f"frame {wrong[0]} holds a number that is not a finite float32", path)
    return frames


def read_frame_tags(path: str | PathLike[str], count: int, column: str = "tag") -> tuple[str, ...]:
    """Read the tags of the frames of a video.

    Args:
        path: CSV file; the lines may come in any order.
        count: frames of the video; each must have its tag.
        column: the name of the column with the tag.

    Raises:
        MissingDataError: there is no such file.
        DataError: with the line, where a column is missing, a frame is no number, not of this
            video or named twice, or its tag is empty; or a frame has no tag.
    """
    rows = csv.reader(io.StringIO(decode(read_bytes(path), path), newline=""), strict=True)
    tags: dict[int, str] = {}
    header: list[str] | None = None
    try:
        for row in rows:
            line = rows.line_num
            if not row:
                continue
            if header is None:
                header = [name.strip() for name in row]
                for name in (FRAME, column):
                    if header.count(name) != 1:
                        raise DataError(
                            f"{'no' if name not in header else 'more than one'} column {name!r}, "
                            f"the header has {', '.join(header)}",
                            path,
                            line,
                        )
                continue
            if len(row) != len(header):
                raise DataError(f"{len(row)} columns, the header has {len(header)}", path, line)
            fields = dict(zip(header, row, strict=True))
            name, tag = fields[FRAME].strip(), fields[column].strip()
            if not (name.isascii() and name.isdecimal() and len(name) < 10 and int(name) < count):
                raise DataError(
                    f"frame {name!r}, expected a number from 0 to {count - 1}", path, line
                )
            if int(name) in tags:
                raise DataError(f"frame {name} comes a second time", path, line)
            if not tag:
                raise DataError(f"the tag of frame {name} is empty", path, line)
            tags[int(name)] = tag
    except csv.Error as error:
        raise DataError(f"not CSV ({error})", path, rows.line_num) from None
    if header is None:
        raise DataError(f"the file is empty, expected columns {FRAME!r} and {column!r}", path)
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
        tags: the CSV file; without it the file beside ``vectors`` that ends in ``.csv``.
        column: the name of the column with the tag.

    Raises:
        MissingDataError, DataError: as ``read_frames`` and ``read_frame_tags``.
    """
    frames = read_frames(vectors)
    beside = Path(vectors).with_suffix(".csv") if tags is None else tags
    return TaggedFrames(frames, read_frame_tags(beside, len(frames), column))


def read_videos(folder: str | PathLike[str], column: str = "tag") -> list[TaggedFrames]:
    """Read all videos of a folder, ``NAME.npy`` with ``NAME.csv`` each, in order of their names.

    Raises:
        MissingDataError: there is no such folder, or tags are missing.
        DataError: the folder holds no ``.npy`` file, frames of two videos differ in size, or as
            ``read_video``.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingDataError(f"{folder}: no such folder")
    paths = sorted(folder.glob("*.npy"))
    if not paths:
        raise DataError("holds no .npy file of frame vectors", folder)
    videos = [read_video(path, column=column) for path in paths]
    size = videos[0].frames.shape[1]
    for path, video in zip(paths, videos, strict=True):
        if video.frames.shape[1] != size:
            raise DataError(
                f"frames of {video.frames.shape[1]} numbers, those of {paths[0].name} have {size}",
                path,
            )
    return videos


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
