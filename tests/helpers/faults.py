"""Faults of files and archives, made by code from a sound file."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator

import pyarrow as pa

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda content: gzip.compress(content, 1, mtime=0),
    "bz2": lambda content: bz2.compress(content, 1),
    "xz": lambda content: lzma.compress(content, preset=0),
    "zst": lambda content: pa.compress(content, "zstd", asbytes=True),
}

DEFLATED, STORED = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED


def byte_faults(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Damage that any file can have."""
    yield "empty", b""
    yield "one byte", content[:1]
    for part in (0.1, 0.5, 0.9):
        yield f"cut at {part}", content[: int(len(content) * part)]
    yield "without the last byte", content[:-1]
    rng = random.Random(1)
    for place in rng.sample(range(len(content)), min(12, len(content))):
        damaged = bytearray(content)
        damaged[place] ^= 1 << rng.randrange(8)
        yield f"a bit of byte {place}", bytes(damaged)
    for number in range(3):
        yield f"random {number}", rng.randbytes(200)
    yield "twice", content * 2
    yield "rubbish after it", content + b"\xff\x00rubbish"
    yield "NUL bytes", bytes(100)
    yield "a tear", content[: len(content) // 2] + bytes(64) + content[len(content) // 2 + 64 :]


def text_faults(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Texts that are not what they should be."""
    text = content.decode()
    yield "byte order mark", b"\xef\xbb\xbf" + content
    yield "UTF-16", text.encode("utf-16")
    yield "UTF-16 without a mark, cut", text.encode("utf-16-le")[:-1]
    yield "UTF-32", text.encode("utf-32")
    yield "Latin-1", content + "é".encode("latin-1")
    yield "lone surrogates", content.replace(b"o", b"\xed\xa0\x80")
    yield "escaped surrogates", content.replace(b"o", b"\\ud800")
    yield "NULs", content.replace(b" ", b"\0")
    yield "returns", content.replace(b"\n", b"\r")
    yield "returns and line feeds", content.replace(b"\n", b"\r\n")
    yield "no line ends", content.replace(b"\n", b" ")
    yield "line separators", content.replace(b" ", "\u2028".encode())
    yield "a long line", content + b"x" * 3_000_000
    yield "a long line of numbers", b"x" + b" 1" * 1_000_000
    yield "a long line of blanks", content + b" " * 1_000_000 + b"\xef\xbb\xbf \xef\xbb\xbf"
    yield "5,000 digits", content.replace(b"1", b"1" * 5000)
    yield "5,000 digits first", b"1" * 5000 + b" " + content
    yield "huge numbers", content.replace(b"1", b"1e30")
    yield "no numbers", content.replace(b"1", b"nan").replace(b"2", b"-inf")
    yield "negative numbers", content.replace(b"1", b"-1")
    yield "deep brackets", b"(" * 30_000 + content
    yield "deep brackets of JSON", b"[" * 30_000 + content
    yield "deep objects of JSON", b'{"a":' * 30_000
    yield "terminal escapes", content.replace(b"o", b"\x1b[31m")


def compressed_faults(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each compression, damaged."""
    for name, compress in COMPRESSIONS.items():
        packed = compress(content)
        for fault, damaged in byte_faults(packed):
            if fault not in ("empty", "one byte", "NUL bytes") and "random" not in fault:
                yield f"{name}, {fault}", damaged
        yield f"{name} of nothing", compress(b"")
        yield f"{name} header alone", packed[:8]
        yield f"{name} in {name}", compress(packed)
    yield "gzip with zeros after it", COMPRESSIONS["gz"](content) + bytes(100)


def zip_file(*members: tuple[str, bytes], method: int = DEFLATED) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # of two members with one name
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def zip_faults(members: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Faults of zip archives with these members."""
    whole = zip_file(*members)
    stored = zip_file(*members, method=STORED)
    yield from ((f"zip, {fault}", damaged) for fault, damaged in byte_faults(whole))
    yield from ((f"stored zip, {fault}", damaged) for fault, damaged in byte_faults(stored))
    name, content = members[0]
    yield "zip of nothing", zip_file()
    yield "zip of another file", zip_file(("other", b"x"))
    yield "zip of an empty file", zip_file((name, b""), *members[1:])
    yield "zip of a folder", zip_file((name + "/", b""))
    yield "zip, one name twice", zip_file(members[0], *members)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield f"zip, method {method}", zip_file(*members, method=method)
    yield "zip in zip", zip_file((name, whole))
    for odd in ("../../up", "/etc", "a\nb", "\x1b[31m", "..\\up", "C:/up", "x" * 5000, "é"):
        for folder in ("", "/"):
            yield f"zip, member {odd[:9]!r}{folder}", zip_file((f"{odd}{folder}{name}", content))
    # Places in a local header; in a central one they are two bytes further.
    for fault, place, value in (
        ("encrypted", 6, b"\x01\x00"),
        ("strongly encrypted", 6, b"\x41\x00"),
        ("patched data", 6, b"\x20\x00"),
        *((f"method {method}", 8, bytes((method, 0))) for method in (1, 6, 9, 19, 98, 99)),
        ("another checksum", 14, b"\1\2\3\4"),
        ("another packed size", 18, b"\xff\xff\xff\x7f"),
        ("a smaller packed size", 18, b"\1\0\0\0"),
        ("another size", 22, b"\xff\xff\xff\x7f"),
        ("a smaller size", 22, b"\1\0\0\0"),
        ("a long name", 26, b"\xff\xff"),
    ):
        central = whole.index(b"PK\1\2")
        both = bytearray(whole)
        both[place : place + len(value)] = value
        there = central + place + 2
        only = bytearray(whole)
        for damaged in (both, only):
            damaged[there : there + len(value)] = value
        yield f"zip, {fault}", bytes(both)
        yield f"zip, {fault} in its list", bytes(only)
    end = whole.index(b"PK\5\6")
    for fault, place, value in (
        ("another number of files", 10, b"\xff\x7f"),
        ("a long list", 12, b"\xff\xff\xff\x7f"),
        ("a list elsewhere", 16, b"\xff\xff\xff\x7f"),
        ("a list of 64 bits", 16, b"\xff\xff\xff\xff"),
    ):
        damaged = bytearray(whole)
        damaged[end + place : end + place + len(value)] = value
        yield f"zip, {fault}", bytes(damaged)


def tar_file(*members: tuple[str, bytes], edit=None, format: int = tarfile.GNU_FORMAT) -> bytes:
    """An archive; ``edit`` changes the header of the first member."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for number, (name, content) in enumerate(members):
            header = tarfile.TarInfo(name)
            header.size = len(content)
            if edit is not None and number == 0:
                edit(header)
            archive.addfile(header, io.BytesIO(content))
    return file.getvalue()


def tar_faults(members: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Faults of tar archives with these members."""
    whole = tar_file(*members)
    yield from ((f"tar, {fault}", damaged) for fault, damaged in byte_faults(whole))
    for name, compress in COMPRESSIONS.items():
        packed = compress(whole)
        yield from ((f"tar.{name}, {fault}", damaged) for fault, damaged in byte_faults(packed))
    name, content = members[0]

    def changed(**values):
        def edit(header):
            for key, value in values.items():
                setattr(header, key, value)

        return tar_file(*members, edit=edit)

    yield "tar of nothing", tar_file()
    yield "tar of another file", tar_file(("other", b"x"))
    yield "tar, one name twice", tar_file(members[0], *members)
    yield "tar of folders", tar_file(*members, format=tarfile.PAX_FORMAT)
    for odd in ("../../up", "/etc", "a\nb", "\x1b[31m", "x" * 5000, "é", "\udcff", "x" * 40_000):
        for format in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            file = tar_file((f"{odd}/{name}", content), *members[1:], format=format)
            yield f"tar, member {odd[:9]!r} in format {format}", file
    for kind in (tarfile.LNKTYPE, tarfile.SYMTYPE):
        for target in ("nowhere", name, "../../../etc/passwd", "/etc/passwd", ""):
            yield (
                f"tar, link {kind!r} to {target!r}",
                changed(type=kind, linkname=target, size=0),
            )
    for kind in b"34567DKLMNSVXgxz":
        yield f"tar, type {chr(kind)!r}", changed(type=bytes((kind,)))
    for fault, place, value in (
        ("negative size", 124, b"\xff" * 12),
        ("huge size", 124, b"77777777777\0"),
        ("size of 96 bits", 124, b"\x80" + b"\xff" * 11),
        ("size of letters", 124, b"abcdefghijk\0"),
        ("size without end", 124, b"9" * 12),
        ("negative time", 136, b"\xff" * 12),
    ):
        damaged = bytearray(whole)
        damaged[place : place + len(value)] = value
        damaged[148:156] = b" " * 8
        damaged[148:156] = b"%06o\0 " % sum(damaged[:512])
        yield f"tar, {fault}", bytes(damaged)
    for key, value in (
        ("path", "../up.txt"),
        ("size", "1" * 5000),
        ("size", "-1"),
        ("size", "nan"),
        ("GNU.sparse.map", "0,1e9"),
        ("GNU.sparse.size", "9" * 5000),
        ("GNU.sparse.major", "1"),
        ("hdrcharset", "x"),
        ("comment", "1" * 12_000),
        ("comment", "1" * 60_000),
    ):
        yield f"tar, field {key} {value[:5]}", _with_field(members, key, value)
    deep = b"".join(tar_file((name, content), edit=_long_name)[:1024] for _ in range(2000))
    yield "tar, a chain of long names", deep + whole
    yield "tar without an end", whole[: -whole[::-1].index(content[::-1]) // 512 * 512] or whole


def _long_name(header):
    header.type = tarfile.GNUTYPE_LONGNAME
    header.size = 0


def _with_field(members: list[tuple[str, bytes]], key: str, value: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size, header.pax_headers = len(content), {key: value}
            archive.addfile(header, io.BytesIO(content))
    return file.getvalue()
