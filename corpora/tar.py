"""Tar archives, read once from front to back."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO, Self

_LONGEST_HEADER = 1 << 14
"""Bytes of further fields of a file, such as a long name; Python reads some in quadratic time."""


class _Header(tarfile.TarInfo):
    """The header of a file; a damaged one is an error, where ``tarfile`` ends in silence."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(archive)
        except tarfile.HeaderError as error:
            if type(error).__name__ == "EOFHeaderError":  # the mark at the end
                raise
            raise tarfile.ReadError(str(error)) from None

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if not 0 <= header.size < (1 << 63):
            raise tarfile.ReadError("a file of negative size")
        if header.size > _LONGEST_HEADER and header.type in _FURTHER:
            raise tarfile.ReadError(f"a header of {header.size} bytes")
        return header


_FURTHER = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)


def tar_files(file: IO[bytes], suffix: str) -> Iterator[tuple[str, IO[bytes] | None]]:
    """The files of an archive that is not compressed.

    Args:
        file: the archive, which need not be seekable.
        suffix: the end of the names.

    Yields:
        Name and content of whatever is no folder; None for what is no regular file. Content can be
        read until the next one is asked for.

    Raises:
        Exception: the archive is damaged; the errors of ``tarfile`` have no common kind.
    """
    # As a stream, in which no size or link can lead backwards.
    with tarfile.open(fileobj=file, mode="r|", tarinfo=_Header) as archive:
        while member := archive.next():
            archive.members.clear()  # type: ignore[attr-defined]  # it grows with the archive
            if member.name.endswith(suffix) and not member.isdir():
                regular = member.isreg() and not member.issparse()
                yield member.name, archive.extractfile(member) if regular else None
    while file.read(1 << 20):  # the checksum of a compressed file stands at its end
        pass
