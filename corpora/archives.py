"""Read compressed files, and the files of folders and archives."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, cast

from treernn.errors import DataError, InputError, MissingDataError
from treernn.tables.encoding import read_bytes


@contextmanager
def open_unpacked(path: str | PathLike[str], progress: bool = False) -> Iterator[IO[bytes]]:
    """Open a plain file, a gzip file or the file of a zip archive, and decompress it.

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
        try:
            file: IO[bytes] = stack.enter_context(open(place, "rb"))
            size = file.seek(0, 2)
            file.seek(0)
            magic = file.read(4)
            file.seek(0)
        except FileNotFoundError:
            raise MissingDataError(f"{path}: no such file") from None
        except OSError as error:
            raise DataError(f"cannot be read ({error.strerror})", path) from None
        try:
            if magic == b"PK\x03\x04":
                archive = stack.enter_context(zipfile.ZipFile(file))
                name = member or _only_file(archive, place)
                if name not in archive.namelist():
                    raise MissingDataError(f"{place}: no {name} in this archive")
                size = archive.getinfo(name).file_size
                file = stack.enter_context(archive.open(name))
            elif member:
                raise MissingDataError(f"{path}: no such file, {place.name} is no zip archive")
            if progress and sys.stderr.isatty():
                from tqdm import tqdm

                bar = tqdm.wrapattr(
                    file, "read", size, desc=Path(path).name, unit="B", unit_scale=True, leave=False
                )
                file = stack.enter_context(bar)
            if magic[:2] == b"\x1f\x8b":
                file = stack.enter_context(cast(IO[bytes], gzip.GzipFile(fileobj=file)))
            yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise DataError(f"truncated or damaged ({error}), get it again", path) from None


def split_member(path: str | PathLike[str]) -> tuple[Path, str | None]:
    """The path of a file; for ``archive.zip/name`` the archive and the name."""
    path = Path(path)
    archive = None if path.exists() else next(filter(Path.is_file, path.parents), None)
    return (archive, path.relative_to(archive).as_posix()) if archive else (path, None)


def _only_file(archive: zipfile.ZipFile, path: Path) -> str:
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if len(names) != 1:
        raise InputError(
            f"{path}: contains {len(names)} files, name one of them: "
            + ", ".join(f"{path.name}/{name}" for name in names[:8])
        )
    return names[0]


def read_files(path: str | PathLike[str], suffix: str) -> list[tuple[Path, bytes]]:
    """Path and content of every file whose name ends in ``suffix``, sorted by path.

    Args:
        path: a folder, or an archive: zip, or tar of any compression.
        suffix: the end of the names.

    Raises:
        MissingDataError: there is no such folder or archive.
        DataError: the archive is damaged, or there is no such file in it.
    """
    path = Path(path)
    if path.is_dir():
        files = [(file, read_bytes(file)) for file in path.rglob(f"*{suffix}")]
    elif not path.exists():
        raise MissingDataError(f"{path}: no such folder or archive")
    else:
        try:
            members = _members(io.BytesIO(read_bytes(path)), suffix)
            files = [(path / name, content) for name, content in members]
        except (
            *(zipfile.BadZipFile, tarfile.TarError, zlib.error),
            *(EOFError, OSError, RuntimeError),  # the last where a password is needed
        ) as error:
            raise DataError(f"not an archive, or damaged ({error})", path) from None
    if not files:
        raise DataError(f"contains no file *{suffix}", path)
    return sorted(files)


def _members(file: io.BytesIO, suffix: str) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith(suffix):
                    yield name, archive.read(name)
        return
    file.seek(0)
    with tarfile.open(fileobj=file) as tar:
        for member in tar:
            if member.name.endswith(suffix) and (content := tar.extractfile(member)):
                yield member.name, content.read()
