"""Objects of object stores, ``s3://bucket/key`` and ``gs://bucket/key``, for jobs that read and
write files.

``place`` returns a ``Path``, or a ``Stored``, which has those methods of ``Path`` that jobs use. An
object is written as a whole: nobody sees it before its upload is complete. Credentials are those of
the environment, as the tools of the stores use them; the client is that of Arrow.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import io
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from treernn.errors import InputError, one_line

SCHEMES = ("s3", "gs")

BLOCK = 1 << 22
"""Bytes that are fetched at a time from an object that is read from its beginning to its end."""

_CONNECT, _RETRY = 5.0, 10.0
"""Seconds for a connection, and for all attempts of a request to ``gs://``."""

_CHECKSUMS = ("ETag", "md5Hash", "crc32c", "etag")
_DENIED = "ACCESS_DENIED|INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|INVALID_CLIENT_TOKEN_ID"
_OF_S3 = re.compile(r"AWS Error (?P<code>\w+).*?operation: (?P<words>.*?)(?: \(Request ID:.*)?$")
_OF_GS = re.compile(r"original-message=(?P<words>.*?)(?:, http_status_code=(?P<code>\d+))?\s*}")


class Status(NamedTuple):
    """What a store knows of an object, named as in ``os.stat_result``."""

    st_size: int


class Version(NamedTuple):
    """Differs where an object was written again.

    Attributes:
        size: bytes.
        etag: a checksum of the store; for ``s3://`` its ETag.
    """

    size: int
    etag: str


def is_address(path: object) -> bool:
    """Whether a name is that of an object.

    >>> is_address("s3://bucket/reviews.csv"), is_address("reviews.csv")
    (True, False)
    """
    start = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
    return start.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def without_scheme(path: str) -> str:
    """The path of a ``file://`` address; others stay as they are.

    >>> without_scheme("file:///data/a%20b.csv"), without_scheme("s3://bucket/a.csv")
    ('/data/a b.csv', 's3://bucket/a.csv')
    """
    match = re.fullmatch("file://(?:localhost)?(/.*)", path, re.DOTALL)
    if match is None:
        return path
    from urllib.request import url2pathname  # here, because it imports all of HTTP

    return url2pathname(match[1])


def place(path: str | os.PathLike[str]) -> Place:
    """The place that a name stands for.

    Raises:
        InputError: the address of an object has no bucket, or a part ``..``.
    """
    if not is_address(path):
        return Path(path)
    scheme, _, key = os.fspath(path).partition("://")
    parts = key.removesuffix("/").split("/")
    if not all(parts) or not {".", ".."}.isdisjoint(parts):
        raise InputError(f"{path}: no address of an object, expected {scheme}://bucket/key")
    return Stored(scheme, "/".join(parts))


@dataclass(frozen=True, slots=True)
class Stored:
    """An object, or a folder of them: all whose keys begin so.

    What cannot be done raises ``OSError`` with one line; a missing object ``FileNotFoundError``.

    Attributes:
        scheme: of ``SCHEMES``.
        key: the bucket and the key, without a slash at the end.
    """

    scheme: str
    key: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.key}"

    def __fspath__(self) -> str:
        return str(self)

    def __truediv__(self, name: str | os.PathLike[str]) -> Stored:
        return Stored(self.scheme, f"{self.key}/{os.fspath(name)}")

    @property
    def name(self) -> str:
        """As of ``Path``."""
        return self.key.rpartition("/")[2]

    def with_name(self, name: str) -> Stored:
        """As of ``Path``."""
        return Stored(self.scheme, self.key[: len(self.key) - len(self.name)] + name)

    def absolute(self) -> Stored:
        """As of ``Path``."""
        return self

    def stat(self) -> Status:
        """The size of an object."""
        info = self._info()
        if not info.is_file:
            raise FileNotFoundError(2, "no such object")
        return Status(info.size)

    def version(self) -> Version:
        """What tells an object from what else is written under its name."""
        with self._told(), self._filesystem().open_input_stream(self.key) as stream:
            known = {
                name.decode() if isinstance(name, bytes) else name: value
                for name, value in stream.metadata().items()
            }
            etag = next((known[name] for name in _CHECKSUMS if name in known), b"")
            etag = etag.decode() if isinstance(etag, bytes) else str(etag)
        return Version(self.stat().st_size, etag.strip('"'))

    def exists(self) -> bool:
        """Whether there is an object, or a folder of them."""
        info = self._info()
        return info.is_file or self._is_folder(info)

    def is_file(self) -> bool:
        """Whether there is an object."""
        return bool(self._info().is_file)

    def is_dir(self) -> bool:
        """Whether there is a folder of objects; a bucket is one."""
        return self._is_folder(self._info())

    def iterdir(self) -> Iterator[Stored]:
        """The objects of a folder, not those of folders in it; none if there is no folder."""
        return (each for each, _ in self.walk(recursive=False))

    def walk(self, recursive: bool = True) -> Iterator[tuple[Stored, int]]:
        """The objects of a folder and of those in it, with their sizes."""
        from pyarrow.fs import FileSelector

        with self._told():
            found = self._filesystem().get_file_info(
                FileSelector(self.key, recursive=recursive, allow_not_found="/" in self.key)
            )
        return ((Stored(self.scheme, each.path), each.size) for each in found if each.is_file)

    def open(self) -> StoredFile:
        """Open an object to read it from its beginning to its end."""
        size = self.stat().st_size
        with self._told():
            stream = self._filesystem().open_input_stream(self.key, buffer_size=BLOCK)
        return StoredFile(self, stream, size)

    def open_anywhere(self) -> Any:
        """Open an object to read ranges of it, for Arrow."""
        with self._told():
            return self._filesystem().open_input_file(self.key)

    def read_bytes(self, limit: int = -1) -> bytes:
        """The content, or its first bytes."""
        with self.open() as file, io.BufferedReader(file, 1 << 16) as buffered:
            return buffered.read(limit)

    def upload(self, path: Path) -> None:
        """Write an object from a file. A kill at any moment leaves no part of it."""
        from pyarrow.fs import LocalFileSystem, copy_files

        # One call: of a stream that is closed by an exception Arrow would keep what it has.
        local: dict[str, Any] = {"source_filesystem": LocalFileSystem()}
        with self._told():
            copy_files(str(path), self.key, destination_filesystem=self._filesystem(), **local)

    def download(self, path: Path) -> None:
        """Write the content to a file."""
        from pyarrow.fs import LocalFileSystem, copy_files

        local: dict[str, Any] = {"destination_filesystem": LocalFileSystem()}
        with self._told():
            copy_files(self.key, str(path), source_filesystem=self._filesystem(), **local)

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove an object."""
        with self._told():
            try:
                self._filesystem().delete_file(self.key)
            except FileNotFoundError:
                if not missing_ok:
                    raise

    def _info(self) -> Any:
        with self._told():
            return self._filesystem().get_file_info(self.key)

    def _is_folder(self, info: Any) -> bool:
        from pyarrow.fs import FileType

        return bool(info.type == FileType.Directory)

    def _filesystem(self) -> Any:
        return _filesystem(self.scheme, self.key.partition("/")[0])

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what Arrow raises into an ``OSError`` of one line."""
        try:
            yield
        except FileNotFoundError:
            raise FileNotFoundError(2, "no such object or bucket") from None
        except Exception as error:  # those of Arrow have no common kind
            raise OSError(_line(error)) from None


