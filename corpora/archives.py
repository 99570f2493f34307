"""Read compressed files, and the files of folders and archives.

Nothing is unpacked to disk. Sizes that an archive declares are not trusted: what is read of it is
counted, see ``treernn.tables.outside``.
"""

from __future__ import annotations

import io
import os
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import IO, Any

from treernn.errors import DataError, InputError, MissingDataError
from treernn.tables import outside
from treernn.tables.outside import Bounded, read_whole, reading
from treernn.tables.source import DAMAGED, Source, open_data, read_bytes

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks others without bounds
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@contextmanager
def open_unpacked(path: str | PathLike[str], progress: bool = False) -> Iterator[IO[bytes]]:
    """Open a plain file, a compressed file or the file of a zip archive, and decompress it.

    Args:
        path: the file; ``archive.zip/name`` is a file of an archive with several.
        progress: show a progress bar if standard error is a terminal.

    Raises:
        MissingDataError: there is no such file.
        InputError: the archive has several files, and the path names none of them.
        DataError: the file is damaged, also where this shows only while it is read.
    """
    place, member = split_member(path)
    with ExitStack() as stack:
        stack.enter_context(reading(path, DAMAGED, OSError))
        source = stack.enter_context(open_data(place))
        file, size = source.file, source.size
        position = None if source.stream else source.raw.tell
        if _is_zip(source):
            archive = stack.enter_context(_open_zip(source, place))
            info = _find(archive, member, place)
            file = stack.enter_context(_open_member(archive, info, source.size, place))
            size, position = info.file_size, None
        elif member:
            raise MissingDataError(f"{path}: no such file, {place.name} is no zip archive")
        if progress and sys.stderr.isatty():
            file = stack.enter_context(_watched(file, Path(path).name, size, position))
        yield file


def split_member(path: str | PathLike[str]) -> tuple[Path, str | None]:
    """The path of a file; for ``archive.zip/name`` the archive and the name."""
    path = Path(path)
    archive = None if os.path.exists(path) else next(filter(os.path.isfile, path.parents), None)
    return (archive, path.relative_to(archive).as_posix()) if archive else (path, None)


def has_file(path: str | PathLike[str]) -> bool:
    """Whether there is a file that ``open_unpacked`` opens; ``archive.zip/name`` is one of it."""
    place, member = split_member(path)
    if member is None:
        return os.path.isfile(place)
    try:
        with open_data(place) as source:
            if not _is_zip(source):
                return False
            with _open_zip(source, place) as archive:
                return member in archive.namelist()
    except (DataError, MissingDataError):
        return False


def read_files(path: str | PathLike[str], suffix: str) -> list[tuple[Path, bytes]]:
    """Path and content of every file whose name ends in ``suffix``, sorted by path.

    Args:
        path: a folder, or an archive: zip, or tar of any compression.
        suffix: the end of the names.

    Raises:
        MissingDataError: there is no such folder or archive.
        DataError: the archive is damaged, too large to be read at once, or has other things than
            files with such names; or there is no such file in it.
    """
    path = Path(path)
    if os.path.isdir(path):
        files = {str(file): read_bytes(file) for file in path.rglob(f"*{suffix}")}
    elif not os.path.exists(path):
        raise MissingDataError(f"{path}: no such folder or archive")
    else:
        with open_data(path) as source:
            members = _zip_files if _is_zip(source) else _tar_files
            files = {f"{path}/{name}": content for name, content in members(source, path, suffix)}
    if not files:
        raise DataError(f"contains no file *{suffix}", path)
    return sorted((Path(name), content) for name, content in files.items())


def read_member(content: bytes, name: str, path: Path) -> bytes:
    """A file of a zip archive whose bytes are ``content``; ``path`` is its own name, for errors."""
    with (
        reading(path, DAMAGED),
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        _open_member(archive, archive.getinfo(name), len(content), path) as file,
    ):
        return read_whole(file, path)


def _is_zip(source: Source) -> bool:
    return source.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))  # the second of an empty one


@contextmanager
def _open_zip(source: Source, path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; one from a pipe, which cannot be rewound, is held in memory."""
    file: Any = io.BytesIO(read_whole(source.file, path)) if source.stream else source.raw
    with reading(path, DAMAGED):
        archive = zipfile.ZipFile(file)
    with archive:
        yield archive


@contextmanager
def _open_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int, path: Path
) -> Iterator[IO[bytes]]:
    """A file of an archive of ``size`` bytes."""
    if info.flag_bits & 1:
        raise DataError(f"{info.filename!r} is encrypted, unpack it first", path)
    if info.compress_type not in _METHODS:
        problem = f"{info.filename!r} is compressed by method {info.compress_type}"
        raise DataError(f"{problem}, expected deflate; pack it again", path)
    with reading(path, DAMAGED):
        member = archive.open(info)
    with member:
        packed = min(info.compress_size, size)
        yield io.BufferedReader(Bounded(member, lambda: packed), 1 << 18)


def _find(archive: zipfile.ZipFile, member: str | None, path: Path) -> zipfile.ZipInfo:
    """The file of this name, or the only file."""
    # Not is_dir(), which fails for a file without a name.
    names = {info.filename: info for info in archive.infolist()}
    infos = {name: info for name, info in names.items() if not name.endswith("/")}
    if member is not None:
        if member not in infos:
            raise MissingDataError(f"{path}: no {member} in this archive")
        return infos[member]
    if len(infos) != 1:
        raise InputError(
            f"{path}: contains {len(infos)} files, name one of them: "
            + ", ".join(f"{path.name}/{_CONTROL.sub('?', name)}" for name in [*infos][:8])
        )
    return infos.popitem()[1]


def _zip_files(source: Source, path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files of a zip archive."""
    left = outside.MAX_WHOLE
    with _open_zip(source, path) as archive:
        for info in archive.infolist():
            if info.filename.endswith(suffix) and not info.is_dir():
                _check_name(info.filename, path)
                with _open_member(archive, info, source.size, path) as file:
                    content = read_whole(file, path, left)
                left -= len(content)
                yield info.filename, content


def _tar_files(source: Source, path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files of a tar archive."""
    from treernn.corpora.tar import tar_files

    left = outside.MAX_WHOLE
    with reading(path, "not an archive, or damaged ({})"):
        for name, file in tar_files(source.file, suffix):
            _check_name(name, path)
            if file is None:
                problem = f"{name!r} is a link or a device, expected files"
                raise DataError(f"{problem}; pack them with tar -h --hard-dereference", path)
            content = read_whole(file, path, left)
            left -= len(content)
            yield name, content


def _check_name(name: str, path: Path) -> None:
    """Names are for messages only, but those of a sound archive are inside of it, on one line."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or _CONTROL.search(name):
        raise DataError(f"has a file called {name[:80]!r}, expected names inside the archive", path)


@contextmanager
def _watched(
    file: IO[bytes], name: str, size: int, position: Callable[[], int] | None
) -> Iterator[IO[bytes]]:
    """The file with a progress bar.

    Args:
        file: the file.
        name: shown with the bar.
        size: bytes in all.
        position: returns the bytes of them that were read; default: what was read of ``file``.
    """
    from tqdm import tqdm

    class Watched(io.RawIOBase):
        count = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            count: int = file.readinto(buffer)  # type: ignore[attr-defined]
            self.count += count
            bar.update((position() if position else self.count) - bar.n)
            return count

    with tqdm(total=size, desc=name, unit="B", unit_scale=True, leave=False) as bar:
        yield io.BufferedReader(Watched(), 1 << 20)
