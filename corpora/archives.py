"""Read the files of a folder, a zip archive or a tar archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from treernn.errors import DataError, MissingDataError
from treernn.tables.encoding import read_bytes


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
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
            raise DataError(f"not an archive, or damaged ({error})", path) from None
        except RuntimeError as error:  # a password is needed
            raise DataError(f"cannot be unpacked ({error})", path) from None
    if not files:
        raise DataError(f"holds no file *{suffix}", path)
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