Place: TypeAlias = Path | Stored


class StoredFile(io.RawIOBase):
    """The bytes of an object.

    Args:
        stored: the object.
        stream: of Arrow.
        size: bytes.
    """

    def __init__(self, stored: Stored, stream: Any, size: int) -> None:
        self._stored, self._stream, self.size, self._count = stored, stream, size, 0

    def readable(self) -> bool:
        """As ``io`` asks for it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As ``io`` asks for it."""
        with self._stored._told():
            block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        self._count += len(block)
        return len(block)

    def tell(self) -> int:
        """How many bytes were read."""
        return self._count

    def close(self) -> None:
        """As ``io`` asks for it."""
        if not self.closed:
            self._stream.close()
        super().close()


@contextlib.contextmanager
def on_disk(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A file of this machine with the content of a place, for libraries that need one."""
    where = place(path)
    if isinstance(where, Path):
        yield where
        return
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder, "content")
        where.download(local)
        yield local


@functools.cache
def _filesystem(scheme: str, bucket: str) -> Any:
    """The client of a bucket."""
    from pyarrow import fs

    if scheme == "gs":
        emulator = os.environ.get("STORAGE_EMULATOR_HOST", "")
        options: dict[str, Any] = {}
        if emulator:
            protocol, _, host = emulator.rpartition("://")
            options = {"endpoint_override": host, "scheme": protocol or "http", "anonymous": True}
        patience = datetime.timedelta(seconds=_RETRY)
        return fs.GcsFileSystem(retry_time_limit=patience, **options)
    environment = os.environ.get
    endpoint = environment("AWS_ENDPOINT_URL_S3") or environment("AWS_ENDPOINT_URL")
    region = environment("AWS_REGION") or environment("AWS_DEFAULT_REGION")
    if not region and not endpoint:
        region = fs.resolve_s3_region(bucket)
    return fs.S3FileSystem(
        endpoint_override=endpoint, region=region or None, connect_timeout=_CONNECT
    )


def _line(error: Exception) -> str:
    """What went wrong, without the words around it that Arrow and the clients add."""
    said = " ".join(str(error).split())
    if "ExpiredToken" in said:
        return "access denied: the credentials have expired, get new ones"
    if "Could not create a OAuth2 access token" in said or "default credentials" in said.lower():
        return "no credentials (see GOOGLE_APPLICATION_CREDENTIALS), or no network"
    if found := _OF_S3.search(said):
        if re.fullmatch(_DENIED, found["code"]):
            return f"access denied: {found['code']}, see AWS_ACCESS_KEY_ID and AWS_PROFILE"
        return found["words"].rpartition("Details: ")[2]
    if found := _OF_GS.search(said):
        if found["code"] in ("401", "403"):
            return "access denied, see GOOGLE_APPLICATION_CREDENTIALS"
        return found["words"]
    return one_line(error)
